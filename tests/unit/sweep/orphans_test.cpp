#include "results/folder/orphans.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "results/folder/folder_merge.hpp"
#include "results/merged/results.hpp"
#include "support.hpp"

using namespace varia;
using namespace varia::results;
using namespace varia::sweep;
using namespace varia::sweep::testing;
namespace fs = std::filesystem;

namespace {

/// Three trials, done, merged, with parameters and a log each; two of them are planned still.
struct Folder : SampleFolder {
  Folder() {
    for (const auto& trial : all.trials) {
      publish(header(trial), 2);
      write(paths.parameters(trial.id), "parameters");
      write(paths.log(trial.id), "log");
    }
    merge(all);
  }
  PruneReport prune_now() const {
    ResultsFolder folder(paths);
    return prune(find_orphans(plan, folder), plan, folder, info(), std::chrono::seconds(60),
                 [](std::size_t) { return false; });
  }
  std::vector<Orphan> orphans_of(const experiment::Plan& of) const {
    ResultsFolder folder(paths);
    return find_orphans(of, folder);
  }
  PackReport pack_now() const {
    ResultsFolder folder(paths);
    return pack(plan, folder);
  }
  std::size_t rows() const { return results::read_merged_trials(paths.merged().string()).size(); }

  experiment::Plan all = plan_of("sweep: {loss.beta: [1, 2, 4]}\n");
  experiment::Plan plan = plan_of("sweep: {loss.beta: [1, 4]}\n");
  std::string gone = all.trials[1].id;
};

}  // namespace

TEST_CASE("what no trial of the plan has is found, whatever it is") {
  const Folder folder;
  folder.write(folder.paths.in_progress(folder.gone) / "checkpoint.1", "content");
  folder.write(folder.paths.trials() / "zz" / "notes.h5", "not a trial's name");
  const auto orphans = folder.orphans_of(folder.plan);
  REQUIRE(orphans.size() == 1);
  CHECK(orphans[0].id == folder.gone);
  CHECK(orphans[0].reason() == "trial file, parameters, log, checkpoints, row of the merged file");
  CHECK(orphans[0].bytes == fs::file_size(folder.paths.trial(folder.gone)) + 13);
  CHECK(folder.orphans_of(folder.all).empty());
}

TEST_CASE("pruning removes what is of no planned trial, and nothing else") {
  const Folder folder;
  folder.write(folder.paths.in_progress(folder.gone) / "checkpoint.1", "content");
  const auto report = folder.prune_now();
  CHECK(report.removed == std::vector<std::string>{folder.gone});
  CHECK(report.held.empty());
  CHECK(report.problems.empty());
  CHECK_FALSE(fs::exists(folder.paths.trial(folder.gone)));
  CHECK_FALSE(fs::exists(folder.paths.parameters(folder.gone)));
  CHECK_FALSE(fs::exists(folder.paths.log(folder.gone)));
  CHECK_FALSE(fs::exists(folder.paths.in_progress(folder.gone)));
  CHECK(folder.rows() == 2);
  for (const auto& trial : folder.plan.trials) {
    CHECK(fs::exists(folder.paths.trial(trial.id)));
    CHECK(fs::exists(folder.paths.parameters(trial.id)));
    CHECK(fs::exists(folder.paths.log(trial.id)));
  }
  CHECK(folder.orphans_of(folder.plan).empty());
}

TEST_CASE("what a live run holds is not pruned, its row in the merged file neither") {
  const Folder folder;
  const files::Heartbeat beat(folder.paths.runs());
  files::RunWatch watch(folder.paths.runs(), std::chrono::seconds(60));
  const auto lease = files::take_lease(folder.paths.in_progress(folder.gone), 1, beat.id(), watch);
  REQUIRE(lease);
  const auto report = folder.prune_now();
  CHECK(report.removed.empty());
  CHECK(report.held == std::vector<std::string>{folder.gone});
  CHECK(fs::exists(folder.paths.trial(folder.gone)));
  CHECK(files::is_held(*lease));
  CHECK(folder.rows() == 3);
}

TEST_CASE("what a run held that was killed is pruned") {
  const Folder folder;
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const files::Heartbeat beat(folder.paths.runs());
    files::RunWatch watch(folder.paths.runs(), std::chrono::seconds(60));
    const bool taken =
        files::take_lease(folder.paths.in_progress(folder.gone), 1, beat.id(), watch).has_value();
    _exit(taken ? 0 : 1);  // the beat stays, as after SIGKILL
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  REQUIRE(fs::exists(folder.paths.in_progress(folder.gone)));
  CHECK(folder.prune_now().removed == std::vector<std::string>{folder.gone});
  CHECK_FALSE(fs::exists(folder.paths.in_progress(folder.gone)));
}

TEST_CASE("a merged file that holds nothing else goes as a whole") {
  Folder folder;
  folder.plan = plan_of("sweep: {loss.beta: [7, 8]}\n");
  CHECK(folder.prune_now().removed.size() == 3);
  CHECK_FALSE(fs::exists(folder.paths.merged()));
}

TEST_CASE("packing removes the files of finished trials that the merged file holds") {
  const Folder folder;
  const auto report = folder.pack_now();
  CHECK(report.removed == 2);
  CHECK(report.kept.empty());
  for (const auto& trial : folder.plan.trials) {
    CHECK_FALSE(fs::exists(folder.paths.trial(trial.id)));
    CHECK(fs::exists(folder.paths.parameters(trial.id)));
    CHECK_FALSE(fs::exists(folder.paths.in_progress(trial.id)));
  }
  CHECK(fs::exists(folder.paths.trial(folder.gone)));
  for (const auto& state : folder.states(folder.plan)) CHECK(state.state == TrialState::done);
  // Once more there is nothing to do, and a merge keeps all rows.
  CHECK(folder.pack_now().removed == 0);
  folder.merge(folder.plan);
  CHECK(folder.rows() == 3);
}

TEST_CASE("a trial file that differs from the merged file stays, and is named") {
  const Folder folder;
  const auto& trial = folder.plan.trials[1];
  fs::remove(folder.paths.trial(trial.id));
  folder.publish(folder.header(trial, 2), 3);
  const auto report = folder.pack_now();
  CHECK(report.removed == 1);
  REQUIRE(report.kept.size() == 1);
  CHECK(report.kept[0] ==
        folder.paths.trial(trial.id).string() + ": its epochs_done differs from the merged file's");
  CHECK(fs::exists(folder.paths.trial(trial.id)));
}

TEST_CASE("a trial that a run is at work on is not packed") {
  const Folder folder;
  const auto& id = folder.plan.trials[0].id;
  const files::Heartbeat beat(folder.paths.runs());
  files::RunWatch watch(folder.paths.runs(), std::chrono::seconds(60));
  const auto lease = files::take_lease(folder.paths.in_progress(id), 1, beat.id(), watch);
  REQUIRE(lease);
  const auto report = folder.pack_now();
  CHECK(report.removed == 1);
  REQUIRE(report.kept.size() == 1);
  CHECK(fs::exists(folder.paths.trial(id)));
  CHECK(files::is_held(*lease));
}
