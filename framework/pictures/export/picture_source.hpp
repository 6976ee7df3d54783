#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pictures/export/drawing.hpp"
#include "results/merged/results.hpp"

namespace varia::pictures {

/// What a title says besides the picture's own.
enum class Heading { none, epoch, trial };

/// What one trial has of one view: pictures, or scatter plots. Pixels are read when they are drawn.
class PictureSource {
 public:
  virtual ~PictureSource() = default;

  /// The epoch of each picture, in the file's order.
  const std::vector<std::int64_t>& epochs() const { return epochs_; }

  /// Draws some of the pictures; valid as long as the source and the results are.
  /// @param pictures    by number
  /// @param scale       enlarges the pixels of pictures; scatter plots keep their size
  /// @param heading     is written above each picture; scatter plots say both in any case
  /// @throws Error where they would be too large
  virtual Drawing draw(const std::vector<std::size_t>& pictures, std::int64_t scale,
                       Heading heading) const = 0;

 protected:
  std::vector<std::int64_t> epochs_;
};

/// The pictures of a view.
/// @param trial_name the trial as a heading names it
/// @throws StoreError
std::unique_ptr<PictureSource> view_source(const results::Results& results, const std::string& view,
                                           std::size_t trial, const std::string& trial_name);

/// The scatter plots of a view.
/// @param trial_name stands below the title
/// @throws StoreError
std::unique_ptr<PictureSource> scatter_source(const results::Results& results,
                                              const std::string& view, std::size_t trial,
                                              const std::string& trial_name);

}  // namespace varia::pictures
