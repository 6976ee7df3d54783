#include "cluster/job_scripts.hpp"

#include <cstdlib>

#include "cluster/shell.hpp"
#include "unit/cluster/cluster_fixtures.hpp"

using namespace varia::cluster;
using namespace varia::cluster::testing;

namespace {

/// What is submitted, with the settings of a `cluster:` section.
struct Fixture {
  explicit Fixture(const std::string& section) : settings(settings_of(section)) {
    experiment.name = "beta_sweep";
  }

  std::unique_ptr<const varia::experiment::ClusterParams> settings;
  varia::experiment::Experiment experiment;
  SubmissionInput input{.experiment = experiment,
                        .settings = *settings,
                        .tasks = Tasks(3),
                        .results = "/data/results",
                        .working_folder = "/home/me/work",
                        .program = {"/opt/varia/bin/varia"}};
  std::filesystem::path folder = "/data/results/beta_sweep/submissions/3";

  /// Makes a folder the place of everything.
  void move_to(const std::filesystem::path& place) {
    input.working_folder = place;
    input.results = place / "res ults";
    input.program = {place / "varia"};
    folder = place;
  }
  std::string job() const { return job_script(input, folder); }
};

/// What bash says of a script; empty where it can be run.
std::string syntax_errors(const std::string& script) {
  const TemporaryFolder folder;
  write_text(folder / "script", script);
  return run_command({"bash", "-n", (folder / "script").string()})->err;
}

}  // namespace

TEST_CASE("a job script asks for what the settings say") {
  const Fixture fixture(
      "{partition: cpu, account: a b, time: \"4:00:00\", memory: 4G, constraint: \"zen&fast\", "
      "cpus_per_task: 8, signal_before: 90, extra: [--qos=long, --exclusive], "
      "setup: [module load gcc]}");
  const auto script = fixture.job();
  CHECK(script.starts_with("#!/bin/bash\n"));
  for (const char* line :
       {"#SBATCH --job-name=varia-beta_sweep\n", "#SBATCH --partition=cpu\n",
        "#SBATCH --account=\"a b\"\n", "#SBATCH --time=4:00:00\n", "#SBATCH --mem=4G\n",
        "#SBATCH --constraint=\"zen&fast\"\n", "#SBATCH --cpus-per-task=8\n",
        "#SBATCH --qos=long\n", "#SBATCH --exclusive\n", "#SBATCH --requeue\n",
        "#SBATCH --open-mode=append\n", "#SBATCH --output=../../logs/slurm-%A_%a.out\n",
        "#SBATCH --signal=B:USR1@90\n", "\nmodule load gcc\n", "\ncd -- /home/me/work || exit 2\n"})
    CHECK(contains(script, line));
  // sbatch stops reading at the first line that is a command.
  CHECK(script.rfind("#SBATCH") < script.find("\nsignals=0"));
  // A signal that comes while modules load must not end the script.
  CHECK(script.find("trap stop USR1 TERM") < script.find("module load gcc"));
  CHECK(syntax_errors(script).empty());
}

TEST_CASE("trials at one time follow from the CPUs and the threads of a trial") {
  Fixture fixture("{cpus_per_task: 8}");
  fixture.input.threads = 2;
  const auto script = fixture.job();
  CHECK(contains(script, "jobs=$((${SLURM_CPUS_PER_TASK:-1} / 2))\n"));
  CHECK(contains(script, "export OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=2\n"));
  CHECK(contains(Fixture("{jobs: 3}").job(), "jobs=3\n"));
}

TEST_CASE("hostile names reach varia as they are") {
  const TemporaryFolder folder;
  const auto odd = folder / "it's a $(touch hacked) \"#1\" `id` 50%j; exit";
  std::filesystem::create_directory(odd);
  // Prints its arguments in place of training.
  write_text(odd / "varia",
             "#!/bin/bash\nprintf '<%s>\\n' \"$@\" \"$PWD\" \"$VARIA_PLUGIN_FOLDER\" "
             "\"$VARIA_FILES_FOLDER\"\n");
  std::filesystem::permissions(odd / "varia", std::filesystem::perms::owner_all);
  std::filesystem::create_directory(odd / "submission");
  write_text(odd / "submission/digests", run_command({"sha256sum", (odd / "varia").string()})->out);
  Fixture fixture("{jobs: 2, container: [env, \"A=b c\"]}");
  fixture.move_to(odd);
  fixture.folder = odd / "submission";
  fixture.input.reruns = {{"0123456789abcdef", 3}};
  for (const auto& script : {fixture.job(), merge_script(fixture.input, fixture.folder),
                             submit_script(fixture.input, fixture.folder)})
    CHECK(syntax_errors(script).empty());
  write_text(folder / "job.sh", fixture.job());
  const auto outcome = run_command({"bash", (folder / "job.sh").string(), "7"});
  CHECK(outcome->code == 0);
  const auto name = odd.string();
  for (const auto& word :
       {"<run>\n<" + name + "/submission/experiment.yaml>", "<--results>\n<" + name + "/res ults>",
        "<--only>\n<@" + name + "/submission/tasks/7>", std::string("<--jobs>\n<2>"),
        "<--rerun>\n<@" + name + "/submission/reruns>",
        "<" + name + ">\n<" + name + "/submission/plugins>\n<" + name + "/submission/files>"})
    CHECK(contains(outcome->out, word));
  CHECK_FALSE(std::filesystem::exists(odd / "hacked"));
}

TEST_CASE("a task that replaces no results is given no list of reruns") {
  CHECK_FALSE(contains(Fixture("{jobs: 1}").job(), "--rerun"));
}

TEST_CASE("a task has a deadline only if squeue tells when it ends") {
  const TemporaryFolder folder;
  const auto write_program = [&](const std::string& name, const std::string& body) {
    write_text(folder / name, "#!/bin/bash\n" + body + "\n");
    std::filesystem::permissions(folder / name, std::filesystem::perms::owner_all);
  };
  // Prints its arguments in place of training.
  write_program("varia", "printf '<%s>\\n' \"$@\"");
  write_text(folder / "digests", run_command({"sha256sum", (folder / "varia").string()})->out);
  Fixture fixture("{jobs: 1, signal_before: 90}");
  fixture.move_to(folder.path());
  write_text(folder / "job.sh", fixture.job());
  const std::string path = std::getenv("PATH");
  const auto out_with = [&](const std::string& squeue) {
    write_program("squeue", squeue);
    const auto outcome = run_command({"env", "-u", "SLURM_JOB_END_TIME", "SLURM_JOB_ID=7", "TZ=UTC",
                                      "PATH=" + folder.path().string() + ":" + path, "bash",
                                      (folder / "job.sh").string()});
    CHECK(outcome->code == 0);
    CHECK(contains(outcome->out, "<run>\n"));
    return outcome->out;
  };
  CHECK_FALSE(
      contains(out_with("echo 'Unable to contact slurm controller' >&2; exit 1"), "--deadline"));
  CHECK_FALSE(contains(out_with("echo N/A"), "--deadline"));
  // Some sites have another format as their default. 1893553445 less the 90 s of the signal.
  CHECK(contains(out_with("if [[ $SLURM_TIME_FORMAT == standard ]]; then\n"
                          "  echo 2030-01-02T03:04:05\nelse\n  echo '2 Jan 03:04'\nfi"),
                 "<--deadline>\n<1893553355>\n"));
}

TEST_CASE("a task whose program or plugin has changed is refused and says so") {
  const TemporaryFolder folder;
  write_text(folder / "varia", "#!/bin/bash\necho trained\n");
  std::filesystem::permissions(folder / "varia", std::filesystem::perms::owner_all);
  write_text(folder / "digests", run_command({"sha256sum", (folder / "varia").string()})->out);
  Fixture fixture("{jobs: 1}");
  fixture.move_to(folder.path());
  write_text(folder / "job.sh", fixture.job());
  CHECK(contains(run_command({"bash", (folder / "job.sh").string()})->out, "trained\n"));
  write_text(folder / "varia", "#!/bin/bash\necho trained differently\n");
  const auto outcome = run_command({"bash", (folder / "job.sh").string()});
  CHECK(outcome->code == 2);
  CHECK(contains(outcome->out, (folder / "varia").string() + ": FAILED"));
  CHECK(contains(outcome->out, "is not the one that was submitted"));
  CHECK_FALSE(contains(outcome->out, "trained"));
}

TEST_CASE("trials are packed in their order, and none is lost") {
  const std::vector<std::string> trials{"a", "b", "c", "d", "e"};
  CHECK(pack(trials, 2) == Tasks{{"a", "b"}, {"c", "d"}, {"e"}});
  CHECK(pack(trials, 5) == Tasks{trials});
  CHECK(pack(trials, 100) == Tasks{trials});
  CHECK(pack(trials, 1).size() == 5);
  CHECK(pack({}, 3).empty());
}

TEST_CASE("arrays end at the site's largest size, and the next one continues") {
  Fixture fixture("{jobs: 1}");
  const auto counts = [&](std::size_t tasks, std::int64_t most) {
    fixture.input.tasks.resize(tasks);
    fixture.input.max_array_size = most;
    std::vector<std::int64_t> counts;
    std::int64_t next = 0;
    for (const auto& array : arrays_of(fixture.input)) {
      CHECK(array.first == next);
      next += array.count;
      counts.push_back(array.count);
    }
    return counts;
  };
  using Counts = std::vector<std::int64_t>;
  CHECK(counts(2500, 1001) == Counts{1001, 1001, 498});
  CHECK(counts(1001, 1001) == Counts{1001});
  CHECK(counts(1002, 1001) == Counts{1001, 1});
  CHECK(counts(3, 1) == Counts{1, 1, 1});
  CHECK(counts(0, 1001).empty());
}

TEST_CASE("arrays have the limit, follow each other if there is one, and the merge waits for all") {
  const auto script_of = [](const std::string& section) {
    Fixture fixture(section);
    fixture.input.tasks.resize(1010);
    return submit_script(fixture.input, fixture.folder);
  };
  const auto unlimited = script_of("{jobs: 1}");
  CHECK(contains(unlimited,
                 "send array 0 1001 --array=0-1000 job.sh 0\n"
                 "send array 1001 9 --array=0-8 job.sh 1001\n"
                 "send merge 0 0 --dependency=\"afterany$all\" merge.sh\n"));
  const auto limited = script_of("{limit: 8}");
  CHECK(contains(limited,
                 "send array 0 1001 --array=0-1000%8 job.sh 0\n"
                 "send array 1001 9 --array=0-8%8 --dependency=\"afterany:$last\" "
                 "job.sh 1001\n"));
}

TEST_CASE("the merge waits for the arrays of earlier submissions, too, and may be sent alone") {
  Fixture fixture("{jobs: 1}");
  fixture.input.tasks.clear();
  fixture.input.waits_for = {"12", "15"};
  const auto script = submit_script(fixture.input, fixture.folder);
  CHECK(contains(script, "\nall=:12:15\nsend merge 0 0 --dependency=\"afterany$all\" merge.sh\n"));
  CHECK(syntax_errors(script).empty());
}

TEST_CASE("a submission is sent once, and what Slurm took before it refused is noted") {
  const TemporaryFolder folder;
  // Takes two jobs and refuses the third.
  write_text(folder / "sbatch",
             "#!/bin/bash\necho \"$*\" >>asked\ncount=$(wc -l <asked)\n"
             "if ((count > 2)); then echo 'sbatch: error: too many' >&2; exit 1; fi\n"
             "echo \"$((100 + count));campus\"\n");
  std::filesystem::permissions(folder / "sbatch", std::filesystem::perms::owner_all);
  Fixture fixture("{jobs: 1}");
  fixture.input.tasks.resize(10);
  fixture.input.max_array_size = 5;
  write_text(folder / "submit.sh", submit_script(fixture.input, fixture.folder));
  const auto send = [&] {
    return *run_command({"env", "PATH=" + folder.path().string() + ":/usr/bin:/bin", "bash",
                         (folder / "submit.sh").string()});
  };
  const auto first = send();
  CHECK(first.code == 2);
  CHECK(first.err == "sbatch: error: too many\n");
  CHECK(text_of(folder / "jobs") == "array 101 0 5\narray 102 5 5\n");
  CHECK(contains(text_of(folder / "asked"), "--parsable --dependency=afterany:101:102 merge.sh\n"));
  const auto second = send();
  CHECK(second.code == 2);
  CHECK(contains(second.err, "was sent already"));
  CHECK(text_of(folder / "jobs") == "array 101 0 5\narray 102 5 5\n");
}
