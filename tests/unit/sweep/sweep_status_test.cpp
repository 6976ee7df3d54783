#include "results/folder/sweep_status.hpp"

#include <chrono>
#include <cmath>

#include "support.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::results;
using namespace varia::sweep;
using namespace varia::sweep::testing;
using Catch::Approx;
using results::TrialState;

namespace {

const std::string kSweep = "sweep: {loss.beta: [1, 2, 4, 8, 16]}\ntrain: {epochs: 4}\n";

}  // namespace

TEST_CASE("a list of trials reads back") {
  const SampleFolder folder;
  CHECK(read_trial_list(folder.paths).empty());
  const auto plan = plan_of("sweep: {loss.beta: [1, 2]}\nreplicates: 2\n");
  write_trial_list(plan, folder.paths);
  const auto list = read_trial_list(folder.paths);
  REQUIRE(list.size() == 4);
  CHECK(list[3].id == plan.trials[3].id);
  CHECK(list[3].target_records == 2);
  CHECK(list[2].label == "loss.beta=2 replicate 0");
  CHECK(list[3].label == "loss.beta=2 replicate 1");
}

TEST_CASE("a damaged list of trials is an error that names its line") {
  const SampleFolder folder;
  for (const std::string line :
       {"../../etc/passwd\t2\tlast\tx", "0123456789abcdef\t-1\tlast\tx",
        "0123456789abcdef\t2\tlast", "0123456789abcdef\ttwo\tlast\tx", "0123456789abcdef\t2"}) {
    folder.write(folder.paths.trial_list(), "id\trecords\tkeep\tlabel\n" + line + "\n");
    CHECK_THROWS_AS(read_trial_list(folder.paths), StoreError);
  }
}

TEST_CASE("a sweep without results is an error that names the nearest") {
  const SampleFolder folder;
  std::filesystem::create_directories(folder.paths.root / "beta_sweep");
  try {
    read_status({folder.paths.root, "beta_swep"});
    FAIL("nothing was thrown");
  } catch (const StoreError& error) {
    CHECK(std::string(error.what()).find("Did you mean 'beta_sweep'?") != std::string::npos);
  }
}

TEST_CASE("every state is counted, and what is missing is told by the list of trials") {
  const SampleFolder folder;
  const auto plan = plan_of(kSweep);
  write_trial_list(plan, folder.paths);
  folder.publish(folder.header(plan.trials[0]), 4);
  folder.publish(folder.header(plan.trials[1]), 1, TrialState::failed, "loss is nan");
  folder.begin(folder.header(plan.trials[2]), 3);
  folder.begin(folder.header(plan.trials[3]), 1);
  const auto other = plan_of("sweep: {loss.beta: [99]}\n");
  folder.publish(folder.header(other.trials[0]), 2);
  const files::Heartbeat beat(folder.paths.runs());
  files::RunWatch watch(folder.paths.runs(), std::chrono::seconds(60));
  const auto lease =
      files::take_lease(folder.paths.in_progress(plan.trials[3].id), 0, beat.id(), watch);
  REQUIRE(lease);

  const auto status = read_status(folder.paths);
  CHECK(status.expected == 5);
  CHECK(status.done == 1);
  REQUIRE(status.failed.size() == 1);
  CHECK(status.failed[0].reason.what == "loss is nan");
  CHECK(status.failed[0].label == "loss.beta=2");
  REQUIRE(status.paused.size() == 1);
  CHECK(status.paused[0].id == plan.trials[2].id);
  CHECK(status.paused[0].records_done == 3);
  REQUIRE(status.in_progress.size() == 1);
  CHECK(status.in_progress[0].run == beat.id());
  CHECK(status.in_progress[0].records_done == 1);
  CHECK(status.in_progress[0].target_records == 4);
  CHECK(status.untouched == 1);
  CHECK(status.unplanned == 1);
  REQUIRE(status.runs.size() == 1);
  CHECK(status.runs[0].id == beat.id());
  CHECK(status.problems.empty());
  // 2 s an epoch: 3 epochs of the one in progress, 1 of the interrupted one, 4 of the new one.
  CHECK(status.seconds_left == Approx(16));
}

TEST_CASE("with nothing in progress no time can be told") {
  const SampleFolder folder;
  const auto plan = plan_of(kSweep);
  write_trial_list(plan, folder.paths);
  folder.publish(folder.header(plan.trials[0]), 4);
  CHECK(std::isnan(read_status(folder.paths).seconds_left));
  CHECK(read_status(folder.paths).untouched == 4);
}

TEST_CASE("without a list of trials what is there is counted") {
  const SampleFolder folder;
  const auto plan = plan_of(kSweep);
  folder.publish(folder.header(plan.trials[0]), 4);
  const auto status = read_status(folder.paths);
  CHECK(status.expected == 0);
  CHECK(status.done == 1);
  CHECK(status.untouched == 0);
}

TEST_CASE("trials that were packed count as done, shorter ones are told") {
  const SampleFolder folder;
  const auto plan = plan_of("sweep: {loss.beta: [1, 2]}\n");
  for (const auto& trial : plan.trials) folder.publish(folder.header(trial), 2);
  folder.merge(plan);
  std::filesystem::remove(folder.paths.trial(plan.trials[0].id));
  write_trial_list(plan_of("sweep: {loss.beta: [1, 2]}\ntrain: {epochs: 3}\n"), folder.paths);
  const auto status = read_status(folder.paths);
  CHECK(status.done == 2);
  CHECK(status.packed == 1);
  CHECK(status.shorter == 2);
}

TEST_CASE("finished trials whose kept parameters were removed are told") {
  const SampleFolder folder;
  const std::string sweep = "sweep: {loss.beta: [1, 2, 4]}\n";
  const auto plan = plan_of(sweep);
  for (const auto& trial : plan.trials) folder.publish(folder.header(trial), 2);
  write_trial_list(plan, folder.paths);
  CHECK(read_status(folder.paths).without_parameters == 0);
  std::filesystem::remove_all(folder.paths.models());
  // The merged file alone has the first one.
  folder.merge(plan);
  std::filesystem::remove(folder.paths.trial(plan.trials[0].id));
  CHECK(read_status(folder.paths).done == 3);
  CHECK(read_status(folder.paths).without_parameters == 2);
  write_trial_list(plan_of(sweep + "train: {epochs: 2, keep: none}\n"), folder.paths);
  CHECK(read_status(folder.paths).without_parameters == 0);
}

TEST_CASE("a damaged trial file is a problem, and the trial is missing") {
  const SampleFolder folder;
  const auto plan = plan_of("sweep: {loss.beta: [1, 2]}\n");
  write_trial_list(plan, folder.paths);
  folder.write(folder.paths.trial(plan.trials[0].id), "no HDF5");
  const auto status = read_status(folder.paths);
  CHECK(status.problems.size() == 1);
  CHECK(status.untouched == 2);
}

TEST_CASE("a damaged trial file is trained again, though the merged file has the trial") {
  const SampleFolder folder;
  const auto plan = plan_of("sweep: {loss.beta: [1, 2]}\n");
  write_trial_list(plan, folder.paths);
  for (const auto& trial : plan.trials) folder.publish(folder.header(trial), 2);
  folder.merge(plan);
  folder.write(folder.paths.trial(plan.trials[0].id), "no HDF5");
  const auto status = read_status(folder.paths);
  CHECK(status.problems.size() == 1);
  CHECK(status.done == 1);
  CHECK(status.packed == 0);
  CHECK(status.untouched == 1);
}
