#include "analysis/references.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::analysis {

namespace {

/// "1e0" and "1.0" are the value "1".
bool is_same_value(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto number = [](const std::string& text, double& value) {
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end;
  };
  double x = 0;
  double y = 0;
  return number(a, x) && number(b, y) && x == y;
}

/// The value as the settings have it.
std::string known_value(const Comparison& comparison, std::size_t key, const std::string& wanted) {
  std::set<std::string> known;
  for (const auto& setting : comparison.settings) {
    if (is_same_value(setting.values[key], wanted)) return setting.values[key];
    known.insert(setting.values[key]);
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

}  // namespace

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

}  // namespace varia::analysis
