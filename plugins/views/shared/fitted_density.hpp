#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "code_space.hpp"
#include "varia/density.hpp"
#include "varia/metric.hpp"

namespace varia::views {

/// What the views of a density take besides the density itself.
struct DensityViewParams : CodeParams {
  Choice space{this,
               "space",
               "codes",
               {"codes", "data"},
               "Whether the density is fitted to codes of images, or to the data itself."};
  Choice split{this, "split", "train", {"train", "test"}, "Where the images come from."};
  Integer count{this, "count", 10'000, {2, 10'000'000}, "Images: the first of the split."};
  Boolean sampled{this, "sampled", false, "A draw of each code instead of its mean."};
  Real from{this, "from", kUnset, {-1e9, 1e9}, "Where the axes start; unset: below the points."};
  Real to{this, "to", kUnset, {-1e9, 1e9}, "Where the axes end; unset: above the points."};

 protected:
  bool in_force(const Parameter& parameter) const override;
  void check() const override;
};

/// Checks that the data or the code has the dimensions that a view shows.
/// @param chosen     dimensions of the code
/// @param parameter  that names them
/// @throws ConfigError if a code has not all of them, or the data not so many dimensions.
void require_points(const DensityViewParams& params, const Build& build,
                    const std::vector<std::int64_t>& chosen, const Parameter& parameter,
                    const std::string& view);

/// The points that the density is fitted to.
/// @param chosen dimensions of the code; of the data, all
/// @returns      [n, D] float64 on the CPU
Tensor points_of(const DensityViewParams& params, const Evaluation& evaluation,
                 const std::vector<std::int64_t>& chosen);

/// Both ends of the axes: as given, else a tenth of their range beyond the points.
struct Axis {
  double from = 0;
  double to = 1;
  double step(std::int64_t places) const { return (to - from) / static_cast<double>(places); }
  /// Middles of so many equal parts, [places] float64.
  Tensor places(std::int64_t places) const;
  /// "-5 to 10"
  std::string text() const;
};
Axis axis_of(const DensityViewParams& params, const Tensor& points);

/// A number to four digits.
std::string short_text(double number);

}  // namespace varia::views
