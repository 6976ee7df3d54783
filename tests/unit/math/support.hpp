#pragma once

#include <ATen/Functions.h>

#include <cmath>
#include <vector>

#include "varia/tensor.hpp"

namespace varia::test {

inline Tensor doubles(const std::vector<double>& values) { return at::tensor(values, at::kDouble); }

inline double number(const Tensor& scalar) {
  return scalar.detach().to(at::kDouble).item<double>();
}

inline Tensor grid(double from, double to, std::int64_t points) {
  return at::linspace(from, to, points, at::TensorOptions(at::kDouble));
}

/// Simpson's rule over equally spaced values, an odd number of them.
inline double integral(const Tensor& values, double from, double to) {
  const auto count = values.numel();
  auto weights = at::full({count}, 2.0, at::kDouble);
  weights.slice(0, 1, count, 2).fill_(4.0);
  weights[0] = 1.0;
  weights[count - 1] = 1.0;
  return number((weights * values.to(at::kDouble).flatten()).sum()) * (to - from) /
         (3.0 * static_cast<double>(count - 1));
}

/// True if the two agree to `relative` of the larger magnitude, or to `absolute`.
inline bool close(const Tensor& a, const Tensor& b, double relative = 1e-5,
                  double absolute = 1e-9) {
  const auto x = a.detach().to(at::kDouble);
  const auto y = b.detach().to(at::kDouble);
  return ((x - y).abs() <= absolute + relative * at::maximum(x.abs(), y.abs())).all().item<bool>();
}

/// The largest difference between the derivative of `function` at `point` (float64) and central
/// differences, relative to 1 + |derivative|.
/// @param function from a tensor to a scalar
template <class Function>
double gradient_error(const Function& function, const Tensor& point) {
  auto leaf = point.detach().clone().set_requires_grad(true);
  function(leaf).backward();
  const auto gradient = leaf.grad().flatten();
  double worst = 0;
  for (std::int64_t i = 0; i < point.numel(); ++i) {
    const double h = 1e-5;
    const auto moved = [&](double by) {
      auto copy = point.detach().clone();
      copy.view(-1)[i] += by;
      return number(function(copy));
    };
    const double truth = (moved(h) - moved(-h)) / (2 * h);
    worst = std::max(worst, std::abs(number(gradient[i]) - truth) / (1 + std::abs(truth)));
  }
  return worst;
}

/// The largest distance between the distribution function of a sample and `cdf`, times the square
/// root of the sample's size: above 2.7 once in a million samples (Kolmogorov).
/// @param cdf from a sorted [n] float64 tensor to [n]
template <class Cdf>
double kolmogorov_distance(const Tensor& sample, const Cdf& cdf) {
  const auto sorted = std::get<0>(sample.detach().to(at::kDouble).flatten().sort());
  const auto count = sorted.numel();
  const auto truth = cdf(sorted);
  const auto below = at::arange(count, at::kDouble) / static_cast<double>(count);
  const auto above = below + 1.0 / static_cast<double>(count);
  const auto distance = at::maximum((truth - below).abs().max(), (truth - above).abs().max());
  return number(distance) * std::sqrt(static_cast<double>(count));
}
constexpr double kOnceInAMillion = 2.7;

}  // namespace varia::test
