#include "pages/report/report_data.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "analysis/image_differences.hpp"
#include "analysis/udr.hpp"
#include "pages/report/series.hpp"
#include "pages/report/settings_data.hpp"

namespace varia::report {

namespace {

using nlohmann::json;
using results::Results;

/// Equal values once, and which of them each trial has.
json coded(const std::vector<json>& column) {
  std::map<json, std::size_t> known;
  auto values = json::array();
  auto index = json::array();
  for (const auto& value : column) {
    const auto [place, added] = known.try_emplace(value, values.size());
    if (added) values.push_back(value);
    index.push_back(place->second);
  }
  json document = {{"values", values}};
  if (values.size() > 1) document["index"] = std::move(index);
  return document;
}

/// Every field of TrialInfo, and the number of the file.
json trial_columns(const std::vector<Results>& files) {
  std::map<std::string, std::vector<json>> columns;
  for (std::size_t file = 0; file < files.size(); ++file) {
    for (const auto& trial : files[file].trials()) {
      columns["file"].push_back(file);
      const auto fields = results::trial_json_in_doubles(trial);
      for (const auto& [name, value] : fields.items()) columns[name].push_back(value);
    }
  }
  auto document = json::object();
  for (const auto& [name, column] : columns) document[name] = coded(column);
  return document;
}

/// Parameters and notes over the trials of all files; null if a trial has no such key.
json parameter_columns(const std::vector<Results>& files, std::size_t trials) {
  std::map<std::string, std::map<std::size_t, const results::ParameterColumn*>> columns;  // by file
  std::vector<std::string> order;
  for (std::size_t file = 0; file < files.size(); ++file) {
    for (const auto* all : {&files[file].parameters(), &files[file].notes()}) {
      for (const auto& column : *all) {
        auto& own = columns[column.key];
        if (own.empty()) order.push_back(column.key);
        own[file] = &column;
      }
    }
  }
  const auto is_numeric = [](const auto& column) {  // JSON has no infinity
    return !column.second->is_text &&
           std::ranges::none_of(column.second->numbers,
                                [](double number) { return std::isinf(number); });
  };
  const auto first = first_trials(files);
  auto list = json::array();
  for (const auto& key : order) {
    const auto& own = columns.at(key);
    const bool numeric = std::ranges::all_of(own, is_numeric);
    std::vector<json> values(trials);
    for (const auto& [file, column] : own)
      for (std::size_t i = 0; i < files[file].size(); ++i)
        if (const auto text = column->text(i); !text.empty())
          values[first[file] + i] = numeric ? json(column->numbers[i]) : json(text);
    auto document = coded(values);
    document["key"] = key;
    document["swept"] =
        std::ranges::any_of(own, [](const auto& column) { return column.second->swept; });
    document["numeric"] = numeric;
    list.push_back(std::move(document));
  }
  return list;
}

/// The metrics as the files know them together, by name.
std::map<std::string, results::Column> all_metrics(const std::vector<Results>& files) {
  std::map<std::string, results::Column> metrics;
  for (const auto& file : files) {
    for (const auto& column : file.metrics()) metrics[column.name].widen(column);
    for (const auto& column : analysis::udr_metrics(file)) metrics[column.name].widen(column);
  }
  return metrics;
}

json metric_list(const std::vector<Results>& files, const SettingsData& settings, Blocks& blocks) {
  auto list = json::array();
  for (const auto& [name, metric] : all_metrics(files)) {
    // Thousands of values for each trial, which say something in pairs alone.
    if (analysis::is_per_image(name)) continue;
    json document = {{"name", name},
                     {"units", metric.info.units},
                     {"bound", metric.info.bound},
                     {"axes", metric.info.axes},
                     {"shape", metric.shape},
                     {"better", better_text(metric.info.better)}};
    const bool last_only = keeps_last_epoch_only(files, name, metric.shape);
    const auto series = metric_series(files, name, metric.shape, last_only);
    document["series"] = blocks.add_single(series);
    document["last_only"] = last_only;
    if (metric.shape.empty()) {
      document["final"] = blocks.add_double(final_values(files, name));
      document["summary"] = settings.summary(name, blocks);
      document["band"] = settings.band(series, epochs_of(files), blocks);
      document["classes"] = settings.classes(name);
    }
    list.push_back(std::move(document));
  }
  return list;
}

/// Values of scheduled parameters: curves like those of metrics.
json schedule_list(const std::vector<Results>& files, Blocks& blocks) {
  std::set<std::string> keys;
  for (const auto& file : files) keys.insert(file.schedules().begin(), file.schedules().end());
  auto list = json::array();
  for (const auto& key : keys)
    list.push_back({{"key", key}, {"series", blocks.add_single(schedule_series(files, key))}});
  return list;
}

json step_list(const std::vector<Results>& files, Blocks& blocks) {
  auto list = json::array();
  for (const auto& [name, curve] : step_curves(files))
    list.push_back({{"name", name},
                    {"offsets", curve.offsets},
                    {"step", blocks.add_double(curve.steps)},
                    {"value", blocks.add_single(curve.values)}});
  return list;
}

}  // namespace

std::vector<std::size_t> first_trials(const std::vector<Results>& files) {
  std::vector<std::size_t> first;
  std::size_t count = 0;
  for (const auto& file : files) {
    first.push_back(count);
    count += file.size();
  }
  return first;
}

json report_data(const std::vector<Results>& files, Blocks& blocks) {
  auto experiments = json::array();
  for (const auto& file : files) {
    const auto& info = file.experiment();
    experiments.push_back({{"file", std::filesystem::path(file.path()).filename().string()},
                           {"name", info.name},
                           {"yaml", info.yaml},
                           {"created", info.created},
                           {"host", info.host},
                           {"versions", info.versions},
                           {"plugins", info.plugins}});
  }
  const auto count = first_trials(files).back() + files.back().size();
  const SettingsData settings(files);
  auto document = settings.document();
  auto trials = trial_columns(files);
  trials["count"] = count;
  trials["epochs"] = epochs_of(files);
  document["experiments"] = std::move(experiments);
  document["trials"] = std::move(trials);
  document["parameters"] = parameter_columns(files, count);
  document["metrics"] = metric_list(files, settings, blocks);
  document["schedules"] = schedule_list(files, blocks);
  document["seconds"] = blocks.add_single(seconds_series(files));
  document["steps"] = step_list(files, blocks);
  return document;
}

}  // namespace varia::report
