#include "analysis/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>

#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::analysis {

namespace {

constexpr std::array kHowItIsRun = {"train.device", "train.threads", "train.record_every",
                                    "train.keep"};

bool same_value(const results::ParameterColumn& column, std::size_t a, std::size_t b) {
  if (column.is_text) return column.texts[a] == column.texts[b];
  const double x = column.numbers[a];
  const double y = column.numbers[b];
  return x == y || (std::isnan(x) && std::isnan(y));
}

bool varies(const results::ParameterColumn& column, const std::vector<std::size_t>& trials) {
  return std::any_of(trials.begin(), trials.end(),
                     [&](std::size_t trial) { return !same_value(column, trials.front(), trial); });
}

bool lies_within(const std::string& key, const std::string& outer) {
  return key.size() > outer.size() && key.compare(0, outer.size(), outer) == 0 &&
         key[outer.size()] == '.';
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
  const auto is_inner = [&](const std::string& key) {
    return std::any_of(swept.begin(), swept.end(),
                       [&](const std::string& outer) { return lies_within(key, outer); });
  };
  std::vector<std::string> keys;
  std::copy_if(swept.begin(), swept.end(), std::back_inserter(keys),
               [&](const std::string& key) { return !is_inner(key); });
  return keys;
}

}  // namespace

std::string value_text(const results::ParameterColumn& column, std::size_t trial) {
  if (column.is_text) return column.texts[trial];
  return std::isnan(column.numbers[trial]) ? "" : number_text(column.numbers[trial]);
}

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
    return std::find(kHowItIsRun.begin(), kHowItIsRun.end(), column.key) == kHowItIsRun.end() &&
           std::any_of(settings.begin(), settings.end(), differs);
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
    for (const auto* column : columns) values.push_back(value_text(*column, trial));
    const auto [place, is_new] = places.try_emplace(values, settings.size());
    if (is_new) settings.push_back({std::move(values), {}});
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

}  // namespace varia::analysis
