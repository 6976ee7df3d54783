#include "pages/report/settings_data.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>

#include "analysis/ranking.hpp"
#include "analysis/settings.hpp"
#include "analysis/statistics/estimates.hpp"
#include "pages/report/report_data.hpp"
#include "pages/report/series.hpp"

namespace varia::report {

namespace {

using nlohmann::json;
using results::Results;

/// {"centre", "low", "high"}, blocks in single or double precision, and "count" in double.
json columns(const std::vector<statistics::Summary>& summaries, bool single, Blocks& blocks) {
  const auto column = [&](const auto& value) {
    std::vector<double> numbers;
    for (const auto& summary : summaries) numbers.push_back(value(summary));
    return single ? blocks.add_single(numbers) : blocks.add_double(numbers);
  };
  json document = {{"centre", column([](const auto& summary) { return summary.centre; })},
                   {"low", column([](const auto& summary) { return summary.interval.low; })},
                   {"high", column([](const auto& summary) { return summary.interval.high; })}};
  if (!single)
    document["count"] =
        column([](const auto& summary) { return static_cast<double>(summary.count); });
  return document;
}

std::string default_metric(const std::vector<Results>& files) {
  for (const auto& file : files) {
    const auto metric = analysis::default_metric(file);
    if (!metric.empty()) return analysis::ranking_metric(file, metric);
  }
  return "";
}

}  // namespace

SettingsData::SettingsData(const std::vector<Results>& files) : files_(files) {
  const auto first = first_trials(files);
  for (std::size_t number = 0; number < files.size(); ++number) {
    const auto& file = files[number];
    const auto keys = analysis::setting_keys(file);
    for (const auto& key : keys.keys)
      if (std::ranges::find(axes_, key) == axes_.end()) axes_.push_back(key);
    for (const auto& key : keys.unswept)
      notes_.push_back(file.experiment().name + ": trials differ in " + key +
                       ", which is not swept: some are of an earlier version of the experiment");
    for (auto& group : analysis::make_settings(file, keys.keys)) {
      Setting setting{number, std::move(group.trials), {}, {}};
      const auto& trials = file.trials();
      std::ranges::stable_sort(setting.rows, {}, [&](auto row) { return trials[row].replicate; });
      for (const auto row : setting.rows) {
        setting.trials.push_back(first[number] + row);
        if (trials[row].status == results::TrialState::done)
          setting.done.push_back(first[number] + row);
      }
      settings_.push_back(std::move(setting));
    }
  }
}

std::vector<analysis::Replicates> SettingsData::replicates(const std::string& metric) const {
  const auto values = final_values(files_, metric);
  const auto first = first_trials(files_);
  std::vector<std::set<std::int64_t>> expected;
  for (const auto& file : files_) expected.push_back(analysis::expected_replicates(file));
  std::vector<analysis::Replicates> found;
  for (const auto& setting : settings_) {
    const auto& file = files_[setting.file];
    const auto own = std::span(values).subspan(first[setting.file], file.size());
    found.push_back(analysis::gather_replicates(file, own, setting.rows, expected[setting.file]));
  }
  return found;
}

json SettingsData::document() const {
  const auto metric = default_metric(files_);
  const auto found = replicates(metric);
  auto list = json::array();
  for (std::size_t i = 0; i < settings_.size(); ++i)
    list.push_back({{"trials", settings_[i].trials}, {"missing", found[i].missing.text()}});
  return {{"axes", axes_},
          {"settings", std::move(list)},
          {"notes", notes_},
          {"default_metric", metric},
          {"bootstrap_from", statistics::kBootstrapFrom}};
}

json SettingsData::summary(const std::string& metric, Blocks& blocks) const {
  statistics::Summariser summarise;
  std::vector<statistics::Summary> summaries;
  for (const auto& own : replicates(metric)) summaries.push_back(summarise(own.values()));
  auto document = columns(summaries, false, blocks);
  document["settings"] =
      std::ranges::count_if(summaries, [](const auto& summary) { return summary.count > 0; });
  return document;
}

json SettingsData::band(const std::vector<double>& series, std::int64_t epochs,
                        Blocks& blocks) const {
  if (std::ranges::none_of(settings_, [](const auto& setting) { return setting.done.size() > 1; }))
    return nullptr;
  statistics::Summariser summarise;
  std::vector<statistics::Summary> summaries;
  const auto length = static_cast<std::size_t>(epochs);
  for (const auto& setting : settings_) {
    std::vector<double> values(setting.done.size(), std::nan(""));  // then, or last before
    for (std::size_t epoch = 0; epoch < length; ++epoch) {
      bool is_recorded = false;
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double value = series[setting.done[i] * length + epoch];
        if (std::isnan(value)) continue;
        values[i] = value;
        is_recorded = true;
      }
      summaries.push_back(is_recorded && values.size() > 1 ? summarise(values)
                                                           : statistics::Summary());
    }
  }
  return columns(summaries, true, blocks);
}

json SettingsData::classes(const std::string& metric) const {
  std::vector<std::vector<std::string>> classes;
  for (const auto& file : files_) classes.push_back(analysis::comparable_classes(file, {metric}));
  std::vector<std::string> names;
  std::vector<std::size_t> numbers;
  std::vector<std::size_t> of;
  std::map<std::pair<std::size_t, std::string>, std::size_t> known;
  for (const auto& setting : settings_) {
    const auto& own = classes[setting.file][setting.rows.front()];
    const auto [place, added] = known.try_emplace({setting.file, own}, names.size());
    if (added) {
      names.push_back(own);
      numbers.push_back(setting.file);
    }
    of.push_back(place->second);
  }
  return {{"names", names}, {"files", numbers}, {"of", of}};
}

}  // namespace varia::report
