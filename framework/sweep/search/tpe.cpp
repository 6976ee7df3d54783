#include "sweep/search/tpe.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <limits>
#include <numeric>

namespace varia::sweep {

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

/// Of the candidates that `good` draws, the one with the highest ratio of the densities, the first
/// of equals.
template <class Density>
double best_of(std::int64_t candidates, const Density& good, const Density& others,
               std::mt19937_64& random) {
  double best = 0;
  double highest = -std::numeric_limits<double>::infinity();
  for (std::int64_t i = 0; i < candidates; ++i) {
    const auto candidate = good.draw(random);
    const double ratio = good.density(candidate) / others.density(candidate);
    if (ratio <= highest) continue;
    highest = ratio;
    best = static_cast<double>(candidate);
  }
  return best;
}

}  // namespace

double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

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

double ParzenDensity::draw(std::mt19937_64& random) const {
  double left = uniform(random);
  auto kernel = kernels_.begin();
  while (kernel + 1 != kernels_.end() && left >= kernel->weight) left -= (kernel++)->weight;
  const double x =
      kernel->mean + kernel->width * quantile(kernel->below + uniform(random) * kernel->mass);
  return std::clamp(x, low_, high_);
}

ParzenChoice::ParzenChoice(const std::vector<double>& observations, std::size_t count)
    : probabilities_(count, 1.0 / static_cast<double>(count)) {
  const auto weights = weights_of(observations.size());
  double total = 1;
  for (std::size_t i = 0; i < observations.size(); ++i) {
    probabilities_.at(static_cast<std::size_t>(observations[i])) += weights[i];
    total += weights[i];
  }
  for (auto& probability : probabilities_) probability /= total;
}

std::size_t ParzenChoice::draw(std::mt19937_64& random) const {
  double left = uniform(random);
  std::size_t place = 0;
  while (place + 1 < probabilities_.size() && left >= probabilities_[place])
    left -= probabilities_[place++];
  return place;
}

std::size_t Tpe::good_count(std::size_t results) const {
  const auto part = std::ceil(gamma_ * static_cast<double>(results));
  return std::min(static_cast<std::size_t>(part), kMostGood);
}

std::vector<double> Tpe::propose(const std::vector<TpeResult>& results,
                                 std::uint64_t stream) const {
  const auto rank = [&](std::size_t i) {
    const double value = results[i].value;
    return std::isfinite(value) ? value : std::numeric_limits<double>::infinity();
  };
  std::vector<std::size_t> order(results.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  std::vector<bool> is_good(results.size(), false);
  for (std::size_t i = 0; i < good_count(results.size()); ++i)
    is_good[order[i]] = std::isfinite(results[order[i]].value);

  std::mt19937_64 random(stream);
  std::vector<double> point;
  for (std::size_t d = 0; d < space_.size(); ++d) {
    const auto& range = space_[d];
    std::vector<double> good;
    std::vector<double> others;
    for (std::size_t i = 0; i < results.size(); ++i)
      (is_good[i] ? good : others).push_back(results[i].at.at(d));
    point.push_back(range.choices > 0
                        ? best_of(candidates_, ParzenChoice(good, range.choices),
                                  ParzenChoice(others, range.choices), random)
                        : best_of(candidates_, ParzenDensity(good, range.low, range.high),
                                  ParzenDensity(others, range.low, range.high), random));
  }
  return point;
}

}  // namespace varia::sweep
