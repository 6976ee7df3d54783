#include "pages/report/settings_data.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "analysis/ranking.hpp"
#include "analysis/replicates.hpp"
#include "analysis/settings.hpp"
#include "analysis/statistics/estimates.hpp"
#include "pages/report/report_data.hpp"

namespace varia::report {

namespace {

using nlohmann::json;
using results::Results;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

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

bool has_metric(const Results& file, const std::string& name) {
  const auto known = analysis::scalar_metrics(file);
  return std::find(known.begin(), known.end(), name) != known.end();
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
      if (std::find(axes_.begin(), axes_.end(), key) == axes_.end()) axes_.push_back(key);
    for (const auto& key : keys.unswept)
      notes_.push_back(file.experiment().name + ": trials differ in " + key +
                       ", which is not swept: some are of an earlier version of the experiment");
    for (auto& group : analysis::make_settings(file, keys.keys)) {
      Setting setting{number, std::move(group.trials), {}, {}};
      const auto& trials = file.trials();
      std::stable_sort(setting.rows.begin(), setting.rows.end(),
                       [&](auto a, auto b) { return trials[a].replicate < trials[b].replicate; });
      for (const auto row : setting.rows) {
        setting.trials.push_back(first[number] + row);
        if (trials[row].status == results::TrialState::done)
          setting.done.push_back(first[number] + row);
      }
      settings_.push_back(std::move(setting));
    }
  }
}

json SettingsData::document() const {
  const auto metric = default_metric(files_);
  std::vector<std::vector<double>> values;
  std::vector<std::set<std::int64_t>> expected;
  for (const auto& file : files_) {
    values.push_back(has_metric(file, metric) ? file.final_values(metric)
                                              : std::vector<double>(file.size(), kNaN));
    expected.push_back(analysis::expected_replicates(file));
  }
  auto list = json::array();
  for (const auto& setting : settings_) {
    const auto& file = files_[setting.file];
    const auto replicates = analysis::gather_replicates(file, values[setting.file], setting.rows,
                                                        expected[setting.file]);
    list.push_back({{"trials", setting.trials}, {"missing", replicates.missing.text()}});
  }
  return {{"axes", axes_},
          {"settings", std::move(list)},
          {"notes", notes_},
          {"default_metric", metric},
          {"bootstrap_from", statistics::kBootstrapFrom}};
}

json SettingsData::summary(const std::string& metric, Blocks& blocks) const {
  statistics::Summariser summarise;
  std::vector<statistics::Summary> summaries;
  std::size_t number = files_.size();
  std::vector<double> values;
  std::set<std::int64_t> expected;
  for (const auto& setting : settings_) {
    const auto& file = files_[setting.file];
    if (setting.file != number) {
      number = setting.file;
      values = has_metric(file, metric) ? file.final_values(metric)
                                        : std::vector<double>(file.size(), kNaN);
      expected = analysis::expected_replicates(file);
    }
    summaries.push_back(
        summarise(analysis::gather_replicates(file, values, setting.rows, expected).values()));
  }
  return columns(summaries, false, blocks);
}

json SettingsData::band(const std::vector<double>& series, std::int64_t epochs,
                        Blocks& blocks) const {
  const bool any = std::any_of(settings_.begin(), settings_.end(),
                               [](const auto& setting) { return setting.done.size() > 1; });
  if (!any) return nullptr;
  statistics::Summariser summarise;
  std::vector<statistics::Summary> summaries;
  for (const auto& setting : settings_) {
    for (std::size_t epoch = 0; epoch < static_cast<std::size_t>(epochs); ++epoch) {
      std::vector<double> values;
      for (const auto trial : setting.done)
        values.push_back(series[trial * static_cast<std::size_t>(epochs) + epoch]);
      summaries.push_back(values.size() > 1 ? summarise(values) : statistics::Summary());
    }
  }
  return columns(summaries, true, blocks);
}

json SettingsData::classes(const std::string& metric) const {
  std::vector<std::string> names;
  std::vector<std::size_t> of;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> known;
  std::vector<analysis::Comparability> found;
  for (const auto& file : files_) found.push_back(analysis::comparability(file, {metric}));
  for (const auto& setting : settings_) {
    const auto& comparable = found[setting.file];
    const auto own = comparable.class_of[setting.rows.front()];
    const auto [place, added] = known.try_emplace({setting.file, own}, names.size());
    if (added)
      names.push_back(files_.size() > 1
                          ? files_[setting.file].experiment().name + ": " + comparable.names[own]
                          : comparable.names[own]);
    of.push_back(place->second);
  }
  return {{"names", names}, {"of", of}};
}

}  // namespace varia::report
