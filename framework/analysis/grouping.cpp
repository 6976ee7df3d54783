#include "analysis/grouping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "varia/error.hpp"

namespace varia::analysis {

namespace {

bool contains(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

void check_request(const results::Results& results, const GroupingRequest& request) {
  std::set<std::string> seen;
  for (const auto* keys : {&request.by, &request.over, &request.best}) {
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
    const bool differs = std::any_of(cells.begin(), cells.end(), [&](const Setting& cell) {
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
    std::sort(values.begin(), values.end());
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

Grouping group_trials(const results::Results& results, const GroupingRequest& request) {
  check_request(results, request);
  const auto known = setting_keys(results);
  Grouping grouping;
  grouping.keys = request.by;
  auto named = request.by;
  named.insert(named.end(), request.over.begin(), request.over.end());
  named.insert(named.end(), request.best.begin(), request.best.end());
  std::vector<std::string> left_over;
  std::copy_if(known.keys.begin(), known.keys.end(), std::back_inserter(left_over),
               [&](const std::string& key) { return !contains(named, key); });
  if (request.by.empty()) {
    grouping.keys = left_over;
  } else {
    check_left_over(results, named, left_over);
  }
  for (const auto& key : known.unswept)
    grouping.notes.push_back(fmt::format(
        "trials differ in {}, which the sweep does not name: the file has trials of several "
        "versions of the experiment",
        key));
  for (auto& setting : make_settings(results, grouping.keys))
    grouping.groups.push_back({std::move(setting.values), std::move(setting.trials), {}});
  if (!request.over.empty()) add_places(results, request.over, grouping);
  return grouping;
}

Group part_of(const Group& group, const std::vector<std::size_t>& trials) {
  Group part{group.values, trials, {}};
  for (const auto& place : group.places) {
    Setting kept{place.values, {}};
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
