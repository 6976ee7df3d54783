#include "cluster/job_scripts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cluster/script_parts.hpp"
#include "cluster/shell.hpp"
#include "experiment/yaml/yaml_writer.hpp"

namespace varia::cluster {
namespace {

namespace fs = std::filesystem;

std::string optional_directive(const char* option, const Text& value) {
  return value.has_value() ? directive(option, value()) : "";
}

/// Options that tasks and the merge have in common.
std::string site_directives(const experiment::ClusterParams& params) {
  std::string text = optional_directive("partition", params.partition) +
                     optional_directive("account", params.account) +
                     optional_directive("time", params.time);
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
  std::string text = "run=(\"${varia[@]}\" run \"$submission/experiment.yaml\"";
  for (const std::string& word : override_words(input.experiment)) text += " " + shell_quoted(word);
  text += fmt::format("\n  --results {}", shell_quoted(input.results.string()));
  text += " --only \"@$submission/tasks/$task\" --jobs \"$jobs\" --no-merge";
  if (!input.rerun.empty()) text += " --rerun " + shell_quoted(input.rerun);
  return text + ")\n\n";
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

std::vector<std::string> override_words(const experiment::Experiment& experiment) {
  std::vector<std::string> words;
  for (const auto& assignment : experiment.overrides)
    words.push_back(assignment.key + "=" + experiment::flow_text(assignment.value));
  return words;
}

std::string job_script(const SubmissionInput& input, const fs::path& folder) {
  const auto& params = input.settings;
  std::string text = fmt::format(
      "#!/bin/bash\n"
      "# Tasks of submission {} of the experiment {}, written by varia submit:\n"
      "# `sbatch --array=0-N job.sh FIRST` runs the tasks FIRST to FIRST + N.\n",
      folder.filename().string(), input.experiment.name);
  text += directive("job-name", "varia-" + input.experiment.name);
  text += site_directives(params);
  text += directive("cpus-per-task", std::to_string(params.cpus_per_task()));
  text += optional_directive("mem", params.memory);
  text += optional_directive("constraint", params.constraint);
  text += "#SBATCH --requeue\n#SBATCH --open-mode=append\n";
  text += "#SBATCH --output=../../logs/slurm-%A_%a.out\n";
  text += fmt::format("#SBATCH --signal=B:USR1@{}\n\n", params.signal_before());

  text +=
      "# The signal comes to this script alone (B:), which hands it on.\n"
      "signals=0\n"
      "child=\n"
      "stop() {\n"
      "  signals=$((signals + 1))\n"
      "  if [[ -n $child ]]; then kill -USR1 \"$child\" 2>/dev/null; fi\n"
      "}\n"
      "trap stop USR1 TERM\n\n";
  text += preparation(input, folder);
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
  return text + run_words(input) + kTaskPart;
}

std::string merge_script(const SubmissionInput& input, const fs::path& folder) {
  std::string text = fmt::format(
      "#!/bin/bash\n"
      "# Merges the results of the experiment {} after submission {}, written by varia submit.\n",
      input.experiment.name, folder.filename().string());
  text += directive("job-name", "varia-merge-" + input.experiment.name);
  text += site_directives(input.settings);
  text += "#SBATCH --cpus-per-task=1\n#SBATCH --requeue\n#SBATCH --open-mode=append\n";
  text += "#SBATCH --output=../../logs/slurm-merge-%j.out\n\n";
  text += preparation(input, folder);
  text += fmt::format(
      "exec \"${{varia[@]}}\" merge {} --results {}"
      " --experiment \"$submission/experiment.yaml\"\n",
      shell_quoted(input.experiment.name), shell_quoted(input.results.string()));
  return text;
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
  const auto& limit = input.settings.limit;
  for (const Job& array : arrays_of(input)) {
    text += fmt::format("send array {} {} --array=0-{}{}", array.first, array.count,
                        array.count - 1, limit.has_value() ? fmt::format("%{}", limit()) : "");
    // The limit is of all tasks, and Slurm's is of one array.
    if (limit.has_value() && array.first > 0) text += " --dependency=\"afterany:$last\"";
    text += fmt::format(" job.sh {}\n", array.first);
  }
  return text + "send merge 0 0 --dependency=\"afterany$all\" merge.sh\n";
}

}  // namespace varia::cluster
