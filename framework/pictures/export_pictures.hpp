#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::pictures {

/// What is exported, and how it is drawn.
struct ExportOptions {
  std::vector<std::string> views;   ///< by name; empty: all
  std::vector<std::size_t> trials;  ///< rows of the results; empty: all
  /// "all", "last" (of each trial and view) or a number from 1.
  std::string epochs = "all";
  std::int64_t scale = 1;         ///< every pixel becomes a square of so many pixels
  double frames_per_second = 10;  ///< of animations
  bool over_epochs = false;       ///< a view with one picture an epoch becomes one animation
  bool sheets = false;  ///< a view of all chosen trials becomes one file; not with over_epochs
};

/// A file that was written.
struct PictureFile {
  std::string path;  ///< below the folder
  std::string view;
  std::vector<std::size_t> trials;  ///< rows of the results
  std::vector<std::int64_t> epochs;
  std::size_t frames = 1;
  std::int64_t height = 0;  ///< pixels
  std::int64_t width = 0;
};

/// Writes pictures and scatter plots as files:
///
///     <folder>/<view>/<trial>[-epoch<NNN>].png   one picture at an epoch
///     <folder>/<view>/<trial>[-epoch<NNN>].gif   several at an epoch: an animation
///     <folder>/<view>/<trial>.gif                with `over_epochs`
///     <folder>/<view>/sheet[-epoch<NNN>].png     with `sheets`: all trials; .gif
///                                                if one has several pictures at the epoch
///
/// <trial> is as `trial_names` says. The epoch is in the name if the trial has the view at more
/// than one epoch, whichever are chosen; a sheet of the last epochs has none. Scatter plots of a
/// view that has pictures too end in "-points". Files of these names are replaced, each at once;
/// others are left alone.
/// @returns in the order of views, trials, epochs
/// @throws ConfigError: an option is wrong, a view is not there, or nothing of what was chosen has
///                      pictures
/// @throws StoreError:  the results are damaged, a picture would be too large, a file cannot be
///                      written
std::vector<PictureFile> export_pictures(const results::Results& results, const std::string& folder,
                                         const ExportOptions& options);

}  // namespace varia::pictures
