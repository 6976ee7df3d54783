#include "points.hpp"

#include <ATen/Functions.h>

#include "varia/error.hpp"

namespace varia::densities {

namespace {

std::string shape_text(const Tensor& tensor) {
  return tensor.defined() ? c10::str(tensor.sizes()) : "an undefined tensor";
}

Tensor finite_doubles(const std::string& name, const Tensor& points) {
  const auto result = points.detach().to(torch::kCPU, torch::kDouble).contiguous();
  const auto bad = at::isfinite(result).all(1).logical_not().sum().item<std::int64_t>();
  if (bad > 0) {
    throw TrialError("density " + name + ": expected finite points, found " + std::to_string(bad) +
                     " of " + std::to_string(result.size(0)) + " with NaN or infinity in them.");
  }
  return result;
}

}  // namespace

Tensor points_to_fit(const std::string& name, const Tensor& points) {
  if (!points.defined() || points.dim() != 2 || points.numel() == 0) {
    throw TrialError("density " + name + ": expected points [N, D] to fit to, found " +
                     shape_text(points) + ".");
  }
  return finite_doubles(name, points);
}

Tensor points_to_judge(const std::string& name, const Tensor& points, std::int64_t dimensions) {
  require_fit(name, dimensions);
  if (!points.defined() || points.dim() != 2 || points.size(1) != dimensions) {
    throw TrialError("density " + name + ": was fitted to points [N, " +
                     std::to_string(dimensions) + "], found " + shape_text(points) + ".");
  }
  return finite_doubles(name, points);
}

void require_fit(const std::string& name, std::int64_t dimensions, std::int64_t n) {
  if (dimensions == 0)
    throw TrialError("density " + name + ": was not fitted yet. Call fit first.");
  if (n < 0) {
    throw TrialError("density " + name + ": expected a number of samples, found " +
                     std::to_string(n) + ".");
  }
}

Tensor uniform_doubles(Draw& draw, at::IntArrayRef sizes) {
  // Each float is the centre of one of 2^23 intervals; a second one chooses a place within it.
  const auto interval = draw.uniform(sizes).to(torch::kCPU, torch::kDouble);
  const auto place = draw.uniform(sizes).to(torch::kCPU, torch::kDouble);
  return interval + (place - 0.5) / 8388608.0;
}

Tensor draw_index(const Tensor& weights, std::int64_t n, Draw& draw) {
  const auto sums = weights.cumsum(0);
  const auto last = weights.nonzero().max();  // rounding may place a number beyond the last sum
  const auto places = uniform_doubles(draw, {n}) * sums[-1];
  // The first whose sum is above the number: one of weight 0 never is.
  return at::searchsorted(sums, places, false, true).clamp_max(last.item<std::int64_t>());
}

}  // namespace varia::densities
