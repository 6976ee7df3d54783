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

}  // namespace

PairedDifference paired_difference(std::span<const double> a, std::span<const double> b,
                                   std::size_t exact_pairs, std::size_t flips, std::uint64_t seed) {
  std::vector<double> differences;
  double size = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) continue;
    differences.push_back(a[i] - b[i]);
    size += std::fabs(a[i]) + std::fabs(b[i]);
  }
  PairedDifference result;
  result.pairs = differences.size();
  result.mean = mean(differences);
  result.interval = student_interval(differences);
  if (differences.empty()) return result;
  result.exact = differences.size() <= std::min(exact_pairs, kExactPairs);
  result.smallest_p =
      std::ldexp(1.0, 1 - static_cast<int>(std::min<std::size_t>(differences.size(), 1000)));
  if (!result.exact)
    result.smallest_p = std::max(result.smallest_p, 1 / static_cast<double>(flips + 1));
  double sum = 0;
  for (const double difference : differences) sum += difference;
  // Sums that are equal but for rounding count as equal.
  const double bound = std::fabs(sum) - 1e-14 * size;
  if (bound <= 0) {
    result.p = 1;
  } else {
    result.p =
        result.exact ? exact_p(differences, bound) : random_p(differences, bound, flips, seed);
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
