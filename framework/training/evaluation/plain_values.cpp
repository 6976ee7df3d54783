#include "training/evaluation/plain_values.hpp"

#include <ATen/Functions.h>

#include <set>
#include <utility>

#include "varia/error.hpp"

namespace varia::training {

namespace {
constexpr std::int64_t kPadding = 2;     // pixels between tiles, and around them
constexpr std::size_t kMostNames = 100;  // of classes in a plot

results::ClassNames names_of(const std::vector<std::int64_t>& labels,
                             const std::vector<std::string>& names) {
  results::ClassNames classes;
  for (const auto label : std::set<std::int64_t>(labels.begin(), labels.end())) {
    if (label < 0 || label >= std::ssize(names)) continue;
    if (classes.size() == kMostNames) break;
    classes[label] = names[static_cast<std::size_t>(label)];
  }
  return classes;
}

/// @throws TrialError if there is not one label for each row or column of tiles
void require_labels(const PictureLabels& labels, std::int64_t rows, std::int64_t columns) {
  const auto require = [](const char* what, std::size_t found, std::int64_t expected) {
    if (found != 0 && std::cmp_not_equal(found, expected))
      throw TrialError(std::string("a picture of ") + std::to_string(expected) + " " + what +
                       " of tiles has labels for " + std::to_string(found));
  };
  require("rows", labels.rows.size(), rows);
  require("columns", labels.columns.size(), columns);
  require("rows", labels.tiles.size(), rows);
  for (const auto& row : labels.tiles) require("columns", row.size(), columns);
  if ((labels.x || labels.y) && rows * columns != 1)
    throw TrialError("a plot with axes is one tile; this one has " +
                     std::to_string(rows * columns));
  if (labels.colours && labels.colours->edges.size() != labels.colours->colours.size() + 1)
    throw TrialError("a bar of colours has one more edge than colours");
}

}  // namespace

results::Array to_array(const Tensor& tensor) {
  return {tensor.sizes().vec(), values_of<double>(tensor)};
}

std::pair<results::ViewLayout, results::Picture> compose(const Picture& picture,
                                                         std::int64_t epoch) {
  if (picture.tiles.dim() != 5)
    throw TrialError("a view must give tiles [rows, columns, C, H, W]; these have " +
                     std::to_string(picture.tiles.dim()) + " dimensions");
  auto tiles = picture.tiles.detach().to(at::kCPU, at::kFloat);
  // Anything but grey and colour is shown as the mean of its channels.
  if (tiles.size(2) != 1 && tiles.size(2) != 3) tiles = tiles.mean(2, true);
  tiles = tiles.clamp(0, 1).mul(255).round().to(at::kByte);
  const auto rows = tiles.size(0);
  const auto columns = tiles.size(1);
  const auto channels = tiles.size(2);
  const auto height = tiles.size(3);
  const auto width = tiles.size(4);
  require_labels(picture.labels, rows, columns);
  // The axes of a plot span its tile.
  const auto padding = picture.labels.x || picture.labels.y ? 0 : kPadding;

  results::Picture target;
  target.epoch = epoch;
  target.height = rows * (height + padding) + padding;
  target.width = columns * (width + padding) + padding;
  target.channels = channels;
  target.title = picture.title;
  target.labels = picture.labels;
  auto canvas = at::zeros({target.height, target.width, channels}, at::kByte);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      canvas.narrow(0, padding + row * (height + padding), height)
          .narrow(1, padding + column * (width + padding), width)
          .copy_(tiles[row][column].permute({1, 2, 0}));
    }
  }
  target.pixels = values_of<std::uint8_t>(canvas);
  return {results::ViewLayout{rows, columns, height, width, padding}, std::move(target)};
}

results::Points to_points(const Scatter& scatter, const std::vector<std::string>& class_names,
                          std::int64_t epoch) {
  const auto& xy = scatter.points;
  if (xy.dim() != 2 || xy.size(1) != 2)
    throw TrialError("a view's scatter plot must have points [n, 2]");
  results::Points points;
  points.epoch = epoch;
  points.xy = values_of<float>(xy);
  points.labels = scatter.labels.defined()
                      ? values_of<std::int64_t>(scatter.labels)
                      : std::vector<std::int64_t>(static_cast<std::size_t>(xy.size(0)), -1);
  points.classes = names_of(points.labels, class_names);
  points.axes = scatter.axes;
  return points;
}

}  // namespace varia::training
