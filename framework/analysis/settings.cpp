#include "analysis/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <iterator>
#include <map>
#include <numeric>

#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::analysis {

namespace {

constexpr std::array kHowItIsRun = {"train.device",  "train.data_on_device",
                                    "train.threads", "train.record_every",
                                    "train.keep",    "model.from.file"};

bool same_value(const results::ParameterColumn& column, std::size_t a, std::size_t b) {
  if (column.is_text) return column.texts[a] == column.texts[b];
  const double x = column.numbers[a];
  const double y = column.numbers[b];
  return x == y || (std::isnan(x) && std::isnan(y));
}

bool varies(const results::ParameterColumn& column, const std::vector<std::size_t>& trials) {
  return std::ranges::any_of(
      trials, [&](std::size_t trial) { return !same_value(column, trials.front(), trial); });
}

bool lies_within(const std::string& key, const std::string& outer) {
  return key.starts_with(outer + ".");
}

std::vector<std::size_t> all_trials(const results::Results& results) {
  std::vector<std::size_t> trials(results.size());
  std::iota(trials.begin(), trials.end(), std::size_t{0});
  return trials;
}

std::vector<std::string> varying_swept_keys(const results::Results& results) {
  const auto trials = all_trials(results);
  std::vector<std::string> swept;
  for (const auto& column : results.parameters())
    if (column.swept && varies(column, trials)) swept.push_back(column.key);
  std::vector<std::string> keys;
  for (const auto& key : swept)
    if (std::ranges::none_of(swept, [&](const auto& outer) { return lies_within(key, outer); }))
      keys.push_back(key);
  return keys;
}

void check_keys(const results::Results& results,
                std::initializer_list<const std::vector<std::string>*> roles) {
  std::set<std::string> seen;
  for (const auto* keys : roles) {
    for (const auto& key : *keys) {
      parameter_column(results, key);
      if (!seen.insert(key).second)
        throw ConfigError(fmt::format(
            "'{}' is named twice. A key tells settings apart (--by), is pooled (--over), or is "
            "chosen on the validation split (--best)",
            key));
    }
  }
}

/// Keys that are left over must follow from those that were named.
void check_left_over(const results::Results& results, const std::vector<std::string>& named,
                     const std::vector<std::string>& left_over) {
  const auto cells = make_settings(results, named);
  std::vector<std::string> pooled;
  for (const auto& key : left_over) {
    const bool differs = std::ranges::any_of(cells, [&](const Setting& cell) {
      return make_settings(results, cell.trials, {key}).size() > 1;
    });
    if (differs) pooled.push_back(key);
  }
  if (pooled.empty()) return;
  throw ConfigError(fmt::format(
      "{}: trials of one setting differ in {}. Say for each what to do: tell settings apart by it "
      "(--by {}), average over it (--over {}), or choose its value on the validation split "
      "(--best {})",
      results.path(), fmt::join(pooled, ", "), pooled.front(), pooled.front(), pooled.front()));
}

void add_places(const results::Results& results, const std::vector<std::string>& over,
                Grouping& grouping) {
  std::set<std::vector<std::vector<std::string>>> pooled;
  for (auto& group : grouping.groups) {
    group.places = make_settings(results, group.trials, over);
    std::vector<std::vector<std::string>> values;
    for (const auto& place : group.places) values.push_back(place.values);
    std::ranges::sort(values);
    pooled.insert(std::move(values));
  }
  if (pooled.size() > 1)
    grouping.notes.push_back(
        fmt::format("settings are averaged over different values of {}", fmt::join(over, ", ")));
  if (pooled.size() == 1 && pooled.begin()->size() == 1)
    grouping.notes.push_back(fmt::format("every setting has one value of {}: nothing is averaged",
                                         fmt::join(over, ", ")));
}

}  // namespace

const results::ParameterColumn& parameter_column(const results::Results& results,
                                                 const std::string& key) {
  std::vector<std::string> known;
  for (const auto* columns : {&results.parameters(), &results.notes()}) {
    for (const auto& column : *columns) {
      if (column.key == key) return column;
      known.push_back(column.key);
    }
  }
  throw ConfigError(
      fmt::format("{} has no parameter '{}'. {}", results.path(), key, suggestion(key, known)));
}

SettingKeys setting_keys(const results::Results& results) {
  SettingKeys found;
  found.keys = varying_swept_keys(results);
  const auto settings = make_settings(results, found.keys);
  const auto is_new = [&](const results::ParameterColumn& column) {
    const auto differs = [&](const Setting& setting) { return varies(column, setting.trials); };
    return std::ranges::find(kHowItIsRun, column.key) == kHowItIsRun.end() &&
           std::ranges::any_of(settings, differs);
  };
  for (const auto& column : results.parameters())
    if (is_new(column)) found.unswept.push_back(column.key);
  found.keys.insert(found.keys.end(), found.unswept.begin(), found.unswept.end());
  return found;
}

std::vector<Setting> make_settings(const results::Results& results,
                                   const std::vector<std::size_t>& trials,
                                   const std::vector<std::string>& keys) {
  std::vector<const results::ParameterColumn*> columns;
  for (const auto& key : keys) columns.push_back(&parameter_column(results, key));
  std::vector<Setting> settings;
  std::map<std::vector<std::string>, std::size_t> places;
  for (const auto trial : trials) {
    std::vector<std::string> values;
    for (const auto* column : columns) values.push_back(column->text(trial));
    const auto [place, is_new] = places.try_emplace(values, settings.size());
    if (is_new) settings.push_back({std::move(values), {}, {}});
    settings[place->second].trials.push_back(trial);
  }
  return settings;
}

std::vector<Setting> make_settings(const results::Results& results,
                                   const std::vector<std::string>& keys) {
  return make_settings(results, all_trials(results), keys);
}

std::set<std::int64_t> expected_replicates(const results::Results& results) {
  std::set<std::int64_t> numbers;
  for (const auto& row : results.trials()) numbers.insert(row.replicate);
  return numbers;
}

Grouping group_trials(const results::Results& results, const std::vector<std::string>& by,
                      const std::vector<std::string>& over, const std::vector<std::string>& best) {
  check_keys(results, {&by, &over, &best});
  const auto known = setting_keys(results);
  Grouping grouping;
  grouping.keys = by;
  auto named = by;
  named.insert(named.end(), over.begin(), over.end());
  named.insert(named.end(), best.begin(), best.end());
  std::vector<std::string> left_over;
  for (const auto& key : known.keys)
    if (std::ranges::find(named, key) == named.end()) left_over.push_back(key);
  if (by.empty())
    grouping.keys = left_over;
  else
    check_left_over(results, named, left_over);
  for (const auto& key : known.unswept)
    grouping.notes.push_back(fmt::format(
        "trials differ in {}, which the sweep does not name: the file has trials of several "
        "versions of the experiment",
        key));
  grouping.groups = make_settings(results, grouping.keys);
  if (!over.empty()) add_places(results, over, grouping);
  return grouping;
}

Setting part_of(const Setting& group, const std::vector<std::size_t>& trials) {
  Setting part{group.values, trials, {}};
  for (const auto& place : group.places) {
    Setting kept{place.values, {}, {}};
    std::set_intersection(place.trials.begin(), place.trials.end(), trials.begin(), trials.end(),
                          std::back_inserter(kept.trials));
    if (!kept.trials.empty()) part.places.push_back(std::move(kept));
  }
  return part;
}

std::string setting_name(const std::vector<std::string>& keys,
                         const std::vector<std::string>& values) {
  std::string name;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!values[i].empty())
      name += fmt::format("{}{}={}", name.empty() ? "" : ", ", keys[i], values[i]);
  return name.empty() ? "all trials" : name;
}

}  // namespace varia::analysis
