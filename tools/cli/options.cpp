#include "cli/options.hpp"

#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "cli/file_arguments.hpp"
#include "varia/value.hpp"

namespace varia::cli {

namespace {

/// @returns nullopt unless all of the text is one number
template <class Number>
std::optional<Number> number_of(const std::string& text) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

/// @param is_valid a text
/// @param range   "1 to 4096": in --help, and in the message behind `what`
CLI::Validator number_check(const std::function<bool(const std::string&)>& is_valid,
                            const std::string& what, const std::string& range) {
  return {[=](const std::string& text) {
            if (is_valid(text)) return std::string();
            return fmt::format("expected {} {}{}, found {}", what,
                               range.starts_with("from") ? "" : "from ", range,
                               Value::scalar(text).describe());
          },
          range};
}

}  // namespace

CLI::Validator whole_number(std::int64_t least, std::int64_t most) {
  const bool is_open = most == std::numeric_limits<std::int64_t>::max();
  return number_check(
      [=](const std::string& text) {
        const auto number = number_of<std::int64_t>(text);
        // CLI11 would take what begins with a zero for octal.
        return number && *number >= least && *number <= most && std::to_string(*number) == text;
      },
      "a whole number",
      is_open ? fmt::format("from {}", least) : fmt::format("{} to {}", least, most));
}

CLI::Validator real_number(double least, double most) {
  return number_check(
      [=](const std::string& text) {
        const auto number = number_of<double>(text);
        return number && *number >= least && *number <= most;  // not so for NaN
      },
      "a number", fmt::format("{:.12g} to {:.12g}", least, most));
}

CLI::Validator one_of(const std::vector<std::string>& words) {
  return {[words](const std::string& text) {
            if (std::ranges::find(words, text) != words.end()) return std::string();
            const std::vector<std::string> others(words.begin(), words.end() - 1);
            const auto near = nearest_name(text, words);
            return fmt::format("expected '{}' or '{}', found {}{}", fmt::join(others, "', '"),
                               words.back(), Value::scalar(text).describe(),
                               near.empty() ? "" : fmt::format(". Did you mean '{}'?", near));
          },
          fmt::format("{{{}}}", fmt::join(words, ","))};
}

namespace {

/// `-o sweep.h5` would make a folder of that name.
std::string check_results_folder(const std::string& name) {
  const std::filesystem::path path = name;
  std::error_code error;
  if (path.extension() == ".h5" && !std::filesystem::is_directory(path, error))
    return "expected a folder, found '" + name +
           "': the results file in it is called NAME.h5, by " + "the experiment's name";
  return check_folder_name(name);
}

}  // namespace

void add_results_folder(CLI::App& command, std::string& folder) {
  command.add_option("-o,--results", folder, "Folder of the results")
      ->type_name("DIR")
      ->check(check_results_folder)
      ->capture_default_str();
}

namespace {

/// "failed" and "stale"; a submission names its trials by "@FILE".
CLI::Validator rerun_names() {
  const auto names = one_of({"failed", "stale"});
  return {
      [names](std::string& text) { return text.starts_with('@') ? std::string() : names(text); },
      names.get_description()};
}

}  // namespace

void add_run_options(CLI::App& command, sweep::RunOptions& run) {
  command
      .add_option(
          "-j,--jobs", run.jobs,
          "Trials at the same time (default: the cores, or places on GPUs, that it may use)")
      ->type_name("N")
      ->check(whole_number(1, 4096));
  command
      .add_option_function<std::string>(
          "--rerun", [&run](const auto& name) { run.rerun = sweep::rerun_named(name); },
          "Run trials again that failed, or that are stale")
      ->check(rerun_names());
}

void add_experiment_options(CLI::App& command, ExperimentOptions& options) {
  command.add_option("experiment", options.file, "The experiment file (experiments/README.md)")
      ->required()
      ->type_name("EXPERIMENT.yaml");
  command
      .add_option("overrides", options.overrides,
                  "Replace values: loss.beta=4, train.epochs=1, 'model.hidden=[400, 400]'; a "
                  "key of the sweep fixes that axis")
      ->type_name("KEY=VALUE");
  add_results_folder(command, options.results);
  command
      .add_option("--name", options.name,
                  "Another name for the experiment: a quick run beside the real one")
      ->type_name("NEW_NAME");
  command.add_flag("--json", options.json, "Print JSON");
}

void add_only(CLI::App& command, std::vector<std::string>& only) {
  command
      .add_option("--only", only,
                  "Only these trials (repeatable): an id or its beginning, KEY=VALUE, "
                  "replicate=R, or @FILE with one of these per line")
      ->type_name("WHAT")
      ->allow_extra_args(false);
}

void add_named_options(CLI::App& command, NamedOptions& options) {
  command
      .add_option("name", options.name, "The experiment's name, or its results: results/NAME.h5")
      ->required()
      ->type_name("NAME");
  add_results_folder(command, options.results);
  command.add_flag("--json", options.json, "Print JSON");
}

void add_trained_options(CLI::App& command, TrainedOptions& options, const std::string& what) {
  add_results_file(command, options.file);
  command.add_option("--trial", options.trial, "Its id, the id's beginning, or its row from 0")
      ->required()
      ->type_name("ID|ROW");
  add_model_options(command, options.parameters, options.other_plugins);
  command.add_option("-o,--output", options.output, what)->type_name("FILE");
}

std::array<CLI::Option*, 2> add_model_options(CLI::App& command, std::string& parameters,
                                              bool& other_plugins) {
  return {command
              .add_option("--parameters", parameters,
                          "The file of its kept parameters (default: NAME/models/ID.h5 beside the "
                          "results)")
              ->type_name("FILE"),
          command.add_flag("--other-plugins", other_plugins,
                           "Go on if its plugins are not the builds that trained it")};
}

void add_splits(CLI::App& command, std::vector<std::string>& splits) {
  command.add_option("--split", splits, "Only this split (repeatable)")
      ->check(one_of({"train", "validation", "test"}))
      ->allow_extra_args(false);
}

void take_results_files(CLI::Option& option) {
  // A validator that changes what it is given; a transformation would be listed in the help.
  option.transform(results_path);
}

void add_results_file(CLI::App& command, std::string& file) {
  take_results_files(
      *command.add_option("results", file, "The merged file: results/NAME.h5, or NAME")
           ->required()
           ->type_name("RESULTS.h5"));
}

void add_limit(CLI::App& command, std::size_t& limit, const std::string& what) {
  command.add_option("--limit", limit, "How many " + what + " are listed at most")
      ->type_name("N")
      ->check(whole_number(1))
      ->capture_default_str();
  command.add_flag_callback(
      "--all", [&limit] { limit = std::numeric_limits<std::size_t>::max(); }, "List all " + what);
}

void add_wide(CLI::App& command, bool& wide) {
  command.add_flag("--wide", wide, "Show all columns of tables, also where they do not fit");
}

void add_picture_options(CLI::App& command, std::int64_t& scale, double& frame_rate,
                         CLI::Option* needed) {
  auto* enlarged =
      command.add_option("--scale", scale, "Enlarge pictures: squares of N by N pixels")
          ->check(whole_number(1, 64));
  auto* animated =
      command.add_option("--frame-rate", frame_rate, "Frames per second of animations")
          ->check(real_number(0.01, 50));
  for (auto* option : {enlarged, animated}) {
    option->type_name("N")->capture_default_str();
    if (needed != nullptr) option->needs(needed);
  }
}

std::string check_folder_name(const std::string& name) {
  return name.empty() ? "expected a folder, found empty text" : "";
}

}  // namespace varia::cli
