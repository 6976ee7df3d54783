#include "cluster/job_scripts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cluster/script_parts.hpp"
#include "cluster/shell.hpp"

namespace varia::cluster {
namespace {

namespace fs = std::filesystem;

std::string optional_directive(const char* option, const Text& value) {
  return value.has_value() ? directive(option, value()) : "";
}

/// What a job asks for.
/// @param account that it is charged to
std::string job_directives(const experiment::JobParams& params, const Text& account) {
  std::string text =
      optional_directive("partition", params.partition) + optional_directive("account", account) +
      optional_directive("time", params.time) + optional_directive("mem", params.memory) +
      optional_directive("constraint", params.constraint);
  for (const std::string& option : params.extra()) {
    const auto name = option.substr(2);
    const auto equals = name.find('=');
    text += equals == std::string::npos
                ? directive(name)
                : directive(name.substr(0, equals), name.substr(equals + 1));
  }
  return text + "#SBATCH --nodes=1\n#SBATCH --ntasks=1\n";
}

/// The site's lines, and what both scripts need to call varia.
std::string preparation(const SubmissionInput& input, const fs::path& folder) {
  std::string text;
  for (const std::string& line : input.settings.setup()) text += line + "\n";
  if (!text.empty()) text = "# Set-up lines of the site.\n" + text + "\n";
  text += fmt::format("submission={}\n", shell_quoted(folder.string()));
  text += fmt::format("container=({})\n", shell_words(input.settings.container()));
  text += fmt::format("varia=(\"${{container[@]}}\" {})\n",
                      shell_quoted(input.program.front().string()));
  text += fmt::format("cd -- {} || exit 2\n", shell_quoted(input.working_folder.string()));
  text +=
      "# The copies of this submission, and no newer plugins or files.\n"
      "export VARIA_PLUGIN_FOLDER=$submission/plugins VARIA_FILES_FOLDER=$submission/files\n";
  text += fmt::format("export OMP_NUM_THREADS={0} OPENBLAS_NUM_THREADS={0}\n", input.threads);
  return text;
}

/// The call of `varia run`, as the array `run`.
std::string run_words(const SubmissionInput& input) {
  std::string text = R"(run=("${varia[@]}" run "$submission/experiment.yaml")";
  text += fmt::format("\n  --results {}", shell_quoted(input.results.string()));
  text += R"( --only "@$submission/tasks/$task" --jobs "$jobs" --no-merge)";
  if (!input.reruns.empty()) text += R"( --rerun "@$submission/reruns")";
  return text + ")\n";
}

std::string task_directives(const SubmissionInput& input) {
  const auto& params = input.settings;
  return directive("job-name", "varia-" + input.experiment.name) +
         job_directives(params, params.account) +
         directive("cpus-per-task", std::to_string(params.cpus_per_task())) +
         "#SBATCH --requeue\n#SBATCH --open-mode=append\n" +
         fmt::format("#SBATCH --output={}/slurm-%A_%a.out\n", kLogs) +
         fmt::format("#SBATCH --signal=B:USR1@{}\n", params.signal_before());
}

std::string task_commands(const SubmissionInput& input, const fs::path& folder) {
  const auto& params = input.settings;
  auto text = preparation(input, folder);
  text += fmt::format("signal_before={}\nrequeues={}\n", params.signal_before(), params.requeues());
  text +=
      "task=$((${1:-0} + ${SLURM_ARRAY_TASK_ID:-0}))\n"
      "# For set-up lines and containers that use srun, which does not take it from sbatch.\n"
      "export SRUN_CPUS_PER_TASK=${SLURM_CPUS_PER_TASK:-1}\n";
  if (params.jobs.has_value())
    text += fmt::format("jobs={}\n", params.jobs());
  else
    text += fmt::format(
        "jobs=$((${{SLURM_CPUS_PER_TASK:-1}} / {}))\n"
        "if ((jobs < 1)); then jobs=1; fi\n",
        input.threads);
  return text + run_words(input);
}

std::string merge_directives(const SubmissionInput& input) {
  const auto& params = input.settings.merge();
  return directive("job-name", "varia-merge-" + input.experiment.name) +
         job_directives(params,
                        params.account.has_value() ? params.account : input.settings.account) +
         "#SBATCH --cpus-per-task=1\n#SBATCH --requeue\n#SBATCH --open-mode=append\n" +
         fmt::format("#SBATCH --output={}/slurm-merge-%j.out\n", kLogs);
}

std::string merge_commands(const SubmissionInput& input, const fs::path& folder) {
  return preparation(input, folder) + fmt::format(
                                          "exec \"${{varia[@]}}\" merge {} --results {}"
                                          " --experiment \"$submission/experiment.yaml\"\n",
                                          shell_quoted(input.experiment.name),
                                          shell_quoted(input.results.string()));
}

}  // namespace

Tasks pack(const std::vector<std::string>& trials, std::int64_t per_task) {
  Tasks tasks;
  for (const std::string& trial : trials) {
    if (tasks.empty() || static_cast<std::int64_t>(tasks.back().size()) == per_task)
      tasks.emplace_back();
    tasks.back().push_back(trial);
  }
  return tasks;
}

std::vector<Job> arrays_of(const SubmissionInput& input) {
  const auto tasks = static_cast<std::int64_t>(input.tasks.size());
  std::vector<Job> arrays;
  for (std::int64_t first = 0; first < tasks; first += input.max_array_size)
    arrays.push_back({.first = first, .count = std::min(input.max_array_size, tasks - first)});
  return arrays;
}

std::vector<SbatchCall> sbatch_calls(const SubmissionInput& input) {
  std::vector<SbatchCall> calls;
  const auto& limit = input.settings.limit;
  for (const Job& array : arrays_of(input)) {
    auto options = fmt::format("--array=0-{}{}", array.count - 1,
                               limit.has_value() ? fmt::format("%{}", limit()) : "");
    // The limit is of all tasks, and Slurm's is of one array.
    if (limit.has_value() && array.first > 0) options += " --dependency=\"afterany:$last\"";
    calls.push_back({array, fmt::format("{} job.sh {}", options, array.first)});
  }
  Job merge;
  merge.is_merge = true;
  calls.push_back({merge, "--dependency=\"afterany$all\" merge.sh"});
  return calls;
}

std::string job_script(const SubmissionInput& input, const fs::path& folder) {
  auto text = fmt::format(
      "#!/bin/bash\n"
      "# Tasks of submission {} of the experiment {}, written by varia submit:\n"
      "# `sbatch --array=0-N job.sh FIRST` runs the tasks FIRST to FIRST + N.\n",
      folder.filename().string(), input.experiment.name);
  text += task_directives(input);
  text +=
      "\n# The signal comes to this script alone (B:), which hands it on.\n"
      "signals=0\n"
      "child=\n"
      "stop() {\n"
      "  signals=$((signals + 1))\n"
      "  if [[ -n $child ]]; then kill -USR1 \"$child\" 2>/dev/null; fi\n"
      "}\n"
      "trap stop USR1 TERM\n\n";
  return text + task_commands(input, folder) + "\n" + kTaskPart;
}

std::string merge_script(const SubmissionInput& input, const fs::path& folder) {
  return fmt::format(
             "#!/bin/bash\n"
             "# Merges the results of the experiment {} after submission {}, written by varia "
             "submit.\n",
             input.experiment.name, folder.filename().string()) +
         merge_directives(input) + "\n" + merge_commands(input, folder);
}

std::string submit_script(const SubmissionInput& input, const fs::path& folder) {
  std::string text = fmt::format(
      "#!/bin/bash\n"
      "# Sends submission {} of the experiment {} to Slurm, written by varia submit.\n\n",
      folder.filename().string(), input.experiment.name);
  text += kSendPart;
  text += "\n";
  if (!input.waits_for.empty())
    text +=
        fmt::format("# Arrays of earlier submissions, which the merge waits for, too.\nall=:{}\n",
                    fmt::join(input.waits_for, ":"));
  for (const auto& [job, words] : sbatch_calls(input))
    text += fmt::format("send {} {} {} {}\n", job.is_merge ? "merge" : "array", job.first,
                        job.count, words);
  return text;
}

std::string outline(const SubmissionInput& input, const fs::path& folder) {
  std::string text;
  for (const auto& call : sbatch_calls(input)) text += fmt::format("sbatch {}\n", call.words);
  return fmt::format("{}\n==> job.sh\n{}{}\n==> merge.sh\n{}{}", text, task_directives(input),
                     task_commands(input, folder), merge_directives(input),
                     merge_commands(input, folder));
}

}  // namespace varia::cluster
