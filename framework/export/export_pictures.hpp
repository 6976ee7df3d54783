#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "store/results.hpp"

namespace varia::exporting {

/// Which epochs of a view are exported.
struct EpochChoice {
  enum class Which { all, last, one };
  Which which = Which::all;
  std::int64_t epoch = 0;  ///< where it is one
};

/// "all", "last" (of each trial and view) or a number from 1. @throws ConfigError
EpochChoice parse_epochs(const std::string& text);

struct PictureChoice {
  std::vector<std::string> views;   ///< by name; empty: all
  std::vector<std::string> trials;  ///< as `choose_trials` takes them; empty: all
  EpochChoice epochs;
};

struct PictureStyle {
  std::int64_t scale = 1;    ///< every pixel becomes a square of so many pixels
  double frame_rate = 10;    ///< of animations, frames per second
  bool over_epochs = false;  ///< a view with one picture an epoch becomes one animation
};

/// A file that was written.
struct PictureFile {
  std::string path;  ///< below the folder
  std::string view;
  std::size_t trial = 0;  ///< row in the results
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
///
/// <trial> is as `trial_names` says. The epoch is in the name where the trial has the view at more
/// than one epoch, whichever are chosen. Scatter plots of a view that has pictures too end in
/// "-points". Files of these names are replaced, each at once; others are left alone.
/// @returns in the order of views, trials, epochs
/// @throws ConfigError: a view or a trial is not there, or nothing of what was chosen has pictures
/// @throws StoreError:  the results are damaged, a picture would be too large, a file cannot be
///                      written
std::vector<PictureFile> export_pictures(const store::Results& results, const std::string& folder,
                                         const PictureChoice& choice, const PictureStyle& style);

}  // namespace varia::exporting
