#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "pictures/image.hpp"
#include "pictures/plot_axis.hpp"
#include "results/records.hpp"

namespace varia::pictures {

/// What several scatter plots share, so that they can be compared or be frames of an animation:
/// what the axes span, the colours of the labels and the names of the classes.
class ScatterScale {
 public:
  /// @param plot points that are not finite are left out; a negative label means that there is none
  /// @throws Error if the sizes do not match
  void add(const results::Points& plot);

  bool empty() const { return lowest_x_ > highest_x_; }
  double lowest_x() const { return lowest_x_; }
  double highest_x() const { return highest_x_; }
  double lowest_y() const { return lowest_y_; }
  double highest_y() const { return highest_y_; }
  /// Every label there is, ascending.
  const std::vector<std::int64_t>& labels() const { return labels_; }
  const results::ClassNames& classes() const { return classes_; }

 private:
  double lowest_x_ = 1, highest_x_ = 0, lowest_y_ = 1, highest_y_ = 0;
  std::vector<std::int64_t> labels_;
  results::ClassNames classes_;
};

/// Pixels.
inline constexpr std::int64_t kPlotWidth = 640;
inline constexpr std::int64_t kPlotHeight = 480;

/// A scatter plot of kPlotWidth by kPlotHeight pixels: axes with ticks, a colour for each label, a
/// legend if there are labels, title and subtitle. Labels 0 to 9 have the same colour in every
/// plot.
/// @param scale to which these points were added
Image scatter_plot(const results::Points& plot, const ScatterScale& scale, const std::string& title,
                   const std::string& subtitle);

/// Text for GD's fonts: at most `longest` bytes, a question mark for every character that is not
/// printable ASCII.
std::string plain_text(const std::string& text, std::size_t longest);
/// The same, ending in "..." if the text is longer.
std::string shortened(const std::string& text, std::size_t longest);

}  // namespace varia::pictures
