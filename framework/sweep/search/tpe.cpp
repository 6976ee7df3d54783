#include "sweep/search/tpe.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sweep/search/parzen.hpp"

namespace varia::search {

namespace {

/// The candidate with the highest ratio of the densities, the first of equals.
template <class Density, class Ratio>
double best_of(std::size_t candidates, const Density& good, Uniform& uniform, const Ratio& ratio) {
  double best = 0;
  double highest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < candidates; ++i) {
    const auto candidate = good.draw(uniform);
    const double found = ratio(candidate);
    if (found <= highest) continue;
    highest = found;
    best = static_cast<double>(candidate);
  }
  return best;
}

}  // namespace

Tpe::Tpe(std::vector<TpeRange> space, const Options& options)
    : space_(std::move(space)), options_(options) {}

std::size_t Tpe::good_count(std::size_t results) const {
  const auto part = std::ceil(options_.gamma * static_cast<double>(results));
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

  Uniform uniform(stream);
  std::vector<double> point;
  for (std::size_t d = 0; d < space_.size(); ++d) {
    const auto& range = space_[d];
    const auto split = [&](auto& good, auto& others) {
      for (std::size_t i = 0; i < results.size(); ++i) {
        auto& side = is_good[i] ? good : others;
        side.push_back(
            static_cast<typename std::decay_t<decltype(side)>::value_type>(results[i].at.at(d)));
      }
    };
    if (range.choices > 0) {
      std::vector<std::size_t> good;
      std::vector<std::size_t> others;
      split(good, others);
      const ParzenChoice l(good, range.choices);
      const ParzenChoice g(others, range.choices);
      point.push_back(best_of(options_.candidates, l, uniform, [&](std::size_t place) {
        return l.probability(place) / g.probability(place);
      }));
    } else {
      std::vector<double> good;
      std::vector<double> others;
      split(good, others);
      const ParzenDensity l(good, range.low, range.high);
      const ParzenDensity g(others, range.low, range.high);
      point.push_back(best_of(options_.candidates, l, uniform,
                              [&](double x) { return l.density(x) / g.density(x); }));
    }
  }
  return point;
}

}  // namespace varia::search
