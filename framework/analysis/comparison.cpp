#include "analysis/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "analysis/ranking.hpp"
#include "analysis/settings.hpp"
#include "results/provenance.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

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
    const auto asked = i < request.orders.size() ? request.orders[i] : Better::neither;
    metrics.push_back(scalar_metric(results, names[i], asked));
  }
  return metrics;
}

/// The class of a group of trials.
std::string class_of(const Setting& group, const std::vector<std::string>& classes) {
  std::set<std::string> parts;
  for (const auto trial : group.trials) parts.insert(classes[trial]);
  return fmt::format("{}", fmt::join(parts, " and "));
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

void add_differences(const results::Results& results, Comparison& comparison) {
  for (std::size_t m = 0; m < comparison.metrics.size(); ++m) {
    ImageDifferences images(results, comparison.metrics[m].name);
    std::vector<double> p_values, smallest;
    for (std::size_t i = 0; i < comparison.settings.size(); ++i) {
      auto& setting = comparison.settings[i];
      p_values.push_back(std::numeric_limits<double>::quiet_NaN());
      smallest.push_back(std::numeric_limits<double>::quiet_NaN());
      if (!setting.reference || *setting.reference == i) continue;
      const auto& reference = comparison.settings[*setting.reference];
      if (reference.class_index != setting.class_index) continue;
      auto& estimate = setting.estimates[m];
      const auto& other = reference.estimates[m].sample;
      const auto shared = shared_values(estimate.sample, other);
      estimate.difference = comparison.centre == statistics::Centre::mean
                                ? statistics::paired_difference(shared.a, shared.b)
                                : statistics::paired_interquartile_difference(shared.a, shared.b);
      estimate.image_difference = images.between(estimate.sample, other);
      p_values.back() = estimate.difference->p;
      if (estimate.difference->pairs > 0) smallest.back() = estimate.difference->smallest_p;
    }
    const auto corrected = statistics::holm(p_values);
    const auto bounds = statistics::holm(smallest);
    for (std::size_t i = 0; i < corrected.size(); ++i) {
      comparison.settings[i].estimates[m].corrected_p = corrected[i];
      comparison.settings[i].estimates[m].smallest_corrected_p = bounds[i];
    }
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
        "{} several trials of one setting, whose mean is taken: the data or the program changed "
        "between them",
        repeated == 1 ? "1 seed has" : fmt::format("{} seeds have", repeated)));
  const auto several = plugins_of_several_builds(results);
  if (!several.empty())
    comparison.notes.push_back(fmt::format(
        "trials were made by several builds of {}; varia plan names those that are stale",
        fmt::join(several, ", ")));
  if (comparison.classes.size() > 1)
    comparison.notes.emplace_back(
        "settings of different data, likelihood or bound are not ranked against each other");
}

/// Chooses, within each setting, the values of the keys `best` that are best on the validation
/// split, by the estimate over the seeds. Notes say which of the values that were compared are
/// missing.
/// @param groups  become the parts with these values
/// @param classes [trial], of comparable_classes
/// @returns the chosen values of each group
/// @throws ConfigError if there is no validation split, or the values are not comparable
std::vector<std::vector<std::string>> choose_best(const results::Results& results,
                                                  const std::vector<std::string>& classes,
                                                  std::vector<Setting>& groups,
                                                  Comparison& comparison) {
  const auto& metric = comparison.metrics.front();
  const auto keys = fmt::format("{}", fmt::join(comparison.best, ", "));
  const auto validation = validation_metric(results, metric.name);
  if (!validation)
    throw ConfigError(fmt::format(
        "--best {} chooses on the validation split, and {} has no values of validation{}. "
        "Train with data.validation or data.folds, or average over it: --over {}",
        comparison.best.front(), results.path(), metric.name.substr(metric.name.find('/')),
        comparison.best.front()));
  if (*validation == metric.name)
    comparison.notes.push_back(fmt::format(
        "{} was chosen by the values that are shown, which are too good for that", keys));
  const auto values = final_values(results, *validation);
  const auto expected = expected_replicates(results);
  statistics::Summariser summarise;
  std::vector<std::vector<std::string>> chosen;
  for (auto& group : groups) {
    const auto name = setting_name(comparison.keys, group.values);
    const auto candidates = make_settings(results, group.trials, comparison.best);
    std::size_t best = 0;
    double best_value = std::numeric_limits<double>::quiet_NaN();
    bool lacks_values = false;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (class_of(candidates[i], classes) != class_of(candidates.front(), classes))
        throw ConfigError(fmt::format(
            "{}: the best {} cannot be chosen: its values have different data, likelihoods or "
            "bounds ({}). Tell settings apart by it (--by)",
            results.path(), keys, name));
      const auto part = part_of(group, candidates[i].trials);
      const auto sample = take_sample(results, values, part, expected);
      lacks_values |= sample.missing().total() > 0;
      const double value = summarise(sample.values()).centre;
      if (!ranks_before(value, best_value, metric.info.better)) continue;
      best = i;
      best_value = value;
    }
    if (std::isnan(best_value))
      comparison.notes.push_back(
          fmt::format("{}: no value of {} has a {}; the first is shown", name, keys, *validation));
    else if (lacks_values)
      comparison.notes.push_back(
          fmt::format("{}: {} was chosen among values some of which are missing", name, keys));
    chosen.push_back(candidates[best].values);
    group = part_of(group, candidates[best].trials);
  }
  return chosen;
}

/// "1e0" and "1.0" are the value "1".
bool is_same_value(const std::string& a, const std::string& b) {
  const auto x = Value::scalar(a).as_real();
  const auto y = Value::scalar(b).as_real();
  return a == b || (x && y && *x == *y);
}

/// The value as the settings have it.
std::string known_value(const Comparison& comparison, std::size_t key, const std::string& wanted) {
  std::set<std::string> known;
  for (const auto& setting : comparison.settings) {
    if (is_same_value(setting.values[key], wanted)) return setting.values[key];
    if (!setting.values[key].empty()) known.insert(setting.values[key]);
  }
  throw ConfigError(fmt::format("no setting has {}={}. {}", comparison.keys[key], wanted,
                                suggestion(wanted, {known.begin(), known.end()})));
}

std::size_t key_place(const Comparison& comparison, const std::string& key) {
  const auto found = std::find(comparison.keys.begin(), comparison.keys.end(), key);
  if (found != comparison.keys.end())
    return static_cast<std::size_t>(found - comparison.keys.begin());
  if (comparison.keys.empty())
    throw ConfigError(fmt::format("--against {}=...: there is one setting alone", key));
  throw ConfigError(fmt::format("--against {}=...: settings are not told apart by this key. {}",
                                key, suggestion(key, comparison.keys)));
}

void refer_to_values(const ComparisonRequest& request, Comparison& comparison) {
  std::map<std::size_t, std::string> replaced;
  for (const auto& [key, value] : request.against_values) {
    const auto place = key_place(comparison, key);
    if (!replaced.emplace(place, known_value(comparison, place, value)).second)
      throw ConfigError(fmt::format("--against has two values of {}", key));
  }
  std::map<std::vector<std::string>, std::size_t> places;
  for (std::size_t i = 0; i < comparison.settings.size(); ++i)
    places[comparison.settings[i].values] = i;
  for (auto& setting : comparison.settings) {
    auto values = setting.values;
    for (const auto& [place, value] : replaced) values[place] = value;
    const auto found = places.find(values);
    if (found != places.end()) setting.reference = found->second;
  }
  const bool is_compared = std::ranges::any_of(comparison.settings, [&](const auto& setting) {
    return setting.reference && &comparison.settings[*setting.reference] != &setting;
  });
  if (is_compared) return;
  std::vector<std::string> given;
  for (const auto& [key, value] : request.against_values) given.push_back(key + "=" + value);
  comparison.notes.push_back(
      fmt::format("no setting differs from one with {} in that alone, so that nothing is compared; "
                  "name a trial of the one to compare with: --against ID",
                  fmt::join(given, " ")));
}

void refer_to_trial(std::size_t trial, const std::vector<Setting>& groups, Comparison& comparison) {
  const auto group = std::find_if(groups.begin(), groups.end(), [&](const Setting& candidate) {
    return std::binary_search(candidate.trials.begin(), candidate.trials.end(), trial);
  });
  for (std::size_t i = 0; i < comparison.settings.size(); ++i) {
    if (comparison.settings[i].values != group->values) continue;
    for (auto& setting : comparison.settings) setting.reference = i;
    return;
  }
}

void refer_to_first(Comparison& comparison) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < comparison.settings.size(); ++i) {
    auto& setting = comparison.settings[i];
    if (i == 0 || setting.class_index != comparison.settings[i - 1].class_index) first = i;
    if (comparison.settings[first].rank == 0) continue;
    setting.reference = first;
  }
}

/// Finds what each setting is compared with.
/// @param groups all trials of each setting, also those that `best` leaves out
/// @throws ConfigError for a key that does not tell settings apart, or a value that none has
void find_references(const ComparisonRequest& request, const std::vector<Setting>& groups,
                     Comparison& comparison) {
  if (request.against_trial) {
    refer_to_trial(*request.against_trial, groups, comparison);
  } else if (!request.against_values.empty()) {
    refer_to_values(request, comparison);
  } else {
    refer_to_first(comparison);
  }
}

}  // namespace

Comparison compare(const results::Results& results, const ComparisonRequest& request) {
  Comparison comparison;
  comparison.trials = results.size();
  comparison.metrics = compared_metrics(results, request);
  comparison.over = request.over;
  comparison.best = request.best;
  const auto& first = comparison.metrics.front();
  comparison.ranked_by = ranking_metric(results, first.name);

  auto grouping = group_trials(results, request.by, request.over, request.best);
  comparison.keys = grouping.keys;
  comparison.notes = std::move(grouping.notes);
  const auto expected = expected_replicates(results);
  std::vector<std::string> names;
  for (const auto& metric : comparison.metrics) names.push_back(metric.name);
  names.push_back(comparison.ranked_by);
  const auto classes = comparable_classes(results, names);

  auto groups = grouping.groups;
  std::vector<std::vector<std::string>> chosen(groups.size());
  if (!comparison.best.empty()) chosen = choose_best(results, classes, groups, comparison);

  std::map<std::string, std::vector<double>> values;
  for (const auto& name : names) values.try_emplace(name, final_values(results, name));
  const auto sample_of = [&](const Setting& group, const std::string& metric) {
    return take_sample(results, values.at(metric), group, expected);
  };
  std::optional<std::size_t> fewest;  // values of a setting
  for (const auto& group : groups)
    for (const auto& name : names) {
      const auto found = sample_of(group, name).values();
      const auto count = std::ranges::count_if(found, [](double x) { return !std::isnan(x); });
      if (count > 0) fewest = std::min<std::size_t>(fewest.value_or(count), count);
    }
  comparison.centre = statistics::centre_of(fewest.value_or(0));
  statistics::Summariser summarise;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto& group = groups[i];
    ComparedSetting setting;
    setting.values = group.values;
    setting.chosen = chosen[i];
    setting.trials = group.trials;
    const auto own_class = class_of(group, classes);
    const auto known = std::ranges::find(comparison.classes, own_class);
    setting.class_index = static_cast<std::size_t>(known - comparison.classes.begin());
    if (known == comparison.classes.end()) comparison.classes.push_back(own_class);
    for (const auto& metric : comparison.metrics) {
      Estimate estimate;
      estimate.sample = sample_of(group, metric.name);
      estimate.summary = summarise(estimate.sample.values(), comparison.centre);
      setting.estimates.push_back(std::move(estimate));
    }
    setting.rank_summary =
        comparison.ranked_by == first.name
            ? setting.estimates.front().summary
            : summarise(sample_of(group, comparison.ranked_by).values(), comparison.centre);
    comparison.settings.push_back(std::move(setting));
  }
  rank(comparison.settings, first.info.better);
  find_references(request, grouping.groups, comparison);
  add_differences(results, comparison);
  mark_fronts(comparison);
  add_test_note(request, comparison);
  add_notes(results, comparison);
  return comparison;
}

}  // namespace varia::analysis
