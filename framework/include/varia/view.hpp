#pragma once

#include <array>
#include <string>
#include <vector>

#include "varia/metric.hpp"
#include "varia/picture_labels.hpp"

namespace varia {

/// A grid of images.
struct Picture {
  Tensor tiles;       ///< [rows, columns, C, H, W] float32 in [0, 1]; C is 1 or 3
  std::string title;  ///< of this frame; may be empty
  PictureLabels labels = {};
};

/// A scatter plot.
struct Scatter {
  Tensor points;  ///< [n, 2]
  Tensor labels;  ///< [n] int64; undefined if none
  /// What goes across and up, with units: "code, dimension 0"; empty if it has no name.
  std::array<std::string, 2> axes = {};
};

/// What a view shows at one epoch: some pictures (the frames of an animation) or scatter plots.
struct Rendering {
  std::vector<Picture> pictures;
  std::vector<Scatter> scatters;
};

/// Pictures made from a trained model (kind `view`).
class VARIA_API View {
 public:
  using KindBase = View;
  static constexpr const char* kKind = "view";
  static constexpr std::int64_t kEvery = kAfterLast;  ///< as Metric's
  virtual ~View();
  virtual Rendering render(const Evaluation& evaluation) = 0;
};

}  // namespace varia
