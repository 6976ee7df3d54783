#include "analysis/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "analysis/ranking.hpp"
#include "analysis/references.hpp"
#include "analysis/settings.hpp"
#include "results/provenance.hpp"
#include "varia/error.hpp"

namespace varia::analysis {

namespace {

std::vector<results::Column> compared_metrics(const results::Results& results,
                                              const ComparisonRequest& request) {
  auto names = request.metrics;
  if (names.empty()) names.push_back(default_metric(results));
  if (names.front().empty())
    throw ConfigError(fmt::format(
        "{}: no trial has recorded a metric, so there is nothing to compare", results.path()));
  std::vector<results::Column> metrics;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& column = scalar_metric(results, names[i]);
    const auto asked = i < request.orders.size() ? request.orders[i] : Better::neither;
    metrics.push_back(column);
    metrics.back().info.better = order_of(results, column, asked);
  }
  return metrics;
}

/// The class of each group: equal texts, equal classes.
std::vector<std::string> class_names(const results::Results& results,
                                     const std::vector<Setting>& groups,
                                     const Comparability& comparability) {
  std::vector<std::string> names;
  for (const auto& group : groups) {
    std::set<std::string> parts;
    for (const auto trial : group.trials)
      parts.insert(comparability.names[comparability.class_of[trial]]);
    names.push_back(fmt::format("{}", fmt::join(parts, " and ")));
  }
  return names;
}

/// Better first; those without a value last, in the order of the file.
void rank(std::vector<ComparedSetting>& settings, Better better) {
  const auto centre = [](const ComparedSetting& setting) { return setting.rank_summary.centre; };
  std::stable_sort(settings.begin(), settings.end(),
                   [&](const ComparedSetting& a, const ComparedSetting& b) {
                     if (a.class_index != b.class_index) return a.class_index < b.class_index;
                     return ranks_before(centre(a), centre(b), better);
                   });
  std::size_t place = 0;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    if (i == 0 || settings[i].class_index != settings[i - 1].class_index) place = 0;
    if (!std::isnan(centre(settings[i]))) settings[i].rank = ++place;
  }
}

void add_differences(Comparison& comparison) {
  for (std::size_t m = 0; m < comparison.metrics.size(); ++m) {
    std::vector<double> p_values;
    for (std::size_t i = 0; i < comparison.settings.size(); ++i) {
      auto& setting = comparison.settings[i];
      p_values.push_back(std::numeric_limits<double>::quiet_NaN());
      if (!setting.reference || *setting.reference == i) continue;
      const auto& reference = comparison.settings[*setting.reference];
      if (reference.class_index != setting.class_index) continue;
      const auto shared = shared_values(setting.estimates[m].sample, reference.estimates[m].sample);
      setting.estimates[m].difference = statistics::paired_difference(shared.a, shared.b);
      p_values.back() = setting.estimates[m].difference->p;
    }
    const auto corrected = statistics::holm(p_values);
    for (std::size_t i = 0; i < corrected.size(); ++i)
      comparison.settings[i].estimates[m].corrected_p = corrected[i];
  }
}

void mark_fronts(Comparison& comparison) {
  if (comparison.metrics.size() != 2) return;
  for (std::size_t c = 0; c < comparison.classes.size(); ++c) {
    std::vector<std::size_t> members;
    std::vector<double> x, y;
    for (std::size_t i = 0; i < comparison.settings.size(); ++i) {
      const auto& setting = comparison.settings[i];
      if (setting.class_index != c) continue;
      members.push_back(i);
      x.push_back(setting.estimates[0].summary.centre);
      y.push_back(setting.estimates[1].summary.centre);
    }
    for (const auto place :
         pareto_front(x, y, comparison.metrics[0].info.better, comparison.metrics[1].info.better))
      comparison.settings[members[place]].on_front = true;
  }
}

/// Builds of plugins that trials have in common by name, and not by digest.
std::vector<std::string> plugins_of_several_builds(const results::Results& results) {
  std::map<std::string, std::set<results::PluginVersion>> builds;
  for (const auto& row : results.trials())
    for (const auto& plugin : row.plugins) builds[plugin.name].insert(plugin);
  std::vector<std::string> names;
  for (const auto& [name, versions] : builds)
    if (versions.size() > 1) names.push_back(name);
  return names;
}

/// How far the paired differences can be trusted.
void add_test_note(const ComparisonRequest& request, Comparison& comparison) {
  std::size_t differences = 0;
  std::size_t most_pairs = 0;
  std::size_t most_values = 0;
  for (const auto& setting : comparison.settings) {
    const auto& estimate = setting.estimates.front();
    most_values = std::max(most_values, estimate.summary.count);
    if (!estimate.difference) continue;
    ++differences;
    most_pairs = std::max(most_pairs, estimate.difference->pairs);
  }
  if (most_values == 1)
    comparison.notes.emplace_back(
        comparison.over.empty()
            ? "no setting has two seeds, so that nothing tells how sure this is; the experiment's "
              "key replicates trains more"
            : "no setting has two values of what is pooled, so that nothing tells how sure this "
              "is");
  const bool is_named = request.against_trial || !request.against_values.empty();
  if (differences > 0 && most_pairs > 1 && !is_named &&
      comparison.ranked_by == comparison.metrics.front().name)
    comparison.notes.emplace_back(
        "the reference was chosen by the values that are compared, so that each p is too small; "
        "name one with --against");
}

void add_notes(const results::Results& results, Comparison& comparison) {
  std::size_t repeated = 0;
  for (const auto& setting : comparison.settings)
    repeated += setting.estimates.front().sample.repeated();
  if (repeated > 0)
    comparison.notes.push_back(fmt::format(
        "{} seeds have several trials of one setting, whose mean is taken: the data or the "
        "program changed between them",
        repeated));
  const auto several = plugins_of_several_builds(results);
  if (!several.empty())
    comparison.notes.push_back(fmt::format(
        "trials were made by several builds of {}; varia plan names those that are stale",
        fmt::join(several, ", ")));
  if (comparison.classes.size() > 1)
    comparison.notes.push_back(
        "settings of different data, likelihood or bound are not ranked against each other");
}

/// Chooses, within a setting, the values of some keys that are best on the validation split, by the
/// estimate over the seeds.
class BestValues {
 public:
  /// @param metric a metric of the validation split
  BestValues(const results::Results& results, std::vector<std::string> keys, std::string metric,
             Better better, const Comparability& comparable);

  /// @param chosen gets the values of the keys
  /// @param notes  gets a note if some of the values that were compared are missing, or all are
  /// @returns the part of the group with these values
  /// @throws ConfigError if the values are not comparable
  Setting choose(const std::vector<std::string>& setting_keys, const Setting& group,
                 std::vector<std::string>& chosen, std::vector<std::string>& notes) const;

 private:
  const results::Results& results_;
  std::vector<std::string> keys_;
  std::string metric_;
  Better better_;
  const Comparability& comparable_;
  std::vector<double> values_;
  std::set<std::int64_t> expected_;
};

BestValues::BestValues(const results::Results& results, std::vector<std::string> keys,
                       std::string metric, Better better, const Comparability& comparable)
    : results_(results),
      keys_(std::move(keys)),
      metric_(std::move(metric)),
      better_(better),
      comparable_(comparable),
      values_(results.final_values(metric_)),
      expected_(expected_replicates(results)) {}

Setting BestValues::choose(const std::vector<std::string>& setting_keys, const Setting& group,
                           std::vector<std::string>& chosen,
                           std::vector<std::string>& notes) const {
  const auto candidates = make_settings(results_, group.trials, keys_);
  const auto classes_of = [&](const Setting& candidate) {
    std::set<std::size_t> classes;
    for (const auto trial : candidate.trials) classes.insert(comparable_.class_of[trial]);
    return classes;
  };
  const auto name = setting_name(setting_keys, group.values);
  statistics::Summariser summarise;
  std::size_t best = 0;
  double best_value = std::numeric_limits<double>::quiet_NaN();
  bool lacks_values = false;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (classes_of(candidates[i]) != classes_of(candidates.front()))
      throw ConfigError(fmt::format(
          "{}: the best {} cannot be chosen: its values have different data, likelihoods or "
          "bounds ({}). Tell settings apart by it (--by)",
          results_.path(), fmt::join(keys_, ", "), name));
    const auto part = part_of(group, candidates[i].trials);
    const auto sample = take_sample(results_, values_, part, expected_);
    lacks_values |= sample.missing().total() > 0;
    const double value = summarise(sample.values()).centre;
    if (ranks_before(value, best_value, better_)) {
      best = i;
      best_value = value;
    }
  }
  if (std::isnan(best_value)) {
    notes.push_back(fmt::format("{}: no value of {} has a {}; the first is shown", name,
                                fmt::join(keys_, ", "), metric_));
  } else if (lacks_values) {
    notes.push_back(fmt::format("{}: {} was chosen among values some of which are missing", name,
                                fmt::join(keys_, ", ")));
  }
  chosen = candidates[best].values;
  return part_of(group, candidates[best].trials);
}

}  // namespace

Comparison compare(const results::Results& results, const ComparisonRequest& request) {
  Comparison comparison;
  comparison.trials = results.size();
  comparison.metrics = compared_metrics(results, request);
  comparison.over = request.over;
  comparison.best = request.best;
  const auto& first = comparison.metrics.front();
  const auto validation = validation_metric(results, first.name);
  comparison.ranked_by = ranking_metric(results, first.name);

  auto grouping = group_trials(results, request.by, request.over, request.best);
  comparison.keys = grouping.keys;
  comparison.notes = std::move(grouping.notes);
  const auto expected = expected_replicates(results);
  std::vector<std::string> names;
  for (const auto& metric : comparison.metrics) names.push_back(metric.name);
  names.push_back(comparison.ranked_by);
  const auto comparable = comparability(results, names);

  std::vector<Setting> groups = grouping.groups;
  std::vector<std::vector<std::string>> chosen(groups.size());
  if (!comparison.best.empty()) {
    if (!validation)
      throw ConfigError(fmt::format(
          "--best {} chooses on the validation split, and {} has no values of validation{}. "
          "Train with data.validation or data.folds, or average over it: --over {}",
          comparison.best.front(), results.path(), first.name.substr(first.name.find('/')),
          comparison.best.front()));
    const BestValues best_values(results, comparison.best, *validation, first.info.better,
                                 comparable);
    if (*validation == first.name)
      comparison.notes.push_back(
          fmt::format("{} was chosen by the values that are shown, which are too good for that",
                      fmt::join(comparison.best, ", ")));
    for (std::size_t i = 0; i < groups.size(); ++i)
      groups[i] = best_values.choose(grouping.keys, groups[i], chosen[i], comparison.notes);
  }

  std::map<std::string, std::vector<double>> values;
  for (const auto& name : names) values.try_emplace(name, results.final_values(name));
  const auto class_of = class_names(results, groups, comparable);
  statistics::Summariser summarise;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto& group = groups[i];
    ComparedSetting setting;
    setting.values = group.values;
    setting.chosen = chosen[i];
    setting.trials = group.trials;
    const auto known = std::find(comparison.classes.begin(), comparison.classes.end(), class_of[i]);
    setting.class_index = static_cast<std::size_t>(known - comparison.classes.begin());
    if (known == comparison.classes.end()) comparison.classes.push_back(class_of[i]);
    const auto sample_of = [&](const std::string& metric) {
      return take_sample(results, values.at(metric), group, expected);
    };
    for (const auto& metric : comparison.metrics) {
      Estimate estimate;
      estimate.sample = sample_of(metric.name);
      estimate.summary = summarise(estimate.sample.values());
      setting.estimates.push_back(std::move(estimate));
    }
    setting.rank_summary = comparison.ranked_by == first.name
                               ? setting.estimates.front().summary
                               : summarise(sample_of(comparison.ranked_by).values());
    comparison.settings.push_back(std::move(setting));
  }
  rank(comparison.settings, first.info.better);
  find_references(request, grouping.groups, comparison);
  add_differences(comparison);
  mark_fronts(comparison);
  add_test_note(request, comparison);
  add_notes(results, comparison);
  return comparison;
}

}  // namespace varia::analysis
