#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "pictures/image.hpp"
#include "pictures/plot_axis.hpp"

namespace varia::pictures {

/// What several scatter plots share, so that they can be compared or be frames of an animation:
/// what the axes span, and the colours of the labels.
class ScatterScale {
 public:
  /// @param xy     [n, 2]; points that are not finite are left out
  /// @param labels [n]; a negative one means that there is none
  /// @throws Error if the sizes do not match
  void add(const std::vector<float>& xy, const std::vector<std::int64_t>& labels);

  bool empty() const { return lowest_x_ > highest_x_; }
  double lowest_x() const { return lowest_x_; }
  double highest_x() const { return highest_x_; }
  double lowest_y() const { return lowest_y_; }
  double highest_y() const { return highest_y_; }
  /// Every label there is, ascending.
  const std::vector<std::int64_t>& labels() const { return labels_; }

 private:
  double lowest_x_ = 1, highest_x_ = 0, lowest_y_ = 1, highest_y_ = 0;
  std::vector<std::int64_t> labels_;
};

/// Pixels.
inline constexpr std::int64_t kPlotWidth = 640;
inline constexpr std::int64_t kPlotHeight = 480;

/// A scatter plot of kPlotWidth by kPlotHeight pixels: axes with ticks, a colour for each label, a
/// legend if there are labels, title and subtitle. Labels 0 to 9 have the same colour in every
/// plot. The legend has the names of classes that the title tells: "0 cat, 1 dog".
/// @param xy     [n, 2] @param labels [n]
/// @param scale  to which these points were added
/// @param axes   what goes across and up
Image scatter_plot(const std::vector<float>& xy, const std::vector<std::int64_t>& labels,
                   const ScatterScale& scale, const std::string& title, const std::string& subtitle,
                   const std::array<std::string, 2>& axes = {});

/// Text for GD's fonts: at most `longest` bytes, a question mark for every character that is not
/// printable ASCII.
std::string plain_text(const std::string& text, std::size_t longest);

}  // namespace varia::pictures
