#include "cluster/submission.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "cluster/shell.hpp"
#include "unit/cluster/cluster_fixtures.hpp"

using namespace varia;
using namespace varia::cluster;
using namespace varia::cluster::testing;

namespace {

std::string digest_of(const std::filesystem::path& file) {
  return run_command({"sha256sum", "--", file.string()})->out.substr(0, 64);
}

/// An experiment with a plugin of its own, one of the search path, and a program.
struct Fixture {
  TemporaryFolder folder;
  std::filesystem::path submissions = folder / "results/e/submissions";
  experiment::Experiment experiment;
  std::unique_ptr<const experiment::ClusterParams> settings =
      settings_of("{partition: cpu, trials_per_task: 2}");

  Fixture() {
    for (const char* name : {"mine", "system"}) {
      std::filesystem::create_directory(folder / name);
      write_text(folder / name / "elbo.so", std::string("library of ") + name);
    }
    write_text(folder / "varia", "program");
    write_text(folder / "base.yaml", "model: mlp_vae\nloss: elbo\nplugins: [mine/elbo.so]\n");
    write_text(folder / "e.yaml",
               "extends: base.yaml\nsweep:\n"
               "  method: {a: {set: {loss: {use: elbo, beta: 2}}}, b: {set: {loss: other}}}\n");
    experiment = experiment::read_experiment((folder / "e.yaml").string(),
                                             {"loss.beta=4", "seed=7", "loss.name='1'"});
  }

  SubmissionInput input() const {
    std::vector<FrozenFile> plugins;
    for (const char* name : {"system", "mine"}) {
      const auto file = folder / name / "elbo.so";
      add_plugin(plugins, name, "1.0.0", file, digest_of(file));
    }
    return {.experiment = experiment,
            .settings = *settings,
            .tasks = {{"0123456789abcdef", "1123456789abcdef"}, {"2123456789abcdef"}},
            .results = folder / "results",
            .working_folder = folder.path(),
            .program = {folder / "varia"},
            .plugins = plugins,
            .files = {},
            .versions = "varia 0.1.0"};
  }
};

}  // namespace

TEST_CASE("a submission holds all that its tasks need") {
  const Fixture fixture;
  const auto folder = write_submission(fixture.input(), fixture.submissions);
  CHECK(folder == fixture.submissions / "1");
  CHECK(text_of(folder / "tasks/0") == "0123456789abcdef\n1123456789abcdef\n");
  CHECK(text_of(folder / "tasks/1") == "2123456789abcdef\n");
  CHECK(std::filesystem::is_directory(fixture.folder / "results/e/logs"));
  // Two libraries of one name have copies of different names.
  CHECK(text_of(folder / "plugins/elbo.so") == "library of system");
  CHECK(text_of(folder / "plugins/elbo-2.so") == "library of mine");
  CHECK(run_command({"sha256sum", "--check", "--quiet", (folder / "digests").string()})->code == 0);
  write_text(fixture.folder / "varia", "another program");
  CHECK(run_command({"sha256sum", "--check", "--quiet", (folder / "digests").string()})->code == 1);

  const auto json = nlohmann::json::parse(text_of(folder / "submission.json"));
  CHECK(json["experiment"] == "e");
  CHECK(json["trials"] == 3);
  CHECK(json["tasks"] == 2);
  CHECK(json["settings"]["partition"] == "cpu");
  CHECK(json["settings"]["trials_per_task"] == 2);
  CHECK(json["plugins"][1]["copy"] == "elbo-2.so");
}

TEST_CASE("the frozen experiment stands alone, with the copies of its plugins") {
  const Fixture fixture;
  const auto folder = write_submission(fixture.input(), fixture.submissions);
  for (const char* name : {"e.yaml", "base.yaml"}) std::filesystem::remove(fixture.folder / name);
  const auto frozen = experiment::read_experiment((folder / "experiment.yaml").string());
  CHECK(frozen.name == "e");
  CHECK(frozen.seed == 7);
  CHECK(frozen.plugins == std::vector<std::string>{(folder / "plugins/elbo-2.so").string()});
  CHECK(frozen.tree.find("loss")->find("beta")->text() == "4");
  CHECK(frozen.tree.find("extends") == nullptr);
  CHECK(contains(text_of(folder / "job.sh"), "run \"$submission/experiment.yaml\"\n"));
}

TEST_CASE("a submission names the results that its tasks replace, with their tokens") {
  const Fixture fixture;
  auto input = fixture.input();
  const auto folder = fixture.submissions / "1";
  const auto find = [](const std::vector<SubmissionFile>& files, const std::string& name) {
    return std::ranges::find(files, name, &SubmissionFile::name);
  };
  const auto without = submission_files(input, folder);
  CHECK(find(without, "reruns") == without.end());
  input.reruns = {{"2123456789abcdef", 18446744073709551615U}, {"0123456789abcdef", 3}};
  const auto files = submission_files(input, folder);
  const auto reruns = find(files, "reruns");
  REQUIRE(reruns != files.end());
  CHECK(reruns->text == "0123456789abcdef 3\n2123456789abcdef 18446744073709551615\n");
  const auto job = find(files, "job.sh");
  REQUIRE(job != files.end());
  CHECK(contains(job->text, "--rerun \"@$submission/reruns\""));
}

TEST_CASE("submissions are numbered, also where several are made at once") {
  const Fixture fixture;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] { write_submission(fixture.input(), fixture.submissions); });
  for (auto& thread : threads) thread.join();
  const auto records = read_submissions(fixture.submissions);
  REQUIRE(records.size() == 4);
  for (std::size_t i = 0; i < records.size(); ++i) {
    CHECK(records[i].number == static_cast<std::int64_t>(i) + 1);
    CHECK(records[i].tasks == 2);
    CHECK(records[i].trials == 3);
    CHECK(records[i].jobs.empty());
  }
  CHECK(next_submission(fixture.submissions) == fixture.submissions / "5");
}

TEST_CASE("a plugin that changes while it is submitted is noticed") {
  const Fixture fixture;
  const auto input = fixture.input();
  write_text(fixture.folder / "mine/elbo.so", "newer");
  CHECK(contains(message_of([&] { write_submission(input, fixture.submissions); }),
                 "has changed while it was submitted"));
  // What was not written to its end is not a submission.
  CHECK(read_submissions(fixture.submissions).empty());
}

TEST_CASE("files that parameters name are copied under their paths, and checked by every task") {
  const Fixture fixture;
  auto input = fixture.input();
  for (const char* name : {"mine", "system"}) {
    const auto file = fixture.folder / name / "encoder.pt";
    write_text(file, std::string("network of ") + name);
    input.files.push_back({file, digest_of(file), "files" / file.relative_path()});
  }
  const auto folder = write_submission(input, fixture.submissions);
  const auto copy = [&](std::size_t i) {
    return folder / "files" / input.files[i].file.relative_path();
  };
  CHECK(text_of(copy(0)) == "network of mine");
  CHECK(text_of(copy(1)) == "network of system");
  // The file itself may change; the copy may not.
  const auto digests = (folder / "digests").string();
  write_text(input.files[0].file, "newer");
  CHECK(run_command({"sha256sum", "--check", "--quiet", digests})->code == 0);
  write_text(copy(1), "newer");
  CHECK(contains(run_command({"sha256sum", "--check", "--quiet", digests})->out,
                 copy(1).string() + ": FAILED"));
  CHECK(contains(message_of([&] { write_submission(input, fixture.submissions); }),
                 "mine/encoder.pt: has changed while it was submitted"));
}

TEST_CASE("paths that Slurm or sha256sum would misread are refused") {
  const Fixture fixture;
  const auto error = [&](const std::string& folder) {
    return message_of([&] { submission_files(fixture.input(), folder); });
  };
  CHECK(error("/results/it's a \"$HOME\" #1/submissions/1").empty());
  CHECK(contains(error("/results/50%/submissions/1"), "Slurm replaces %"));
  CHECK(contains(error("/results/a\\b/submissions/1"), "backslashes"));
  CHECK(contains(error("/results/a\nb/submissions/1"), "control characters"));
}

TEST_CASE("the jobs of a submission are read, and damaged ones passed over") {
  const Fixture fixture;
  const auto folder = write_submission(fixture.input(), fixture.submissions);
  write_text(folder / "jobs",
             "array 12 0 2\nmerge 13 0 0\narray 1x 0 2\narray 15 0 2 3\narray 16 -1 2\narray 14 0");
  std::filesystem::create_directory(fixture.submissions / "2");
  write_text(fixture.submissions / "2/submission.json", "{\"created\": 3");
  std::filesystem::create_directory(fixture.submissions / "notes");
  const auto records = read_submissions(fixture.submissions);
  REQUIRE(records.size() == 1);
  REQUIRE(records[0].jobs.size() == 2);
  CHECK(records[0].jobs[0].id == "12");
  CHECK(records[0].jobs[0].count == 2);
  CHECK(records[0].jobs[1].is_merge);
}

TEST_CASE("trials whose tasks wait or run are known from squeue") {
  const Fixture fixture;
  const auto folder = write_submission(fixture.input(), fixture.submissions);
  write_text(folder / "jobs", "array 12 0 2\nmerge 13 0 0\n");
  const auto bin = fixture.folder / "bin";
  std::filesystem::create_directory(bin);
  const auto squeue = [&](const std::string& body) {
    write_text(bin / "squeue", "#!/bin/bash\n" + body + "\n");
    std::filesystem::permissions(bin / "squeue", std::filesystem::perms::owner_all);
  };
  const std::string path = std::getenv("PATH");
  setenv("PATH", (bin.string() + ":" + path).c_str(), 1);
  using Ids = std::set<std::string>;

  squeue("echo '12|1|PENDING'; echo '13|N/A|PENDING'; echo '99|0|RUNNING'");
  CHECK(queued_trials(fixture.submissions) == Ids{"2123456789abcdef"});
  const auto status = submissions_in_queue(fixture.submissions);
  REQUIRE(status.size() == 1);
  CHECK(status[0].pending == 1);
  CHECK(status[0].running == 0);
  CHECK(status[0].merge_is_pending);
  CHECK(status[0].jobs[0].is_queued);

  squeue("echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1");
  CHECK(queued_trials(fixture.submissions) == Ids{});
  squeue("echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1");
  CHECK_FALSE(queued_trials(fixture.submissions));
  CHECK_FALSE(submissions_in_queue(fixture.submissions)[0].pending);
  setenv("PATH", path.c_str(), 1);
}
