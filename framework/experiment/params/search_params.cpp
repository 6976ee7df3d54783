#include "experiment/params/search_params.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include "experiment/monitored_metrics.hpp"
#include "varia/parameter_schema.hpp"

namespace varia::experiment {

const AshaSearch* Search::asha() const { return dynamic_cast<const AshaSearch*>(this); }
const TpeSearch* Search::tpe() const { return dynamic_cast<const TpeSearch*>(this); }

void Search::check() const {
  if (!metric.has_value())
    fail(metric, "say what is compared, a metric such as validation/elbo or validation/loss");
  if (!is_validation_metric(metric()))
    fail(metric,
         fmt::format("a search selects by the validation split (data.validation), so that what is "
                     "reported of the others stays unbiased: expected validation/..., found '{}'",
                     metric()));
}

namespace {

struct Kind {
  std::string_view name;
  const char* doc;
  std::shared_ptr<Search> (*make)();
};

constexpr Kind kSearches[] = {
    {"asha", "Asynchronous successive halving (Li et al. 2020): trials that fall behind end early.",
     [] { return std::shared_ptr<Search>(std::make_shared<AshaSearch>()); }},
    {"tpe", "Tree-structured Parzen estimator (Bergstra et al. 2011): proposes points of random.",
     [] { return std::shared_ptr<Search>(std::make_shared<TpeSearch>()); }}};

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const auto& kind : kSearches) names.emplace_back(kind.name);
  return names;
}

}  // namespace

Value search_schema() {
  std::vector<UseSchema> options;
  for (const auto& kind : kSearches)
    options.push_back(
        {std::string(kind.name), *kind.make()->schema().find("properties"), kind.doc});
  return use_schema(options);
}

SharedSearch load_search(const Value& tree) {
  const Value* section = tree.find("search");
  if (section == nullptr || section->is_null()) return nullptr;
  const Value* use = section->find("use");
  if (!section->is_map() || use == nullptr)
    throw ConfigError(section->where(),
                      fmt::format("search: expected a map such as {{use: asha, metric: "
                                  "validation/elbo}}, with one of: {}; found {}",
                                  fmt::join(names(), ", "),
                                  section->is_map() ? "no 'use'" : section->describe()));
  const auto* const found = std::ranges::find(kSearches, use->text(), &Kind::name);
  if (found == std::end(kSearches))
    throw ConfigError(use->where(), fmt::format("search: {} is not a search. {}", use->describe(),
                                                suggestion(use->text(), names())));
  const auto search = found->make();
  Value map = *section;
  map.erase("use");
  search->load(map, {nullptr, "search " + use->text(), section->where()});
  search->where = section->where();
  return search;
}

}  // namespace varia::experiment
