#include <algorithm>
#include <cmath>

#include "varia/samples.hpp"

namespace varia {
namespace {

/// The linear map from an axis of one length to one of another.
/// @returns [to, from] float32, each row sums to 1
Tensor resampling(std::int64_t from, std::int64_t to) {
  const auto weights = at::zeros({to, from}, torch::kDouble);
  auto weight = weights.accessor<double, 2>();
  const double step = static_cast<double>(from) / static_cast<double>(to);
  for (std::int64_t i = 0; i < to; ++i) {
    if (to < from) {
      const double begin = step * static_cast<double>(i);
      const double end = begin + step;
      const auto last = std::min(from, static_cast<std::int64_t>(std::ceil(end)));
      for (auto j = static_cast<std::int64_t>(begin); j < last; ++j) {
        const double left = std::max(begin, static_cast<double>(j));
        const double right = std::min(end, static_cast<double>(j + 1));
        weight[i][j] = std::max(0.0, right - left) / step;
      }
    } else {
      const double centre = step * (static_cast<double>(i) + 0.5) - 0.5;
      const double place = std::clamp(centre, 0.0, static_cast<double>(from - 1));
      const auto below = static_cast<std::int64_t>(place);
      const double part = place - static_cast<double>(below);
      weight[i][below] += 1.0 - part;
      if (part > 0.0) weight[i][below + 1] += part;
    }
  }
  return weights.to(torch::kFloat);
}

}  // namespace

Tensor resized(const Tensor& images, std::int64_t height, std::int64_t width) {
  auto result = images;
  if (images.size(3) != width) result = at::matmul(result, resampling(images.size(3), width).t());
  if (images.size(2) != height) result = at::matmul(resampling(images.size(2), height), result);
  return result;
}

}  // namespace varia
