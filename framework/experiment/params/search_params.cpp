#include "experiment/params/search_params.hpp"

#include <fmt/format.h>

#include "experiment/monitored_metrics.hpp"

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

SharedSearch load_search(const Value& tree) {
  const Value* section = tree.find("search");
  if (section == nullptr || section->is_null()) return nullptr;
  const Value* use = section->find("use");
  if (!section->is_map() || use == nullptr)
    throw ConfigError(section->where(),
                      fmt::format("search: expected a map such as {{use: asha, metric: "
                                  "validation/elbo}}, with one of: asha, tpe; found {}",
                                  section->is_map() ? "no 'use'" : section->describe()));
  std::shared_ptr<Search> search;
  if (use->text() == "asha")
    search = std::make_shared<AshaSearch>();
  else if (use->text() == "tpe")
    search = std::make_shared<TpeSearch>();
  else
    throw ConfigError(use->where(), fmt::format("search: {} is not a search. {}", use->describe(),
                                                suggestion(use->text(), {"asha", "tpe"})));
  Value map = *section;
  map.erase("use");
  search->load(map, {nullptr, "search " + use->text(), section->where()});
  search->where = section->where();
  return search;
}

}  // namespace varia::experiment
