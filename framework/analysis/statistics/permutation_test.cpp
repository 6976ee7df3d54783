#include "analysis/statistics/permutation_test.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <random>
#include <vector>

namespace varia::statistics {

namespace {

/// The sums of all sign flips of `differences`, ascending.
std::vector<double> flipped_sums(std::span<const double> differences) {
  std::vector<double> sums = {0.0};
  std::vector<double> lower, upper;
  for (const double difference : differences) {
    const double step = std::fabs(difference);
    lower.clear();
    upper.clear();
    for (const double sum : sums) {
      lower.push_back(sum - step);
      upper.push_back(sum + step);
    }
    sums.clear();
    std::merge(lower.begin(), lower.end(), upper.begin(), upper.end(), std::back_inserter(sums));
  }
  return sums;
}

/// The part of all flips whose sum is at least `bound`, on either side of 0. `bound` > 0.
double exact_p(std::span<const double> differences, double bound) {
  const std::size_t half = differences.size() / 2;
  const auto left = flipped_sums(differences.first(half));
  const auto right = flipped_sums(differences.subspan(half));
  // The flips come in pairs of opposite sums, so that one side tells both.
  double hits = 0;
  auto place = right.size();
  for (const double sum : left) {
    while (place > 0 && sum + right[place - 1] >= bound) --place;
    hits += static_cast<double>(right.size() - place);
  }
  return 2 * hits / std::ldexp(1.0, static_cast<int>(differences.size()));
}

double random_p(std::span<const double> differences, double bound, std::size_t flips,
                std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::size_t hits = 0;
  for (std::size_t i = 0; i < flips; ++i) {
    double sum = 0;
    std::uint64_t bits = 0;
    for (std::size_t k = 0; k < differences.size(); ++k) {
      if (k % 64 == 0) bits = engine();
      sum += (bits & 1U) != 0 ? differences[k] : -differences[k];
      bits >>= 1U;
    }
    if (std::fabs(sum) >= bound) ++hits;
  }
  return static_cast<double>(hits + 1) / static_cast<double>(flips + 1);
}

/// Two samples, pair by pair.
struct Pairs {
  std::vector<double> a;
  std::vector<double> b;

  /// Those of which both values are finite.
  Pairs(std::span<const double> first, std::span<const double> second) {
    for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i) {
      if (!std::isfinite(first[i]) || !std::isfinite(second[i])) continue;
      a.push_back(first[i]);
      b.push_back(second[i]);
    }
  }
  std::size_t size() const { return a.size(); }
  /// Sums that are equal but for rounding count as equal.
  double rounding() const {
    double sum = 0;
    for (std::size_t i = 0; i < size(); ++i) sum += std::fabs(a[i]) + std::fabs(b[i]);
    return 1e-14 * sum;
  }
};

/// All but the mean, the interval and p.
PairedDifference counted(const Pairs& pairs, std::size_t exact_pairs, std::size_t flips) {
  PairedDifference result;
  result.pairs = pairs.size();
  if (pairs.size() == 0) return result;
  result.exact = pairs.size() <= std::min(exact_pairs, kExactPairs);
  result.smallest_p =
      std::ldexp(1.0, 1 - static_cast<int>(std::min<std::size_t>(pairs.size(), 1000)));
  if (!result.exact)
    result.smallest_p = std::max(result.smallest_p, 1 / static_cast<double>(flips + 1));
  return result;
}

/// The difference of inter-quartile means of resampled pairs: 2.5% and 97.5% of what it is.
Interval bootstrap_interval(const Pairs& pairs, std::uint64_t seed) {
  if (pairs.size() < 2) return {};
  std::mt19937_64 engine(seed);
  std::vector<double> a(pairs.size()), b(pairs.size()), found(IqmBootstrap::kResamples);
  for (double& difference : found) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto drawn = static_cast<std::size_t>(static_cast<double>(engine() >> 11U) * 0x1p-53 *
                                                  static_cast<double>(pairs.size()));
      a[i] = pairs.a[drawn];
      b[i] = pairs.b[drawn];
    }
    difference = interquartile_mean(a) - interquartile_mean(b);
  }
  std::sort(found.begin(), found.end());
  return {quantile(found, 0.025), quantile(found, 0.975)};
}

}  // namespace

PairedDifference paired_difference(std::span<const double> a, std::span<const double> b,
                                   std::size_t exact_pairs, std::size_t flips, std::uint64_t seed) {
  const Pairs pairs(a, b);
  std::vector<double> differences;
  double sum = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    differences.push_back(pairs.a[i] - pairs.b[i]);
    sum += differences.back();
  }
  auto result = counted(pairs, exact_pairs, flips);
  result.centre = mean(differences);
  result.interval = student_interval(differences);
  if (differences.empty()) return result;
  const double bound = std::fabs(sum) - pairs.rounding();
  if (bound <= 0) {
    result.p = 1;
  } else {
    result.p =
        result.exact ? exact_p(differences, bound) : random_p(differences, bound, flips, seed);
  }
  return result;
}

PairedDifference paired_interquartile_difference(std::span<const double> a,
                                                 std::span<const double> b, std::size_t exact_pairs,
                                                 std::size_t flips, std::uint64_t seed) {
  const Pairs pairs(a, b);
  auto result = counted(pairs, exact_pairs, flips);
  if (pairs.size() == 0) return result;
  result.centre = interquartile_mean(pairs.a) - interquartile_mean(pairs.b);
  result.interval = bootstrap_interval(pairs, seed);
  const double bound = std::fabs(result.centre) - pairs.rounding();
  auto flipped = pairs;
  const auto is_hit = [&](const auto& is_exchanged) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const bool exchanged = is_exchanged(i);
      flipped.a[i] = exchanged ? pairs.b[i] : pairs.a[i];
      flipped.b[i] = exchanged ? pairs.a[i] : pairs.b[i];
    }
    return std::fabs(interquartile_mean(flipped.a) - interquartile_mean(flipped.b)) >= bound;
  };
  std::size_t hits = 0;
  if (result.exact) {
    const auto all = std::uint64_t{1} << pairs.size();
    for (std::uint64_t bits = 0; bits < all; ++bits)
      if (is_hit([bits](std::size_t i) { return (bits >> i & 1U) != 0; })) ++hits;
    result.p = static_cast<double>(hits) / static_cast<double>(all);
  } else {
    std::mt19937_64 engine(seed);
    for (std::size_t i = 0; i < flips; ++i)
      if (is_hit([&](std::size_t) { return (engine() >> 63U) != 0; })) ++hits;
    result.p = static_cast<double>(hits + 1) / static_cast<double>(flips + 1);
  }
  return result;
}

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p_values.size(); ++i)
    if (!std::isnan(p_values[i])) order.push_back(i);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> corrected(p_values.begin(), p_values.end());
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const auto left = static_cast<double>(order.size() - rank);
    largest = std::max(largest, std::min(1.0, left * p_values[order[rank]]));
    corrected[order[rank]] = largest;
  }
  return corrected;
}

}  // namespace varia::statistics
