#include "dci.hpp"

#include <cmath>
#include <limits>
#include <vector>

namespace varia::metrics {

namespace {

/// One less the entropy of numbers in parts of their sum, over the largest that it could be.
double concentration(const std::vector<double>& numbers, double sum) {
  double entropy = 0;
  for (const double number : numbers)
    if (number > 0) entropy -= number / sum * std::log(number / sum);
  return 1 - entropy / std::log(static_cast<double>(numbers.size()));
}

/// The mean of the concentrations of the rows, each weighed by its sum; 0 if all sums are. NaN of
/// rows of one number, which has nothing beside it to be shared with.
double mean_concentration(const std::vector<std::vector<double>>& rows) {
  if (rows.front().size() < 2) return std::numeric_limits<double>::quiet_NaN();
  double mean = 0, weights = 0;
  for (const auto& row : rows) {
    double sum = 0;
    for (const double number : row) sum += number;
    if (sum > 0) mean += sum * concentration(row, sum);
    weights += sum;
  }
  return weights > 0 ? mean / weights : 0;
}

}  // namespace

double disentanglement(const FactorMatrix& importances) {
  std::vector<std::vector<double>> rows(importances.dimensions);
  for (std::size_t d = 0; d < importances.dimensions; ++d)
    for (std::size_t f = 0; f < importances.factors; ++f) rows[d].push_back(importances(d, f));
  return mean_concentration(rows);
}

double completeness(const FactorMatrix& importances) {
  std::vector<std::vector<double>> columns(importances.factors);
  for (std::size_t d = 0; d < importances.dimensions; ++d)
    for (std::size_t f = 0; f < importances.factors; ++f) columns[f].push_back(importances(d, f));
  return mean_concentration(columns);
}

}  // namespace varia::metrics
