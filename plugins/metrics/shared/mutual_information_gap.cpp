#include "mutual_information_gap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "contingency_table.hpp"

namespace varia::metrics {

namespace {

/// The interval in which each code's value of one dimension lies. [n]
std::vector<std::int64_t> binned(const FactorCodes& codes, std::size_t dimension,
                                 std::int64_t bins) {
  double low = codes.point(0, dimension), high = low;
  for (std::size_t i = 1; i < codes.count; ++i) {
    low = std::min(low, codes.point(i, dimension));
    high = std::max(high, codes.point(i, dimension));
  }
  std::vector<std::int64_t> places(codes.count);
  if (high == low) return places;
  for (std::size_t i = 0; i < codes.count; ++i) {
    const double part = (codes.point(i, dimension) - low) / (high - low);
    places[i] = std::min(static_cast<std::int64_t>(part * static_cast<double>(bins)), bins - 1);
  }
  return places;
}

}  // namespace

std::vector<double> mutual_information_gaps(const FactorCodes& codes, std::int64_t bins) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> first(codes.factor_count), second(codes.factor_count);
  std::vector<double> entropies(codes.factor_count);
  for (std::size_t d = 0; d < codes.dimensions; ++d) {
    const auto places = binned(codes, d, bins);
    for (std::size_t f = 0; f < codes.factor_count; ++f) {
      ContingencyTable table(bins, codes.values(f));
      for (std::size_t i = 0; i < codes.count; ++i) table.add(places[i], codes.factor(i, f));
      entropies[f] = table.class_entropy();
      const double information = table.mutual_information();
      second[f] = std::max(second[f], std::min(first[f], information));
      first[f] = std::max(first[f], information);
    }
  }
  std::vector<double> gaps(codes.factor_count);
  for (std::size_t f = 0; f < gaps.size(); ++f)
    gaps[f] = entropies[f] > 0 ? (first[f] - second[f]) / entropies[f] : kNaN;
  return gaps;
}

double mean_gap(const std::vector<double>& gaps) {
  double sum = 0;
  int counted = 0;
  for (const double gap : gaps) {
    if (std::isnan(gap)) continue;
    sum += gap;
    ++counted;
  }
  return counted > 0 ? sum / counted : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace varia::metrics
