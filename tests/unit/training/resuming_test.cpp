#include <filesystem>

#include "support/catch.hpp"
#include "training/checkpoint/checkpoint.hpp"
#include "trial_runs.hpp"

using namespace varia;
using namespace varia::test;
using namespace varia::training;

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kLimit = 1 << 26;

const std::string kJoint =
    "data: {use: synthetic, batch: 16}\n"
    "model: {use: joint_vae, hidden: [12, 12], gaussian: [2], categorical: [3],\n"
    "        layers: {normalisation: batch, dropout: 0.2, residual: true}}\n"
    "loss: {use: elbo}\n"
    "optimizer: {use: adamw, lr: 1e-2}\n"
    "train: {steps: 9, evaluate_every: 5, threads: 1}\n"
    "metrics: [nmi, contingency, cluster_accuracy, accuracy, cross_entropy, posterior_entropy]\n";

}  // namespace

TEST_CASE("a trial stopped after every single step ends as if nothing had stopped it") {
  for (const auto& text : {kFull, kJoint, kAdversarial}) {
    INFO(text);
    const Whole whole(text);
    TrialRuns runs(text);
    std::int64_t expected = 1;
    for (;;) {
      const auto piece = runs.run([&](std::int64_t) { runs.stop = true; });
      if (piece.outcome.end != TrialEnd::interrupted) {
        CHECK(piece.outcome.end == TrialEnd::done);
        CHECK(piece.steps.empty());
        break;
      }
      REQUIRE(piece.steps == std::vector<std::int64_t>{expected});
      // Two files of this piece and two of the one before it: nothing heaps up.
      CHECK(runs.files().size() <= 4);
      ++expected;
    }
    CHECK(expected == (text == kFull || text == kJoint ? 10 : 9));
    check_same(whole, runs);
  }
}

TEST_CASE("a trial whose process dies resumes from its last checkpoint with the same bits",
          "[slow]") {
  for (const auto& text : {kFull, kJoint}) {
    const Whole whole(text);
    for (std::int64_t step = 1; step <= 9; ++step) {
      TrialRuns runs(text);
      // After every step; one that has not come to its first checkpoint has its own test below.
      runs.checkpoint_every = std::chrono::duration<double>(0);
      CHECK(runs.die_after(step).steps.size() == static_cast<std::size_t>(step));
      const auto piece = runs.run();
      REQUIRE(piece.outcome.end == TrialEnd::done);
      // It died before the checkpoint of its last step, which is taken again.
      CHECK(piece.steps.front() == step);
      check_same(whole, runs);
    }
  }
}

TEST_CASE("a stop within an evaluation, or between views, repeats what it stopped") {
  auto text = kFull;
  text.replace(text.find("metrics: ["), 10, "metrics: [probe, ");
  on_probe() = nullptr;
  const Whole whole(text);
  // Each epoch shows two splits of one batch to the probe.
  for (int stop_at = 1; stop_at <= 6; ++stop_at) {
    TrialRuns runs(text);
    int shown = 0;
    on_probe() = [&] { runs.stop = ++shown == stop_at; };
    const auto first = runs.run();
    on_probe() = nullptr;
    REQUIRE(first.outcome.end == TrialEnd::interrupted);
    CHECK(first.records.size() == static_cast<std::size_t>((stop_at - 1) / 2));
    const auto rest = runs.run();
    REQUIRE(rest.outcome.end == TrialEnd::done);
    CHECK(first.steps.size() + rest.steps.size() == 9);
    CHECK(first.records.size() + rest.records.size() == 3);
    check_same(whole, runs);
  }
}

TEST_CASE("a metric that cannot tell its state allows checkpoints at the ends of epochs") {
  const auto text = kAdversarial + "metrics: [{use: probe, follows: true}]\n";
  const Whole whole(text);
  TrialRuns runs(text);
  runs.checkpoint_every = std::chrono::duration<double>(0);
  CHECK(runs.run([&](std::int64_t step) { runs.stop = step == 3; }).outcome.end ==
        TrialEnd::interrupted);
  CHECK(runs.files().empty());
  CHECK(runs.run([&](std::int64_t step) { runs.stop = step == 6; }).steps.size() == 6);
  const auto rest = runs.run();
  CHECK(rest.steps == std::vector<std::int64_t>{5, 6, 7, 8});
  check_same(whole, runs);
}

TEST_CASE("a stop within an evaluation resumes, also with a metric that cannot tell its state") {
  const auto text = kAdversarial + "metrics: [{use: probe, follows: true}]\n";
  on_probe() = nullptr;
  const Whole whole(text);
  for (const auto checkpoint_every : {0.0, 1e9}) {
    TrialRuns runs(text);
    runs.checkpoint_every = std::chrono::duration<double>(checkpoint_every);
    std::int64_t steps = 0;
    // The probe sees every step of an epoch, and then the test images.
    on_probe() = [&] { runs.stop = ++steps == 5; };
    const auto first = runs.run();
    on_probe() = nullptr;
    REQUIRE(first.outcome.end == TrialEnd::interrupted);
    CHECK(runs.run().outcome.end == TrialEnd::done);
    check_same(whole, runs);
  }
}

TEST_CASE("a trial that pauses after so many records goes on where it paused") {
  const Whole whole(kFull);
  TrialRuns runs(kFull);
  runs.until = 1;
  const auto first = runs.run();
  CHECK(first.outcome.end == TrialEnd::interrupted);
  CHECK(first.steps == std::vector<std::int64_t>{1, 2, 3});
  // It is there already.
  const auto again = runs.run();
  CHECK(again.outcome.end == TrialEnd::interrupted);
  CHECK(again.steps.empty());
  runs.until = 2;
  CHECK(runs.run().steps == std::vector<std::int64_t>{4, 5, 6});
  runs.until = 3;
  const auto last = runs.run();
  CHECK(last.outcome.end == TrialEnd::done);
  CHECK(last.steps == std::vector<std::int64_t>{7, 8, 9});
  check_same(whole, runs);
}

TEST_CASE("a trial that died before its first checkpoint starts anew") {
  const Whole whole(kAdversarial);
  TrialRuns runs(kAdversarial);
  CHECK(runs.die_after(1).steps.size() == 1);
  CHECK(runs.files().empty());
  CHECK(runs.run().steps.front() == 1);
  check_same(whole, runs);
}

TEST_CASE("a checkpoint cut anywhere is noticed, and the one before it used", "[slow]") {
  const Whole whole(kFull);
  TrialRuns runs(kFull);
  runs.checkpoint_every = std::chrono::duration<double>(0);
  runs.die_after(6);
  const auto checkpoint = runs.newest("checkpoint.");
  const auto previous = checkpoint.string() + ".previous";
  const auto good = read_file(checkpoint);
  CHECK(read_checkpoint(checkpoint, kLimit).step == 5);
  CHECK(read_checkpoint(previous, kLimit).step == 4);
  REQUIRE(good.size() > 4 * 4096);
  fs::copy(runs.in_progress(), runs.folder() / "saved");
  const auto again = [&] {
    fs::remove_all(runs.in_progress());
    fs::copy(runs.folder() / "saved", runs.in_progress());
    fs::remove(runs.published());
  };
  for (std::size_t size = 0; size < good.size(); size += 4096) {
    again();
    write_file(checkpoint, good.substr(0, size));
    CHECK_THROWS_AS(read_checkpoint(checkpoint, kLimit), StoreError);
    CHECK(runs.run().steps.front() == 5);
    check_same(whole, runs);
  }
  SECTION("where both are bad it starts anew") {
    again();
    write_file(checkpoint, good.substr(0, 5000));
    write_file(previous, "");
    CHECK(runs.run().steps.front() == 1);
    check_same(whole, runs);
  }
  SECTION("where its records are bad it starts anew") {
    for (const auto* bytes : {"", "no records"}) {
      again();
      write_file(runs.newest("trial."), bytes);
      CHECK(runs.run().steps.front() == 1);
      check_same(whole, runs);
    }
  }
  SECTION("one that its writer had put aside only serves, too") {
    again();
    fs::remove(checkpoint);
    CHECK(runs.run().steps.front() == 5);
    check_same(whole, runs);
  }
}

TEST_CASE("records that a checkpoint does not know of are made again") {
  const Whole whole(kFull);
  TrialRuns runs(kFull);
  runs.checkpoint_every = std::chrono::duration<double>(0);
  runs.die_after(7);
  const auto checkpoint = runs.newest("checkpoint.");
  CHECK(read_checkpoint(checkpoint, kLimit).records == 2);
  // As if it had died between the commit of its file and the checkpoint.
  fs::rename(checkpoint.string() + ".previous", checkpoint);
  CHECK(read_checkpoint(checkpoint, kLimit).records == 1);
  CHECK(results::read_trial_info(runs.newest("trial.").string()).epochs_done == 2);
  const auto rest = runs.run();
  CHECK(rest.steps == std::vector<std::int64_t>{7, 8, 9});
  CHECK(rest.records == std::vector<std::int64_t>{2, 3});
  check_same(whole, runs);
}

TEST_CASE("a checkpoint of another version of the trial is not gone on from") {
  const auto first_step = [](const std::function<void(TrialRuns&)>& change) {
    TrialRuns runs(kAdversarial);
    runs.run([&](std::int64_t step) { runs.stop = step == 5; });
    change(runs);
    return runs.run().steps.front();
  };
  CHECK(first_step([](TrialRuns&) {}) == 6);
  CHECK(first_step([](TrialRuns& runs) { runs.environment.versions.blas = "another"; }) == 1);
  CHECK(first_step([](TrialRuns& runs) { runs.finished_records = 3; }) == 1);
  CHECK(first_step([](TrialRuns& runs) {
          runs.trial.metrics = make_trial(kAdversarial + "metrics: [probe]").metrics;
        }) == 1);
  CHECK(first_step([](TrialRuns& runs) { runs.trial.seed = 2; }) == 1);
  // Where it is made changes nothing of the numbers that is promised.
  CHECK(first_step([](TrialRuns& runs) { runs.environment.host = "another"; }) == 6);
}

TEST_CASE("a trial that fails after a break fails as it does without one") {
  // The learning rate grows until the loss is not finite.
  const std::string text =
      "data: {use: synthetic, batch: 16}\n"
      "model: {use: autoencoder}\n"
      "loss: {use: elbo}\n"
      "optimizer: {use: sgd, lr: {use: piecewise, points: [{epoch: 0, value: 1e-3}, {epoch: 1.4, "
      "value: 1e-3}, {epoch: 1.5, value: 1e3}]}}\n"
      "train: {epochs: 30, threads: 1}\n";
  TrialRuns whole(text);
  const auto failed = whole.run();
  REQUIRE(failed.outcome.end == TrialEnd::failed);
  REQUIRE(failed.steps.size() > 5);
  TrialRuns runs(text);
  runs.run_step_by_step();
  CHECK(difference(whole.published(), runs.published()) == "");
  CHECK(parameter_difference(whole.parameters(), runs.parameters()) == "");
  CHECK(results::read_trial_info(runs.published().string()).error == failed.outcome.error);
}
