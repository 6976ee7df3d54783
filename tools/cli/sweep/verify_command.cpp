#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/commands.hpp"
#include "cli/help_text.hpp"
#include "cli/options.hpp"
#include "cli/shipped_files.hpp"
#include "cli/sweep/local_run.hpp"
#include "cli/sweep/verified_figures.hpp"
#include "cli/terminal/terminal.hpp"
#include "experiment/experiment.hpp"
#include "varia/error.hpp"
#include "varia/error_list.hpp"

namespace varia::cli {

namespace fs = std::filesystem;

namespace {

struct VerifyOptions {
  std::vector<std::string> names;
  std::string results = "results";
  double minutes = 180;  ///< the longest experiment that is run unless it is named
  sweep::RunOptions run;
  bool list = false;
  bool json = false;
  bool wide = false;
};

/// An experiment with published numbers.
struct Candidate {
  std::string file;
  experiment::SharedPublished published;
  bool is_named = false;
  std::optional<LoadedExperiment> loaded;  ///< nullopt: it cannot be run
  std::string problem;                     ///< why
};

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".yaml");
}

Candidate candidate_of(const std::string& file, bool is_named) {
  const auto read = experiment::read_experiment(file);
  Candidate candidate{.file = file,
                      .published = experiment::load_published(read.tree),
                      .is_named = is_named,
                      .loaded = {},
                      .problem = {}};
  if (!candidate.published)
    throw ConfigError(Location{file},
                      "the experiment has no section 'published', which says what is expected "
                      "(experiments/published/README.md)");
  return candidate;
}

/// The experiments that are asked for, the shortest first; without names all that come with Varia.
std::vector<Candidate> candidates(const std::vector<std::string>& names) {
  const auto shipped = published_experiments();
  std::vector<std::string> known;
  for (const auto& file : shipped) known.push_back(file.stem().string());
  ErrorList errors;
  std::vector<Candidate> found;
  const auto add = [&](const std::string& file, bool is_named) {
    errors.collect([&] { found.push_back(candidate_of(file, is_named)); });
  };
  for (const auto& name : names) {
    const auto place = std::ranges::find(known, name);
    if (is_path(name))
      add(name, true);
    else if (place != known.end())
      add(shipped[static_cast<std::size_t>(place - known.begin())].string(), true);
    else
      errors.add(ConfigError(
          fmt::format("'{}' is not a published experiment. {}", name, suggestion(name, known))));
  }
  if (names.empty())
    for (const auto& file : shipped) add(file.string(), false);
  errors.raise();
  std::ranges::stable_sort(found, {},
                           [](const Candidate& one) { return one.published->minutes(); });
  return found;
}

/// True if it is run where it is not done.
bool is_due(const Candidate& candidate, const VerifyOptions& options) {
  return candidate.is_named || candidate.published->minutes() <= options.minutes;
}

/// Loads the experiments. One that is not to be run may lack its data.
void load(std::vector<Candidate>& all, const VerifyOptions& options, Workspace& workspace) {
  ErrorList errors;
  std::map<std::string, std::string> files;  // by the name of the experiment
  for (auto& candidate : all) {
    const auto read = [&] {
      ExperimentOptions experiment;
      experiment.file = candidate.file;
      experiment.results = options.results;
      auto loaded = load_experiment(workspace, experiment);
      const auto& name = loaded.experiment.name;
      if (const auto [other, is_new] = files.emplace(name, candidate.file); !is_new)
        throw ConfigError(
            Location{candidate.file},
            fmt::format("its results would be those of {}, which has the name '{}', too; leave one "
                        "of them out, or give it another name",
                        other->second, name));
      const auto trials = loaded.plan.trials.size();
      if (trials != static_cast<std::size_t>(loaded.experiment.replicates))
        throw ConfigError(
            loaded.experiment.tree.find("published")->where(),
            fmt::format("published: the figures are of one setting, and the sweep has {}; give "
                        "each a file of its own",
                        trials / static_cast<std::size_t>(loaded.experiment.replicates)));
      candidate.loaded.emplace(std::move(loaded));
    };
    if (is_due(candidate, options)) {
      errors.collect(read);
      continue;
    }
    try {
      read();
    } catch (const DataError& error) {
      candidate.problem = error.what();
    }
  }
  errors.raise();
}

/// Runs the experiments that are due, after all of them were checked.
/// @returns kInterrupted if a run was, else kAllDone
ExitCode run_missing(std::vector<Candidate>& all, const VerifyOptions& options,
                     Workspace& workspace, const training::Environment& environment) {
  RunArguments arguments;
  arguments.results = options.results;
  arguments.run = options.run;
  arguments.is_checked = true;
  arguments.prints_results = false;
  ErrorList errors;
  for (const auto& candidate : all) {
    if (!is_due(candidate, options)) continue;
    errors.collect([&] {
      results::ResultsFolder folder(candidate.loaded->paths);
      const auto trials = trial_statuses(*candidate.loaded, workspace, environment, folder);
      for (const auto& note : check_due(arguments, workspace, *candidate.loaded, trials))
        print_note(note);
    });
  }
  errors.raise();
  for (auto& candidate : all) {
    if (!is_due(candidate, options)) continue;
    say(fmt::format("{}: {} min on one core\n", candidate.loaded->experiment.name,
                    number_text(candidate.published->minutes())));
    if (run_here(arguments, workspace, *candidate.loaded) == kInterrupted) return kInterrupted;
  }
  return kAllDone;
}

/// What a list says of what a call without --list would do.
std::string outlook(const std::vector<Candidate>& all, const VerifyOptions& options) {
  std::vector<std::string> left_out;
  for (const auto& candidate : all)
    if (!is_due(candidate, options)) left_out.push_back(fs::path(candidate.file).stem().string());
  if (left_out.empty()) return "";
  return fmt::format("longer than {} min, run if named or with --minutes: {}\n",
                     number_text(options.minutes), fmt::join(left_out, ", "));
}

int verify(const VerifyOptions& options) {
  prepare_local_runs();
  const auto environment = training::this_environment();
  Workspace workspace;
  auto all = candidates(options.names);
  load(all, options, workspace);
  const auto code = options.list ? kAllDone : run_missing(all, options, workspace, environment);
  std::vector<VerifiedExperiment> experiments;
  for (const auto& candidate : all) {
    const auto name = fs::path(candidate.file).stem().string();
    experiments.push_back(candidate.loaded ? verified(*candidate.loaded, workspace, environment)
                                           : unmeasured(name, *candidate.published));
    experiments.back().problem = candidate.problem;
  }
  if (options.json)
    print_json(verification_json(experiments));
  else
    fmt::print("{}{}", verification_text(experiments, output_style(options.wide)),
               outlook(all, options));
  if (code == kInterrupted || options.list) return code;
  return has_missed(experiments) ? kSomeFailed : kAllDone;
}

}  // namespace

void add_verify(CLI::App& app, Action& action) {
  const auto options = std::make_shared<VerifyOptions>();
  auto* command = app.add_subcommand(
      "verify", "Train what is missing of published experiments, and compare their numbers");
  command
      ->add_option("names", options->names,
                   "Names of those that come with Varia, or experiment files with a section "
                   "'published' (default: all that take at most --minutes)")
      ->type_name("PUBLISHED");
  add_results_folder(*command, options->results);
  command->add_flag("--list", options->list, "Run nothing: list what is known");
  command
      ->add_option("--minutes", options->minutes,
                   "The longest experiment that is run without being named, on one core")
      ->type_name("N")
      ->check(real_number(0, 1e9))
      ->capture_default_str();
  add_run_options(*command, options->run);
  command->add_flag("--json", options->json, "Print JSON");
  add_wide(*command, options->wide);
  set_exit_codes(*command, {{kAllDone, "no number is missed"},
                            {kSomeFailed, "a number is missed, or a trial failed"},
                            {kWrong, "an experiment or the call is wrong"},
                            {kInterrupted, "interrupted: the same command resumes"}});
  command->callback([options, &action] { action = [options] { return verify(*options); }; });
}

}  // namespace varia::cli
