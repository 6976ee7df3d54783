#include "analysis/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "analysis/best_values.hpp"
#include "analysis/comparability.hpp"
#include "analysis/metric_choice.hpp"
#include "analysis/references.hpp"
#include "analysis/settings.hpp"
#include "analysis/statistics/holm.hpp"
#include "analysis/statistics/pareto_front.hpp"
#include "experiment/metric_order.hpp"
#include "results/provenance.hpp"
#include "varia/error.hpp"

namespace varia::analysis {

namespace {

std::vector<ComparedMetric> compared_metrics(const results::Results& results,
                                             const ComparisonRequest& request) {
  auto names = request.metrics;
  if (names.empty()) names.push_back(default_metric(results));
  if (names.front().empty())
    throw ConfigError(fmt::format(
        "{}: no trial has recorded a metric, so there is nothing to compare", results.path()));
  std::vector<ComparedMetric> metrics;
  for (std::size_t i = 0; i < names.size(); ++i) {
    require_scalar_metric(results, names[i]);
    const auto order = i < request.orders.size() ? request.orders[i] : "";
    metrics.push_back(
        {names[i], "", order.empty() ? experiment::more_is_better(names[i]) : order == "highest"});
    for (const auto& column : results.metrics())
      if (column.name == names[i]) metrics.back().units = column.info.units;
  }
  return metrics;
}

/// The class of each group: equal texts, equal classes.
std::vector<std::string> class_names(const results::Results& results,
                                     const std::vector<Group>& groups,
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
void rank(std::vector<ComparedSetting>& settings, bool more_is_better) {
  const auto centre = [](const ComparedSetting& setting) { return setting.rank_summary.centre; };
  std::stable_sort(settings.begin(), settings.end(),
                   [&](const ComparedSetting& a, const ComparedSetting& b) {
                     if (a.class_index != b.class_index) return a.class_index < b.class_index;
                     if (std::isnan(centre(a)) || std::isnan(centre(b)))
                       return !std::isnan(centre(a)) && std::isnan(centre(b));
                     return more_is_better ? centre(a) > centre(b) : centre(a) < centre(b);
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
    for (const auto place : statistics::pareto_front(x, y, comparison.metrics[0].more_is_better,
                                                     comparison.metrics[1].more_is_better))
      comparison.settings[members[place]].on_front = true;
  }
}

/// Builds of plugins that trials have in common by name, and not by digest.
std::vector<std::string> plugins_of_several_builds(const results::Results& results) {
  std::map<std::string, std::set<results::PluginVersion>> builds;
  std::set<std::string> texts;
  for (const auto& row : results.trials()) texts.insert(row.plugins);
  for (const auto& text : texts)
    for (auto& plugin : results::plugins_from_text(text)) builds[plugin.name].insert(plugin);
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

}  // namespace

Comparison compare(const results::Results& results, const ComparisonRequest& request) {
  Comparison comparison;
  comparison.trials = results.size();
  comparison.metrics = compared_metrics(results, request);
  comparison.over = request.grouping.over;
  comparison.best = request.grouping.best;
  const auto& first = comparison.metrics.front();
  const auto validation = validation_metric(results, first.name);
  const bool is_test = first.name.rfind("test/", 0) == 0;
  comparison.ranked_by = is_test && validation ? *validation : first.name;

  auto grouping = group_trials(results, request.grouping);
  comparison.keys = grouping.keys;
  comparison.notes = std::move(grouping.notes);
  const auto expected = expected_replicates(results);
  std::vector<std::string> names;
  for (const auto& metric : comparison.metrics) names.push_back(metric.name);
  names.push_back(comparison.ranked_by);
  const auto comparable = comparability(results, names);

  std::vector<Group> groups = grouping.groups;
  std::vector<std::vector<std::string>> chosen(groups.size());
  if (!comparison.best.empty()) {
    if (!validation)
      throw ConfigError(fmt::format(
          "--best {} chooses on the validation split, and {} has no values of validation{}. "
          "Train with data.validation or data.folds, or average over it: --over {}",
          comparison.best.front(), results.path(), first.name.substr(first.name.find('/')),
          comparison.best.front()));
    const BestValues best_values(results, comparison.best, *validation, first.more_is_better,
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
  rank(comparison.settings, first.more_is_better);
  find_references(request, grouping.groups, comparison);
  add_differences(comparison);
  mark_fronts(comparison);
  add_test_note(request, comparison);
  add_notes(results, comparison);
  return comparison;
}

}  // namespace varia::analysis
