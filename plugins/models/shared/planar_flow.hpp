#pragma once

#include <string>
#include <utility>
#include <vector>

#include "varia/distributions.hpp"

namespace varia::models {

/// A diagonal Gaussian moved by planar maps z + u tanh(w z + b), each with parameters of its own
/// for every image.
/// @see Rezende & Mohamed 2015, equations 10 to 13
class PlanarFlow final : public Distribution {
 public:
  static constexpr std::string_view kFamily = "planar_flow";
  /// Numbers that one map over D dimensions takes: w, u and b.
  static std::int64_t parameter_count(std::int64_t dimensions) { return 2 * dimensions + 1; }

  /// @param base [K|1, B, D]
  /// @param maps each [K|1, B, 2 D + 1]: w, u and b, side by side. u is moved along w as far as the
  ///             map needs to be invertible (appendix A.1).
  PlanarFlow(Normal base, const std::vector<Tensor>& maps);

  std::string_view family() const override { return kFamily; }
  /// With ln q of the draw.
  Sample rsample(Draw& draw) const override;
  /// Of the Gaussian, and w, u and b of every map, numbered: "w0", "u0", "b0".
  std::vector<std::pair<std::string, Tensor>> parameters() const override;
  /// By undoing the maps one by one, each a root of one unknown: [K, B, 1].
  Tensor log_density(const Tensor& value) const override;

 private:
  struct Map {
    Tensor w, u, b;  ///< [K|1, B, D], [K|1, B, D], [K|1, B, 1]
    Tensor along;    ///< w u, [K|1, B, 1], above -1
  };
  Normal base_;
  std::vector<Map> maps_;
};

}  // namespace varia::models
