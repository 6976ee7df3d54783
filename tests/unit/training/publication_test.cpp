#include <algorithm>
#include <filesystem>

#include "support/catch.hpp"
#include "trial_runs.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::test;
using namespace varia::training;

namespace fs = std::filesystem;

TEST_CASE("who loses the lease writes nothing more, and publishes nothing") {
  for (const double seconds : {0.0, 60.0}) {
    TrialRuns runs(kAdversarial);
    runs.checkpoint_every = std::chrono::duration<double>(seconds);
    const auto piece = runs.run([&](std::int64_t step) {
      if (step == 5) runs.take_over(1000);
    });
    CHECK(piece.outcome.end == TrialEnd::superseded);
    // With a checkpoint after every step it is noticed there, else at the end.
    CHECK(piece.steps.size() == (seconds == 0 ? 5 : 8));
    CHECK_FALSE(fs::exists(runs.published()));
    CHECK_FALSE(fs::exists(runs.parameters()));
    CHECK(runs.files() == std::vector<std::string>{"lease.1000"});
  }
}

TEST_CASE("a trial that another run has published meanwhile is not published again") {
  TrialRuns other(kAdversarial);
  other.run();
  for (const std::int64_t at : {2, 8}) {
    TrialRuns runs(kAdversarial);
    const auto piece = runs.run([&](std::int64_t step) {
      if (step != at) return;
      fs::create_directories(runs.published().parent_path());
      fs::copy(other.published(), runs.published());
      fs::remove_all(runs.in_progress());
    });
    CHECK(piece.outcome.end == TrialEnd::superseded);
    CHECK(read_file(other.published()) == read_file(runs.published()));
    CHECK_FALSE(fs::exists(runs.in_progress()));
  }
}

TEST_CASE("a trial already published under the same token or a later one is not run") {
  TrialRuns other(kAdversarial);
  other.run();
  TrialRuns runs(kAdversarial);
  const auto lease = runs.take();
  fs::create_directories(runs.published().parent_path());
  fs::copy(other.published(), runs.published());
  const auto piece = runs.run_under(lease);
  CHECK(piece.outcome.end == TrialEnd::superseded);
  CHECK(piece.steps.empty());
  CHECK(read_file(other.published()) == read_file(runs.published()));
  CHECK_FALSE(fs::exists(runs.in_progress()));
}

TEST_CASE("an heir does not replace what its predecessor published after all") {
  TrialRuns other(kAdversarial);
  other.run();
  TrialRuns runs(kAdversarial);
  runs.take_over(2);
  const auto piece = runs.run([&](std::int64_t step) {
    if (step != 5) return;
    fs::create_directories(runs.published().parent_path());
    fs::copy(other.published(), runs.published());
  });
  CHECK(piece.outcome.end == TrialEnd::superseded);
  CHECK(read_file(other.published()) == read_file(runs.published()));
}

TEST_CASE("longer results replace shorter ones, and shorter ones or a failure never longer ones") {
  TrialRuns runs(kAdversarial);
  runs.finished_records = 3;
  CHECK(runs.run().outcome.end == TrialEnd::done);
  const auto three = read_file(runs.published());
  const auto parameters = read_file(runs.parameters());
  runs.finished_records = 0;
  CHECK(runs.run().outcome.end == TrialEnd::done);
  CHECK(read_file(runs.published()) == three);
  CHECK(read_file(runs.parameters()) == parameters);
  CHECK_FALSE(fs::exists(runs.in_progress()));
  const auto crash = runs.crash("killed by signal 9");
  CHECK(crash.end == TrialEnd::failed);
  CHECK(crash.error == "killed by signal 9");
  CHECK(read_file(runs.published()) == three);
  CHECK_FALSE(fs::exists(runs.in_progress()));
  runs.finished_records = 4;
  CHECK(runs.run().outcome.end == TrialEnd::done);
  CHECK(results::read_trial_info(runs.published().string()).epochs_done == 4);
}

TEST_CASE("parameters whose trial cannot be published do not stay behind") {
  TrialRuns runs(kAdversarial);
  const auto trials = runs.published().parent_path().parent_path();
  write_file(trials, "a file in place of the folder");
  const auto lease = runs.take();
  CHECK_THROWS_AS(runs.run_under(lease), StoreError);
  CHECK_FALSE(fs::exists(runs.parameters()));
  fs::remove(trials);
  CHECK(runs.run_under(lease).outcome.end == TrialEnd::done);
  CHECK(fs::exists(runs.parameters()));
}

TEST_CASE("a published file that is damaged is replaced") {
  const Whole whole(kAdversarial);
  TrialRuns runs(kAdversarial);
  fs::create_directories(runs.published().parent_path());
  const auto piece = runs.run([&](std::int64_t step) {
    if (step == 3) write_file(runs.published(), "");
  });
  CHECK(piece.outcome.end == TrialEnd::done);
  check_same(whole, runs);
}

TEST_CASE("a crash is published with what the trial had recorded, and with what it had kept") {
  const Whole whole(kFull);
  TrialRuns runs(kFull);
  runs.checkpoint_every = std::chrono::duration<double>(0);
  runs.die_after(8);
  const auto outcome = runs.crash("killed by signal 11");
  CHECK(outcome.end == TrialEnd::failed);
  CHECK(outcome.error == "killed by signal 11");
  const auto trial = results::read_trial(runs.published().string());
  CHECK(trial.header.status == results::TrialState::failed);
  CHECK(trial.header.error == "killed by signal 11");
  REQUIRE(trial.epochs.size() == 2);
  CHECK(trial.views.at("reconstructions").pictures.size() == 2);
  CHECK(trial.header.metrics.at("test/kl").units == "nats");
  CHECK(fs::exists(runs.parameters()));
  CHECK_FALSE(fs::exists(runs.in_progress()));
}

TEST_CASE("a trial of which a parameter's key cannot be stored can still be published as failed") {
  TrialRuns runs(kFull);
  runs.trial.variants.push_back({.key = "seed", .value = Value::text("first"), .swept = true});
  const auto lease = runs.take();
  CHECK_THROWS_AS(runs.run_under(lease), TrialError);
  files::release(lease);
  CHECK(runs.crash("parameter 'seed' cannot be stored").end == TrialEnd::failed);
  const auto header = results::read_trial_header(runs.published().string());
  CHECK(header.error == "parameter 'seed' cannot be stored");
  CHECK(std::ranges::none_of(header.parameters, [](const auto& p) { return p.key == "seed"; }));
  CHECK(header.parameters.size() > 5);
}

TEST_CASE("a crash before anything was recorded is published bare, and can be tried again") {
  const Whole whole(kFull);
  TrialRuns runs(kFull);
  runs.crash("exited with code 3");
  const auto info = results::read_trial_info(runs.published().string());
  CHECK(info.status == results::TrialState::failed);
  CHECK(info.epochs_done == 0);
  CHECK(info.target_epochs == 3);
  CHECK_FALSE(fs::exists(runs.parameters()));
  CHECK(runs.run().outcome.end == TrialEnd::done);
  check_same(whole, runs);
}
