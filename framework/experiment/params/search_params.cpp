#include "experiment/params/search_params.hpp"

#include <fmt/format.h>

#include <set>

namespace varia::experiment {

namespace {

constexpr std::string_view kSplit = "validation/";

Search made(const SearchParams& params, const Value& section) {
  Search search;
  search.metric = params.metric();
  search.order = better_from_text(params.order()).value_or(Better::neither);
  search.where = section.where();
  search.metric_where = params.metric.where();
  return search;
}

bool has_validation(const Value& data) {
  const auto* folds = data.find("folds");
  const auto* part = data.find("validation");
  return (folds != nullptr && !folds->is_null()) ||
         (part != nullptr && part->as_real().value_or(0) > 0);
}

/// Successive halving compares at every rung; a metric that is not measured there has no value.
void require_every(const Search& search, const Trial& trial) {
  const auto name = search.metric.substr(kSplit.size());
  const auto rung = search.asha()->min_records;
  for (const auto& entry : *trial.metrics) {
    const bool is_it = name.compare(0, entry.name.size(), entry.name) == 0;
    if (!is_it || (entry.every != ListEntry::kLast && rung % entry.every == 0)) continue;
    throw ConfigError(
        search.metric_where,
        fmt::format("search: metrics.{} is not measured at epoch {}, where the search "
                    "first compares; give it every: 1, or another min_epochs",
                    entry.name, rung));
  }
}

}  // namespace

void SearchParams::check() const {
  if (!metric.has_value())
    fail(metric, "say what is compared, a metric such as validation/elbo or validation/loss");
  if (metric().size() <= kSplit.size() || metric().compare(0, kSplit.size(), kSplit) != 0)
    fail(metric,
         fmt::format("a search selects by the validation split (data.validation), so that what is "
                     "reported of the others stays unbiased: expected validation/..., found '{}'",
                     metric()));
}

std::optional<Search> load_search(const Value& tree) {
  const Value* section = tree.find("search");
  if (section == nullptr || section->is_null()) return std::nullopt;
  static const std::vector<std::string> known{"asha", "tpe"};
  const Value* use = section->find("use");
  if (!section->is_map() || use == nullptr)
    throw ConfigError(section->where(),
                      fmt::format("search: expected a map such as {{use: asha, metric: "
                                  "validation/elbo}}, with one of: asha, tpe; found {}",
                                  section->is_map() ? "no 'use'" : section->describe()));
  Value map = *section;
  map.erase("use");
  const LoadContext context{nullptr, "search " + use->text(), section->where()};
  if (use->text() == "asha") {
    AshaParams params;
    params.load(map, context);
    auto search = made(params, *section);
    search.method = AshaSettings{params.min_epochs(), params.factor()};
    return search;
  }
  if (use->text() == "tpe") {
    TpeParams params;
    params.load(map, context);
    auto search = made(params, *section);
    search.method = TpeSettings{params.startup(), params.candidates(), params.gamma()};
    return search;
  }
  throw ConfigError(use->where(), fmt::format("search: {} is not a search. {}", use->describe(),
                                              suggestion(use->text(), known)));
}

void require_comparable(const Search& search, const Plan& plan) {
  std::set<const void*> checked;
  for (const auto& trial : plan.trials) {
    if (search.asha() != nullptr && checked.insert(trial.metrics.get()).second)
      require_every(search, trial);
    if (checked.insert(trial.data.get()).second && !has_validation(*trial.data))
      throw ConfigError(search.where,
                        fmt::format("search: trial {} sets no images aside to select by; give "
                                    "data.validation (or data.folds)",
                                    trial.id));
  }
}

}  // namespace varia::experiment
