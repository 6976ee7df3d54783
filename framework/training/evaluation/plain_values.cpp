#include "training/evaluation/plain_values.hpp"

#include <ATen/Functions.h>

#include <set>

#include "varia/error.hpp"

namespace varia::training {

namespace {
constexpr std::int64_t kPadding = 2;     // pixels between tiles, and around them
constexpr std::size_t kMostNames = 100;  // in a title

std::string classes_title(const std::vector<std::int64_t>& labels,
                          const std::vector<std::string>& names) {
  std::string title;
  std::size_t count = 0;
  for (const auto label : std::set<std::int64_t>(labels.begin(), labels.end())) {
    if (label < 0 || label >= static_cast<std::int64_t>(names.size())) continue;
    if (count++ == kMostNames) return title + ", ...";
    const auto& name = names[static_cast<std::size_t>(label)];
    title += (title.empty() ? "" : ", ") + std::to_string(label) + " " + name;
  }
  return title;
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

  results::Picture target;
  target.epoch = epoch;
  target.height = rows * (height + kPadding) + kPadding;
  target.width = columns * (width + kPadding) + kPadding;
  target.channels = channels;
  target.title = picture.title;
  auto canvas = at::zeros({target.height, target.width, channels}, at::kByte);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      canvas.narrow(0, kPadding + row * (height + kPadding), height)
          .narrow(1, kPadding + column * (width + kPadding), width)
          .copy_(tiles[row][column].permute({1, 2, 0}));
    }
  }
  target.pixels = values_of<std::uint8_t>(canvas);
  return {results::ViewLayout{rows, columns, height, width, kPadding}, std::move(target)};
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
  points.title = classes_title(points.labels, class_names);
  return points;
}

}  // namespace varia::training
