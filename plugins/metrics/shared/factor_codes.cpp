#include "factor_codes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "varia/error.hpp"

namespace varia::metrics {

std::int64_t FactorCodes::values(std::size_t f) const {
  std::int64_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, factor(i, f));
  return largest + 1;
}

FactorCodes factor_codes(std::vector<double> points, const std::vector<float>& factors,
                         std::size_t count) {
  if (count == 0 || points.empty() || factors.empty() || points.size() % count != 0 ||
      factors.size() % count != 0)
    throw Error("a score of factors: expected codes and factors of the same images");
  const auto not_finite = [](double number) { return !std::isfinite(number); };
  if (std::any_of(points.begin(), points.end(), not_finite) ||
      std::any_of(factors.begin(), factors.end(), not_finite))
    throw Error("a score of factors: a code or a factor is not finite");
  FactorCodes codes{count, points.size() / count, factors.size() / count, std::move(points), {}};
  codes.factors.resize(factors.size());
  for (std::size_t f = 0; f < codes.factor_count; ++f) {
    std::map<float, std::int64_t> places;
    for (std::size_t i = 0; i < count; ++i) places[factors[i * codes.factor_count + f]] = 0;
    std::int64_t next = 0;
    for (auto& [value, place] : places) place = next++;
    for (std::size_t i = 0; i < count; ++i)
      codes.factors[i * codes.factor_count + f] = places.at(factors[i * codes.factor_count + f]);
  }
  return codes;
}

FactorCodes slice(const FactorCodes& codes, std::size_t begin, std::size_t end) {
  const auto rows = [&](const auto& table, std::size_t width) {
    const auto at = [&](std::size_t i) {
      return table.begin() + static_cast<std::ptrdiff_t>(i * width);
    };
    return std::decay_t<decltype(table)>(at(begin), at(end));
  };
  return {.count = end - begin,
          .dimensions = codes.dimensions,
          .factor_count = codes.factor_count,
          .points = rows(codes.points, codes.dimensions),
          .factors = rows(codes.factors, codes.factor_count)};
}

std::vector<std::size_t> varying_factors(const FactorCodes& codes) {
  std::vector<std::size_t> varying;
  for (std::size_t f = 0; f < codes.factor_count; ++f)
    for (std::size_t i = 1; i < codes.count; ++i)
      if (codes.factor(i, f) != codes.factor(0, f)) {
        varying.push_back(f);
        break;
      }
  return varying;
}

FactorCodes with_factors(const FactorCodes& codes, const std::vector<std::size_t>& chosen) {
  FactorCodes result = codes;
  result.factor_count = chosen.size();
  result.factors.clear();
  for (std::size_t i = 0; i < codes.count; ++i)
    for (const auto f : chosen) result.factors.push_back(codes.factor(i, f));
  return result;
}

std::vector<Places> places_by_value(const FactorCodes& codes, std::size_t factor,
                                    std::size_t at_least) {
  std::vector<Places> groups(static_cast<std::size_t>(codes.values(factor)));
  for (std::size_t i = 0; i < codes.count; ++i)
    groups[static_cast<std::size_t>(codes.factor(i, factor))].push_back(i);
  std::erase_if(groups, [=](const Places& group) { return group.size() < at_least; });
  return groups;
}

Places places_of_known_values(const FactorCodes& train, const FactorCodes& judged,
                              std::size_t factor) {
  std::vector<bool> is_known(
      static_cast<std::size_t>(std::max(train.values(factor), judged.values(factor))));
  for (std::size_t i = 0; i < train.count; ++i)
    is_known[static_cast<std::size_t>(train.factor(i, factor))] = true;
  Places places;
  for (std::size_t i = 0; i < judged.count; ++i)
    if (is_known[static_cast<std::size_t>(judged.factor(i, factor))]) places.push_back(i);
  return places;
}

FactorMatrix::FactorMatrix(std::size_t dimension_count, std::size_t factor_count)
    : dimensions(dimension_count), factors(factor_count), values(dimension_count * factor_count) {}

void TopTwo::add(double number) {
  if (std::isnan(number)) return;
  ++known;
  second = std::max(second, std::min(first, number));
  first = std::max(first, number);
}

double TopTwo::gap() const {
  return known < 2 ? std::numeric_limits<double>::quiet_NaN() : first - second;
}

double mean_of_known(const std::vector<double>& numbers) {
  double sum = 0;
  int known = 0;
  for (const double number : numbers) {
    if (std::isnan(number)) continue;
    sum += number;
    ++known;
  }
  return known > 0 ? sum / known : std::numeric_limits<double>::quiet_NaN();
}

std::size_t place(float uniform, std::size_t size) {
  return std::min(
      static_cast<std::size_t>(static_cast<double>(uniform) * static_cast<double>(size)), size - 1);
}

}  // namespace varia::metrics
