#include "plot.hpp"

#include <ATen/Functions.h>

namespace varia::views {

namespace {

/// The colours of matplotlib's map "viridis" at 0, 1/8, ... 1, and that of its curves.
constexpr double kColours[][3] = {
    {0.267, 0.005, 0.329}, {0.279, 0.175, 0.483}, {0.230, 0.322, 0.546},
    {0.173, 0.449, 0.558}, {0.128, 0.567, 0.551}, {0.158, 0.684, 0.502},
    {0.369, 0.789, 0.383}, {0.678, 0.864, 0.190}, {0.993, 0.906, 0.144}};
constexpr std::int64_t kLast = sizeof kColours / sizeof kColours[0] - 1;
constexpr double kCurve[] = {0.122, 0.467, 0.706};

}  // namespace

Tensor filled_curve(const Tensor& heights, std::int64_t height) {
  const auto below = at::arange(height - 1, -1, -1, heights.options()).unsqueeze(1);  // [H, 1]
  const auto covered =
      (heights.unsqueeze(0) * static_cast<double>(height) - below).clamp(0, 1);  // [H, W]
  std::vector<Tensor> channels;
  for (const double colour : kCurve) channels.push_back(1 - (1 - colour) * covered);
  return at::stack(channels).to(at::kFloat);
}

Tensor coloured(const Tensor& values) {
  const auto place = values.to(at::kDouble).clamp(0, 1) * static_cast<double>(kLast);
  const auto left = place.floor().clamp_max(static_cast<double>(kLast - 1));
  const auto part = (place - left).unsqueeze(0);
  const auto table =
      at::from_blob(const_cast<double*>(&kColours[0][0]), {kLast + 1, 3}, at::kDouble);
  const auto index = left.to(at::kLong);
  const auto below = table.index({index}).movedim(-1, 0);
  const auto above = table.index({index + 1}).movedim(-1, 0);
  return (below + part * (above - below)).to(at::kFloat);
}

Tensor contour_map(const Tensor& values, std::int64_t bands) {
  const auto band = (values * static_cast<double>(bands)).floor().clamp_max(bands - 1);
  auto line = at::zeros_like(band, at::kBool);
  line.slice(0, 0, -1) |= band.slice(0, 0, -1) != band.slice(0, 1);
  line.slice(1, 0, -1) |= band.slice(1, 0, -1) != band.slice(1, 1);
  return coloured((band + 0.5) / static_cast<double>(bands)).masked_fill(line.unsqueeze(0), 1.0);
}

std::vector<std::array<std::uint8_t, 3>> band_colours(std::int64_t bands) {
  const auto middles = (at::arange(bands, at::kDouble) + 0.5) / static_cast<double>(bands);
  const auto bytes = coloured(middles).mul(255).round().to(at::kByte).contiguous();  // [3, bands]
  std::vector<std::array<std::uint8_t, 3>> colours(static_cast<std::size_t>(bands));
  for (std::size_t channel = 0; channel < 3; ++channel)
    for (std::size_t i = 0; i < colours.size(); ++i)
      colours[i].at(channel) = bytes.data_ptr<std::uint8_t>()[channel * colours.size() + i];
  return colours;
}

Tensor with_dots(const Tensor& map, const Tensor& points, double from, double to) {
  const auto height = map.size(1);
  const auto width = map.size(2);
  const auto scaled = (points.to(at::kDouble) - from) / (to - from);
  const auto across = (scaled.select(1, 0) * static_cast<double>(width)).floor();
  const auto down = ((1 - scaled.select(1, 1)) * static_cast<double>(height)).floor();
  const auto inside = (across >= 0) & (across < static_cast<double>(width)) & (down >= 0) &
                      (down < static_cast<double>(height));
  const auto place =
      (down * static_cast<double>(width) + across).masked_select(inside).to(at::kLong);
  auto dotted = map.clone();
  dotted.view({3, -1}).index_fill_(1, place, 0.0);
  return dotted;
}

}  // namespace varia::views
