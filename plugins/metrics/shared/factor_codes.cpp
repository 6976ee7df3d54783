#include "factor_codes.hpp"

#include <algorithm>
#include <cmath>
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

}  // namespace varia::metrics
