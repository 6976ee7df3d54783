#include "cli/trained/stored_trial.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "analysis/trial_choice.hpp"
#include "cli/file_arguments.hpp"
#include "cli/guarded_reading.hpp"
#include "experiment/sections.hpp"
#include "experiment/yaml/yaml_reader.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "results/folder/result_paths.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

namespace fs = std::filesystem;

bool is_folder(const Value& value) {
  std::error_code absent;
  return value.is_scalar() && fs::is_directory(value.text(), absent);
}

/// @param path of the results file
/// @returns where relative paths of the experiment started, as `relative_to`: a folder, or a map of
/// those of a trial's sections; null where that is not known, or is no folder of this machine.
Value starts_of_paths(const std::string& path) {
  const auto kept = results::paths_of_merged(path).experiment_file();
  std::error_code absent;
  if (!fs::is_regular_file(kept, absent)) return {};
  const auto tree = experiment::read_yaml_file(kept.string());
  const auto* starts = tree.is_map() ? tree.find("relative_to") : nullptr;
  if (starts == nullptr) return {};
  if (!starts->is_map()) return is_folder(*starts) ? *starts : Value();
  Value known;
  for (const auto& section : experiment::sections_with_components()) {
    const auto* start = starts->find(section);
    if (start != nullptr && is_folder(*start)) known.set(section, *start);
  }
  return known;
}

}  // namespace

std::string yaml_of(const results::Results& results, std::size_t row) {
  const auto& trial = results.trials()[row];
  auto head = Value::map();
  if (const auto starts = starts_of_paths(results.path()); !starts.is_null())
    head.set("relative_to", starts);
  std::vector<Value> tags;
  for (const auto& tag : trial.tags) tags.push_back(Value::text(tag));
  if (!tags.empty()) head.set("tags", Value::list(std::move(tags)));
  auto notes = Value::map();
  for (const auto& [key, text] : trial.notes) notes.set(key, Value::text(text));
  if (!trial.notes.empty()) head.set("notes", notes);
  return (head.entries().empty() ? "" : experiment::write_yaml(head)) + results.config(row);
}

StoredTrial read_stored_trial(const std::string& results, const std::string& trial) {
  require_results_files({results});
  const auto text = text_read_guarded({results}, [&] {
    const auto opened = results::open_results(results);
    const auto place = analysis::choose_trials(opened, {trial}).front();
    const auto& row = opened.trials()[place];
    const nlohmann::json found = {{"id", row.id},
                                  {"experiment", row.experiment},
                                  {"plugins", results::plugins_text(row.plugins)},
                                  {"yaml", yaml_of(opened, place)}};
    // Text in a file need not be UTF-8.
    return found.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  });
  const auto found = nlohmann::json::parse(text);
  return {results, found.at("id"), found.at("experiment"), found.at("plugins"), found.at("yaml")};
}

experiment::Experiment experiment_of(const StoredTrial& trial,
                                     const std::vector<std::string>& overrides) {
  // Paths start where its YAML says, else in this folder, and not in that of the results.
  const auto name = fs::path(trial.file).filename().string() + " trial " + trial.id;
  return experiment::read_experiment_text(trial.yaml, name, overrides);
}

void require_trial(const experiment::Plan& plan, const StoredTrial& stored) {
  if (plan.trials.front().id == stored.id) return;
  throw ConfigError(fmt::format(
      "{}: its YAML gives the trial {} here: the content of its data, or the parameters of a "
      "component, have changed since. varia export --yaml writes the YAML as an experiment of its "
      "own",
      stored.place(), plan.trials.front().id));
}

}  // namespace varia::cli
