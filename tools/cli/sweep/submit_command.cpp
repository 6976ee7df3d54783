#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/commands.hpp"
#include "cli/help_text.hpp"
#include "cli/options.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/terminal/text.hpp"
#include "cli/workspace.hpp"
#include "cluster/job_scripts.hpp"
#include "cluster/settings.hpp"
#include "cluster/shell.hpp"
#include "cluster/slurm.hpp"
#include "cluster/submission.hpp"
#include "experiment/experiment.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "results/folder/sweep_status.hpp"
#include "sweep/cores.hpp"
#include "sweep/preflight.hpp"
#include "sweep/run.hpp"
#include "sweep/selection.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"

namespace varia::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct SubmitOptions : ExperimentOptions {
  std::string rerun;  ///< "failed", "stale" or nothing
  /// Keys of `cluster:`; empty text is not given.
  std::map<std::string, std::string> cluster;
  bool dry_run = false;  ///< print what would be sent, write nothing
  bool verbose = false;  ///< print every file then
  bool no_send = false;  ///< write the submission, and leave it to be sent by hand
};

/// Which trials are sent, and why the others are not.
struct Choice {
  std::vector<std::string> ids;
  std::map<std::string, std::uint64_t> reruns;  ///< tokens of the results of those that have one
  std::size_t done = 0, failed = 0, stale = 0, queued = 0;
  std::vector<std::string> queued_arrays;  ///< of earlier submissions
  bool merge_is_pending = false;           ///< of one of them

  std::string left_out() const {
    return counts_text({{done, "done"},
                        {queued, "queued already"},
                        {failed, "failed (--rerun failed sends them)"},
                        {stale, "stale (--rerun stale sends them)"}});
  }
};

/// The option for a key of `cluster:`.
std::string option_of(std::string key) {
  std::ranges::replace(key, '_', '-');
  return "--" + key;
}

/// The options that were given, as a map like `cluster:`.
Value cluster_arguments(const SubmitOptions& options) {
  Value arguments = Value::map();
  for (const auto& [key, text] : options.cluster) {
    if (text.empty()) continue;
    const Location where{option_of(key) + " on the command line"};
    arguments.set(key, Value::scalar(text, false, where), where);
  }
  return arguments;
}

std::int64_t trials_per_task(const experiment::ClusterParams& params, std::int64_t threads) {
  if (params.trials_per_task.has_value()) return params.trials_per_task();
  if (params.jobs.has_value()) return params.jobs();
  return std::max<std::int64_t>(1, params.cpus_per_task() / threads);
}

std::vector<cluster::FrozenFile> plugin_files(const Workspace& workspace) {
  std::vector<cluster::FrozenFile> files;
  for (const auto& plugin : workspace.host.loaded())
    cluster::add_plugin(files, plugin->name, plugin->version, plugin->file,
                        library_digest(plugin->file));
  return files;
}

/// Lets the program read the frozen experiment as a task will, with the copies of the plugins.
/// @throws Error where its plan is another one
void check_frozen(const cluster::SubmissionInput& input, const fs::path& folder,
                  const experiment::Plan& plan) {
  std::vector<std::string> words{"env",
                                 "VARIA_PLUGIN_FOLDER=" + (folder / "plugins").string(),
                                 "VARIA_FILES_FOLDER=" + (folder / "files").string(),
                                 input.program.front().string(),
                                 "plan",
                                 (folder / "experiment.yaml").string(),
                                 "--json",
                                 "--results",
                                 input.results.string()};
  const auto outcome = cluster::run_command(words);
  std::string problem = outcome ? outcome->err : "there is no env in PATH";
  if (outcome && outcome->code == 0) {
    const auto document = json::parse(outcome->out, nullptr, false);
    std::set<std::string> found, expected;
    for (const auto& trial : plan.trials) expected.insert(trial.id);
    if (document.is_object() && document.contains("trials"))
      for (const auto& trial : document["trials"]) found.insert(trial.value("id", ""));
    if (found == expected) return;
    problem = fmt::format("{} of its {} trials are those of the experiment",
                          std::count_if(found.begin(), found.end(),
                                        [&](const auto& id) { return expected.count(id) > 0; }),
                          found.size());
  }
  throw Error(
      fmt::format("{}: the frozen experiment does not give the same plan, so nothing was "
                  "sent: {}",
                  folder.string(), problem));
}

std::vector<cluster::Job> jobs_of(const fs::path& folder) {
  for (const auto& record : cluster::read_submissions(folder.parent_path()))
    if (record.folder == folder) return record.jobs;
  return {};
}

std::string job_text(const cluster::Job& job) {
  return job.is_merge
             ? fmt::format("job {}: merge, when all tasks have ended", job.id)
             : fmt::format("job {}: tasks {} to {}", job.id, job.first, job.first + job.count - 1);
}

std::string taken_text(const std::vector<cluster::Job>& jobs) {
  std::string text;
  for (const auto& job : jobs) text += (text.empty() ? "" : "; ") + job_text(job);
  return text.empty() ? "nothing" : text;
}

std::string not_taken_text(const cluster::SubmissionInput& input,
                           const std::vector<cluster::Job>& taken) {
  std::int64_t tasks = 0;
  bool has_merge = false;
  for (const auto& job : taken) {
    tasks += job.count;
    has_merge |= job.is_merge;
  }
  const auto last = static_cast<std::int64_t>(input.tasks.size()) - 1;
  std::string text = tasks > last ? "" : fmt::format("tasks {} to {}", tasks, last);
  if (!has_merge) text += text.empty() ? "the merge" : " and the merge";
  return text;
}

/// Sends it. What Slurm took before it refused something is noted in the folder.
void send(const cluster::SubmissionInput& input, const fs::path& folder) {
  const auto outcome = cluster::run_command({"bash", (folder / "submit.sh").string()});
  if (!outcome) throw Error("there is no bash to run " + (folder / "submit.sh").string());
  say(outcome->err);
  if (outcome->code == 0) return;
  const auto taken = jobs_of(folder);
  throw Error(
      fmt::format("{}: Slurm has not taken all of it (the lines above say why). It took: {}. Not "
                  "sent: {}. Correct that, or wait until some jobs have ended if they are too many "
                  "(a higher trials_per_task makes fewer), and call varia submit again: it sends "
                  "what is missing, the merge too",
                  folder.string(), taken_text(taken), not_taken_text(input, taken)));
}

void print_files(const cluster::SubmissionInput& input,
                 const std::vector<cluster::SubmissionFile>& files, const fs::path& folder) {
  for (const auto& file : files)
    fmt::print("==> {}\n{}\n", (folder / file.name).string(), file.text);
  fmt::print("==> copies of plugins in {}", (folder / "plugins").string());
  for (const auto& file : input.files)
    fmt::print(",\n    of {} in {}", printable(file.file.string()), (folder / "files").string());
  fmt::print(", then\nbash {}\n", cluster::shell_quoted((folder / "submit.sh").string()));
}

json jobs_json(const std::vector<cluster::Job>& jobs) {
  auto list = json::array();
  for (const auto& job : jobs)
    list.push_back({{"kind", job.is_merge ? "merge" : "array"},
                    {"id", job.id},
                    {"first", job.first},
                    {"count", job.count}});
  return list;
}

std::string summary_text(const Choice& choice, const cluster::SubmissionInput& input,
                         const fs::path& folder) {
  const auto arrays = cluster::arrays_of(input);
  const auto left_out = choice.left_out();
  const auto& profile = input.settings.profile;
  return fmt::format("submission {} of {}: {} in {}, {}{}{}\n", folder.filename().string(),
                     input.experiment.name, count_text(choice.ids.size(), "trial"),
                     count_text(input.tasks.size(), "task"), count_text(arrays.size(), "array"),
                     profile.has_value() ? "; profile " + profile() : "",
                     left_out.empty() ? "" : "; left out: " + left_out);
}

/// The experiment, with the results folder as an absolute path.
LoadedExperiment load_fixed(Workspace& workspace, const SubmitOptions& options) {
  auto loaded = load_experiment(workspace, options);
  if (loaded.search)
    throw ConfigError(loaded.search->where,
                      "search: the trials of a submission are fixed, and a search chooses them "
                      "while it runs. Send several jobs with 'varia run' of this experiment, which "
                      "share the work, or give search= to train all trials");
  loaded.paths.root = fs::absolute(loaded.paths.root).lexically_normal();
  return loaded;
}

Choice choose(const LoadedExperiment& loaded, const SubmitOptions& options,
              const Workspace& workspace, const training::Environment& environment) {
  using results::TrialState;
  results::ResultsFolder folder(loaded.paths);
  const auto trials =
      sweep::trial_statuses(loaded.plan, loaded.search, folder, workspace.registry, environment);
  const auto queued = cluster::queued_trials(loaded.paths.submissions());
  if (!queued)
    print_note(
        "squeue cannot be asked, so trials of earlier submissions that wait or run are sent again");
  Choice choice;
  const auto rerun = sweep::rerun_named(options.rerun);
  for (const auto i : sweep::select(loaded.plan, options.only)) {
    const auto& trial = trials[i];
    if (!sweep::is_due(trial, rerun))
      ++(trial.state == TrialState::done     ? choice.done
         : trial.state == TrialState::failed ? choice.failed
                                             : choice.stale);
    else if (queued && queued->contains(trial.id))
      ++choice.queued;
    else
      choice.ids.push_back(trial.id);
    if (rerun.covers(trial)) choice.reruns[trial.id] = trial.published.token;
  }
  for (const auto& submission : cluster::submissions_in_queue(loaded.paths.submissions())) {
    choice.merge_is_pending |= submission.merge_is_pending;
    for (const auto& job : submission.jobs)
      if (job.is_queued && !job.is_merge) choice.queued_arrays.push_back(job.id);
  }
  return choice;
}

/// Opens data and plugins here, since a compute node may have no network.
void check_trials(const LoadedExperiment& loaded, Workspace& workspace, const Choice& choice) {
  std::vector<std::size_t> chosen;
  const std::set<std::string> ids(choice.ids.begin(), choice.ids.end());
  for (std::size_t i = 0; i < loaded.plan.trials.size(); ++i)
    if (ids.contains(loaded.plan.trials[i].id)) chosen.push_back(i);
  for (const auto& crash : sweep::preflight(loaded.plan, workspace.registry, workspace.data, chosen,
                                            [] { return false; }))
    print_note(crash);
}

void require_sbatch() {
  if (!cluster::run_command({"sbatch", "--version"}))
    throw ConfigError(
        "there is no sbatch in PATH. Submit where Slurm is; or write the submission with --no-send "
        "and run its submit.sh there; or use another system with varia plan --commands");
}

int submit(const SubmitOptions& options) {
  training::prepare_process();
  const auto environment = training::this_environment();
  Workspace workspace;
  if (!options.dry_run && !options.no_send) require_sbatch();
  const auto loaded = load_fixed(workspace, options);
  const auto settings = cluster::read_settings(
      cluster::profiles_path(), loaded.experiment.tree.find("cluster"), cluster_arguments(options));
  const auto choice = choose(loaded, options, workspace, environment);
  // Merging belongs to the sweep: tasks that are queued without a merge get one.
  if (choice.ids.empty() && (choice.queued_arrays.empty() || choice.merge_is_pending)) {
    if (options.json)
      print_json({{"experiment", loaded.experiment.name}, {"trials", 0}});
    else
      fmt::print("{}: nothing to submit ({})\n", loaded.experiment.name, choice.left_out());
    return kAllDone;
  }
  check_trials(loaded, workspace, choice);

  const auto threads = static_cast<std::int64_t>(sweep::threads_of(loaded.plan));
  const cluster::SubmissionInput input{
      .experiment = loaded.experiment,
      .settings = *settings,
      .tasks = cluster::pack(choice.ids, trials_per_task(*settings, threads)),
      .max_array_size = cluster::max_array_size(),
      .threads = threads,
      .reruns = choice.reruns,
      .results = loaded.paths.root,
      .working_folder = fs::current_path(),
      .program = cluster::program_files(),
      .plugins = plugin_files(workspace),
      .files = cluster::parameter_files(loaded.plan, choice.ids),
      .versions = results::versions_text(environment.versions),
      .waits_for = choice.queued_arrays};
  const auto submissions = loaded.paths.submissions();
  const auto next = cluster::next_submission(submissions);
  // Made here already, since what is wrong with them is to be found before anything is written.
  const auto files = cluster::submission_files(input, next);
  if (options.dry_run && options.json) {
    print_json({{"experiment", loaded.experiment.name},
                {"folder", next.string()},
                {"trials", choice.ids.size()},
                {"tasks", input.tasks.size()},
                {"dry_run", true}});
    return kAllDone;
  }
  if (options.dry_run) {
    say(summary_text(choice, input, next));
    if (options.verbose)
      print_files(input, files, next);
    else
      fmt::print("{}\n(--verbose prints every file)\n", cluster::outline(input, next));
    return kAllDone;
  }

  results::require_readable_results(loaded.paths);
  results::prepare_results(loaded.paths,
                           experiment::write_yaml(experiment::standalone(loaded.experiment)));
  results::write_trial_list(loaded.plan, loaded.paths);
  const auto folder = cluster::write_submission(input, submissions);
  check_frozen(input, folder, loaded.plan);
  if (!options.no_send) send(input, folder);
  const auto jobs = jobs_of(folder);
  if (options.json) {
    print_json({{"experiment", loaded.experiment.name},
                {"submission", std::stoll(folder.filename().string())},
                {"folder", folder.string()},
                {"trials", choice.ids.size()},
                {"tasks", input.tasks.size()},
                {"jobs", jobs_json(jobs)}});
    return kAllDone;
  }
  fmt::print("{}", summary_text(choice, input, folder));
  if (options.no_send) {
    fmt::print("not sent; this sends it: bash {}\n",
               cluster::shell_quoted((folder / "submit.sh").string()));
    return kAllDone;
  }
  for (const auto& job : jobs) fmt::print("{}\n", job_text(job));
  fmt::print("logs: {}\nvaria status {} shows how it goes\n",
             (loaded.paths.logs() / "slurm-*.out").string(), loaded.experiment.name);
  return kAllDone;
}

}  // namespace

void add_submit(CLI::App& app, Action& action) {
  const auto options = std::make_shared<SubmitOptions>();
  auto* command = app.add_subcommand("submit", "Send what is missing of an experiment to Slurm");
  add_experiment_options(*command, *options);
  add_only(*command, options->only);
  command->add_option("--rerun", options->rerun, "Send trials again that failed, or that are stale")
      ->check(one_of({"failed", "stale"}));
  auto* dry_run = command->add_flag("--dry-run", options->dry_run,
                                    "Print what would be sent, and write nothing");
  command->add_flag("--verbose", options->verbose, "With --dry-run: print every file")
      ->needs(dry_run);
  command
      ->add_flag("--no-send", options->no_send,
                 "Write the submission; its submit.sh sends it from where Slurm is")
      ->excludes(dry_run);
  for (const auto& parameter : experiment::ClusterParams().describe()) {
    if (parameter.type == "record" || parameter.type.find("list") != std::string::npos) continue;
    command->add_option(option_of(parameter.name), options->cluster[parameter.name], parameter.doc)
        ->type_name(parameter.type == "text" ? "TEXT" : "N")
        ->group("Keys of cluster");
  }
  set_exit_codes(*command, {{kAllDone, "it is sent, or nothing is missing"},
                            {kWrong, "the experiment or the call is wrong, or Slurm refused it"}});
  command->callback([options, &action] { action = [options] { return submit(*options); }; });
}

}  // namespace varia::cli
