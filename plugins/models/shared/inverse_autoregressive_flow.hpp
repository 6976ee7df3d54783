#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "varia/autoregressive_network.hpp"
#include "varia/distributions.hpp"

namespace varia::models {

/// A diagonal Gaussian moved by steps z g + (1 - g) m, whose gates g and shifts m for a dimension
/// follow from the dimensions before it and from a context of the image. The order of the
/// dimensions is reversed between two steps. Drawing takes one pass through each network, the
/// density of a point that was not drawn one for each dimension.
/// @see Kingma et al. 2016, algorithm 1
class InverseAutoregressiveFlow final : public Distribution {
 public:
  static constexpr std::string_view kFamily = "inverse_autoregressive_flow";
  using Networks = std::vector<std::shared_ptr<const AutoregressiveNetwork>>;

  /// @param base    [1, B, D]
  /// @param context [1, B, C]
  /// @param steps   networks of D dimensions, two outputs and the context C
  InverseAutoregressiveFlow(Normal base, Tensor context, Networks steps);

  std::string_view family() const override { return kFamily; }
  /// With ln q of the draw.
  Sample rsample(Draw& draw) const override;
  /// Of the Gaussian, and the context. The networks are the model's.
  std::vector<std::pair<std::string, Tensor>> parameters() const override;
  /// By undoing the steps: [K, B, 1].
  Tensor log_density(const Tensor& value) const override;

 private:
  /// What a step does to points z [K, B, D].
  struct Step {
    Tensor shift;     ///< (1 - g) m
    Tensor gate;      ///< g
    Tensor log_gate;  ///< its logarithm
  };
  Step step_at(const AutoregressiveNetwork& network, const Tensor& points) const;

  Normal base_;
  Tensor context_;
  Networks steps_;
};

}  // namespace varia::models
