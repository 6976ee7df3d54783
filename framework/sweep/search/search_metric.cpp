#include "sweep/search/search_metric.hpp"

#include <fmt/format.h>

#include "varia/error.hpp"

namespace varia::sweep {

Better searched_order(const experiment::Search& search, Better declared) {
  const auto order = search.better() != Better::neither ? search.better() : declared;
  if (order == Better::neither)
    throw ConfigError(search.metric.where(),
                      fmt::format("search: '{}' does not declare whether higher or lower values "
                                  "are better. Say it: order: higher or order: lower",
                                  search.metric()));
  return order;
}

std::string no_finite_value(const experiment::Search& search) {
  return fmt::format("search: no trial has a finite value of '{}', so that none could be preferred",
                     search.metric());
}

results::TrialCurve searched_curve(results::ResultsFolder& folder, const experiment::Search& search,
                                   const std::string& id, std::uint64_t ignored) {
  auto curve = folder.curve(id, search.metric(), ignored);
  if (!curve.values.empty() && searched_order(search, curve.better) == Better::higher)
    for (auto& value : curve.values) value = -value;
  return curve;
}

}  // namespace varia::sweep
