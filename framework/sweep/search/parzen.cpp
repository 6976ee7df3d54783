#include "sweep/search/parzen.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <numeric>

namespace varia::search {

namespace {

constexpr double kSqrt2 = 1.4142135623730951;
constexpr double kDensityAtMean = 0.3989422804014327;  // 1 / sqrt(2 pi)

double below(double x) { return 0.5 * std::erfc(-x / kSqrt2); }

/// The inverse of `below`.
double quantile(double p) {
  constexpr double smallest = 1e-300;
  const double tail = std::clamp(2 * p, smallest, 2 - 1e-16);
  return -kSqrt2 * boost::math::erfc_inv(tail);
}

/// Of `count` observations, the oldest first. The newest 25 weigh 1, those before rise to it from
/// 1 / count.
std::vector<double> weights_of(std::size_t count) {
  constexpr std::size_t full = 25;
  std::vector<double> weights(count, 1.0);
  if (count <= full) return weights;
  const std::size_t rising = count - full;
  const double first = 1.0 / static_cast<double>(count);
  for (std::size_t i = 0; i < rising; ++i)
    weights[i] = rising == 1 ? first
                             : first + (1 - first) * static_cast<double>(i) /
                                           static_cast<double>(rising - 1);
  return weights;
}

}  // namespace

double Uniform::operator()() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

ParzenDensity::ParzenDensity(const std::vector<double>& observations, double low, double high)
    : low_(low), high_(high) {
  const double range = high - low;
  auto weights = weights_of(observations.size());
  for (std::size_t i = 0; i < observations.size(); ++i)
    kernels_.push_back({weights[i], observations[i], 0, 0, 0});
  kernels_.push_back({1, (low + high) / 2, 0, 0, 0});
  const auto prior = kernels_.size() - 1;

  std::vector<std::size_t> order(kernels_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return kernels_[a].mean < kernels_[b].mean;
  });
  const double narrowest = range / std::min(100.0, static_cast<double>(kernels_.size() + 1));
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double mean = kernels_[order[i]].mean;
    const double left = i > 0 ? mean - kernels_[order[i - 1]].mean : 0;
    const double right = i + 1 < order.size() ? kernels_[order[i + 1]].mean - mean : 0;
    kernels_[order[i]].width = std::clamp(std::max(left, right), narrowest, range);
  }
  kernels_[prior].width = range;

  double total = 0;
  for (const auto& kernel : kernels_) total += kernel.weight;
  for (auto& kernel : kernels_) {
    kernel.weight /= total;
    kernel.below = below((low - kernel.mean) / kernel.width);
    kernel.mass = below((high - kernel.mean) / kernel.width) - kernel.below;
  }
}

double ParzenDensity::density(double x) const {
  if (x < low_ || x > high_) return 0;
  double sum = 0;
  for (const auto& kernel : kernels_) {
    const double z = (x - kernel.mean) / kernel.width;
    sum += kernel.weight * kDensityAtMean * std::exp(-0.5 * z * z) / (kernel.width * kernel.mass);
  }
  return sum;
}

double ParzenDensity::draw(Uniform& uniform) const {
  double left = uniform();
  auto kernel = kernels_.begin();
  while (kernel + 1 != kernels_.end() && left >= kernel->weight) left -= (kernel++)->weight;
  const double x =
      kernel->mean + kernel->width * quantile(kernel->below + uniform() * kernel->mass);
  return std::clamp(x, low_, high_);
}

ParzenChoice::ParzenChoice(const std::vector<std::size_t>& observations, std::size_t count)
    : probabilities_(count, 1.0 / static_cast<double>(count)) {
  const auto weights = weights_of(observations.size());
  double total = 1;
  for (std::size_t i = 0; i < observations.size(); ++i) {
    probabilities_.at(observations[i]) += weights[i];
    total += weights[i];
  }
  for (auto& probability : probabilities_) probability /= total;
}

std::size_t ParzenChoice::draw(Uniform& uniform) const {
  double left = uniform();
  std::size_t place = 0;
  while (place + 1 < probabilities_.size() && left >= probabilities_[place])
    left -= probabilities_[place++];
  return place;
}

}  // namespace varia::search
