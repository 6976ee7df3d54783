#include "factor_information.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "contingency_table.hpp"

namespace varia::metrics {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

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

FactorInformation binned_information(const FactorCodes& codes, std::int64_t bins) {
  FactorInformation information{{codes.dimensions, codes.factor_count},
                                std::vector<double>(codes.factor_count)};
  for (std::size_t d = 0; d < codes.dimensions; ++d) {
    const auto places = binned(codes, d, bins);
    for (std::size_t f = 0; f < codes.factor_count; ++f) {
      ContingencyTable table(bins, codes.values(f));
      for (std::size_t i = 0; i < codes.count; ++i) table.add(places[i], codes.factor(i, f));
      information.entropies[f] = table.class_entropy();
      information.nats(d, f) = table.mutual_information();
    }
  }
  return information;
}

std::vector<double> mutual_information_gaps(const FactorInformation& information) {
  const auto& [nats, entropies] = information;
  std::vector<double> gaps;
  for (std::size_t f = 0; f < nats.factors; ++f) {
    TopTwo most;
    for (std::size_t d = 0; d < nats.dimensions; ++d) most.add(nats(d, f));
    gaps.push_back(entropies[f] > 0 ? most.gap() / entropies[f] : kNaN);
  }
  return gaps;
}

std::vector<double> mutual_information_gaps_of_dimensions(const FactorInformation& information) {
  const auto& [nats, entropies] = information;
  std::vector<double> gaps;
  for (std::size_t d = 0; d < nats.dimensions; ++d) {
    TopTwo most;
    for (std::size_t f = 0; f < nats.factors; ++f)
      if (entropies[f] > 0) most.add(nats(d, f) / entropies[f]);
    gaps.push_back(most.gap());
  }
  return gaps;
}

double modularity(const FactorMatrix& nats) {
  if (nats.factors < 2) return kNaN;
  double sum = 0;
  for (std::size_t d = 0; d < nats.dimensions; ++d) {
    double largest = 0, all = 0;
    for (std::size_t f = 0; f < nats.factors; ++f) {
      const double square = nats(d, f) * nats(d, f);
      largest = std::max(largest, square);
      all += square;
    }
    if (largest > 0) sum += 1 - (all - largest) / (largest * static_cast<double>(nats.factors - 1));
  }
  return sum / static_cast<double>(nats.dimensions);
}

}  // namespace varia::metrics
