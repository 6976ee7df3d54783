#include <chrono>
#include <cmath>

#include "results/folder/estimate.hpp"
#include "support.hpp"

using namespace varia;
using namespace varia::results;
using namespace varia::sweep;
using namespace varia::sweep::testing;
using Catch::Approx;
using results::TrialState;

namespace {

bool begins(const std::string& text, const std::string& beginning) {
  return text.rfind(beginning, 0) == 0;
}

/// An experiment of one trial, and the state that its files give it.
struct OneTrial {
  explicit OneTrial(const std::string& text = "") : plan(plan_of(text)) {}
  experiment::Plan plan;
  SampleFolder folder;
  const experiment::Trial& trial() const { return plan.trials.front(); }
  results::TrialHeader header() const { return folder.header(trial()); }
  TrialStatus state() const { return folder.states(plan).front(); }
  TrialStatus state_under(const std::string& text) const {
    return folder.states(plan_of(text)).front();
  }
};

}  // namespace

TEST_CASE("a trial without files is new, and one with all that is asked for is done") {
  const OneTrial one;
  CHECK(one.state().state == TrialState::fresh);
  CHECK(one.state().reason_text().empty());
  one.folder.publish(one.header(), 2);
  const auto state = one.state();
  CHECK(state.state == TrialState::done);
  CHECK(state.reason_text().empty());
  CHECK(state.finished_records() == 2);
  CHECK(state.published.token == 1);
  CHECK(state.published.cpu == "EPYC");
  CHECK(state.published.total_seconds == 4);
}

TEST_CASE("a failed trial tells why") {
  const OneTrial one;
  one.folder.publish(one.header(), 1, TrialState::failed, "loss is nan");
  CHECK(one.state().state == TrialState::failed);
  CHECK(one.state().reason_text() == "loss is nan");
  CHECK(one.state().finished_records() == 0);
}

TEST_CASE("a finished trial with fewer epochs than are asked for is partial") {
  const OneTrial one;
  one.folder.publish(one.header(), 2);
  const auto state = one.state_under("train: {epochs: 5}\n");
  CHECK(state.state == TrialState::partial);
  CHECK(state.reason_text() == "has 2 of 5 epochs");
  CHECK(state.finished_records() == 2);
  CHECK(one.state_under("train: {epochs: 1}\n").state == TrialState::done);
}

TEST_CASE("a trial that ended early is done, however many epochs are asked for") {
  const std::string stop = "stop: {metric: validation/elbo}}\n";
  const OneTrial one("train: {epochs: 50, " + stop);
  auto header = one.header();
  header.stopped_early = 2;
  one.folder.publish(header, 2);
  CHECK(one.state().state == TrialState::done);
  CHECK(one.state_under("train: {epochs: 500, " + stop).state == TrialState::done);
  // Without the stop, or with another one, it is another trial.
  CHECK(one.state_under("train: {epochs: 50}\n").state == TrialState::fresh);
}

TEST_CASE("trials that may end early are estimated by those that did") {
  const auto plan =
      plan_of("train: {epochs: 100, stop: {metric: validation/elbo}}\nreplicates: 3\n");
  const SampleFolder folder;
  auto header = folder.header(plan.trials.front());
  header.stopped_early = 10;
  folder.publish(header, 10);
  // 2 s an epoch, 10 epochs a trial.
  const auto left = estimate(plan, folder.states(plan), folder.paths);
  CHECK(left.seconds == Approx(60));
  CHECK(left.seconds_left == Approx(40));
}

TEST_CASE("a finished trial that lacks a metric or a view is partial") {
  const OneTrial one("metrics: [active_units]\nviews: [{use: samples, rows: 2}]\n");
  one.folder.publish(one.header(), 2);
  CHECK(one.state().state == TrialState::done);
  // Less than what is there, and the same in another order, lack nothing.
  CHECK(one.state_under("").state == TrialState::done);
  CHECK(one.state_under("views: [{rows: 2, use: samples}]\n").state == TrialState::done);
  CHECK(one.state_under("metrics: [nll]\n").reason_text() == "lacks metric nll");
  CHECK(one.state_under("views: [reconstructions]\n").reason_text() ==
        "lacks view reconstructions");
  CHECK(one.state_under("views: [samples]\n").reason_text() ==
        "view samples was made with other parameters");
  CHECK(one.state_under("train: {epochs: 2, record_every: 5}\n").reason_text() ==
        "lacks records of every 5 steps");
}

TEST_CASE("a finished trial whose kept parameters were removed is partial") {
  const OneTrial one;
  one.folder.publish(one.header(), 2);
  REQUIRE(one.state().state == TrialState::done);
  std::filesystem::remove(one.folder.paths.parameters(one.trial().id));
  CHECK(one.state().state == TrialState::partial);
  CHECK(one.state().reason_text() == "lacks its kept parameters (train.keep)");
  CHECK(one.state().finished_records() == 2);
  CHECK(one.state_under("train: {epochs: 2, keep: none}\n").state == TrialState::done);
  // What else is missing is told first.
  CHECK(one.state_under("metrics: [nll]\n").reason_text() == "lacks metric nll");
  CHECK(one.state_under("train: {epochs: 3}\n").reason_text() == "has 2 of 3 epochs");
}

TEST_CASE("a finished trial that kept other parameters than are asked for now is partial") {
  const OneTrial one;
  one.folder.publish(one.header(), 2);
  REQUIRE(one.state().state == TrialState::done);
  const auto state = one.state_under("train: {epochs: 2, keep: best}\n");
  CHECK(state.state == TrialState::partial);
  CHECK(state.reason_text() == "kept the last parameters, and train.keep is best now");
  CHECK(one.state_under("train: {epochs: 2, keep: none}\n").state == TrialState::done);
  one.folder.merge(one.plan);
  std::filesystem::remove_all(one.folder.paths.folder());
  CHECK(one.state_under("train: {epochs: 2, keep: best}\n").state == TrialState::done);
}

TEST_CASE("a merged file that was copied alone lacks no parameters") {
  const OneTrial one;
  one.folder.publish(one.header(), 2);
  one.folder.merge(one.plan);
  std::filesystem::remove_all(one.folder.paths.folder());
  CHECK(one.state().state == TrialState::done);
  CHECK(one.state().packed);
}

TEST_CASE("a trial of another version of Varia, LibTorch or a plugin is stale") {
  const OneTrial one;
  auto header = one.header();
  auto old = environment();
  SECTION("of Varia") {
    old.versions.varia = "1.1.0";
    header.versions = old.versions;
    one.folder.publish(header, 2);
    CHECK(one.state().reason_text() ==
          "was made with varia 1.1.0, LibTorch 2.6.0, now varia 1.2.0, LibTorch 2.6.0");
  }
  SECTION("of LibTorch") {
    old.versions.torch = "1.13.0";
    header.versions = old.versions;
    one.folder.publish(header, 2);
    CHECK(begins(one.state().reason_text(), "was made with varia 1.2.0, LibTorch 1.13.0, now"));
  }
  SECTION("of a plugin") {
    REQUIRE((header.plugins == std::vector<PluginVersion>{{"fake", "1.0.0", "-"}}));
    header.plugins.front().version = "0.9.0";
    one.folder.publish(header, 2);
    CHECK(one.state().reason_text() == "plugin fake was 0.9.0 and is 1.0.0 now");
  }
  SECTION("of a plugin's sources") {
    header.plugins.front().digest = "9f86d081";
    one.folder.publish(header, 2);
    CHECK(one.state().reason_text() == "plugin fake 1.0.0 was built anew from other sources");
  }
  CHECK(one.state().state == TrialState::stale);
  CHECK(one.state().finished_records() == 2);
}

TEST_CASE("another BLAS, compiler or processor makes no trial stale") {
  const OneTrial one;
  auto header = one.header();
  auto other = environment();
  other.versions.blas = "OpenBLAS 0.3.21 (Haswell)";
  other.versions.compiler = "GCC 14.2.0";
  header.versions = other.versions;
  header.cpu = "Xeon";
  one.folder.publish(header, 2);
  CHECK(one.state().state == TrialState::done);
  CHECK(processors(one.folder.states(one.plan), "EPYC") ==
        std::vector<std::string>{"EPYC", "Xeon"});
}

TEST_CASE("a damaged file counts as new") {
  const OneTrial one;
  one.folder.write(one.folder.paths.trial(one.trial().id), "no HDF5");
  CHECK(one.state().state == TrialState::fresh);
  CHECK(begins(one.state().reason_text(), "its file is damaged"));
}

TEST_CASE("a trial that was interrupted is partial, with the epochs that it has recorded") {
  const OneTrial one("train: {epochs: 10}\n");
  one.folder.begin(one.header(), 3);
  const auto state = one.state();
  CHECK(state.state == TrialState::partial);
  CHECK(state.reason_text() == "has 3 of 10 epochs");
  CHECK(state.records_done == 3);
  CHECK(state.run.empty());
  CHECK(state.finished_records() == 0);
  // The newest good file counts.
  auto header = one.header();
  header.token = 2;
  one.folder.begin(header, 4);
  one.folder.write(one.folder.paths.in_progress(header.id) / "trial.3.h5", "half written");
  CHECK(one.state().reason_text() == "has 4 of 10 epochs");
}

TEST_CASE("a trial stopped within its first epoch is partial, an empty folder is nothing") {
  const OneTrial one;
  const auto folder = one.folder.paths.in_progress(one.trial().id);
  std::filesystem::create_directories(folder);
  CHECK(one.state().state == TrialState::fresh);
  one.folder.write(folder / "checkpoint.1", "content");
  CHECK(one.state().state == TrialState::partial);
  CHECK(one.state().reason_text() == "has 0 of 2 epochs");
}

TEST_CASE("a trial that a run is at work on tells where, and no longer once that run is gone") {
  const OneTrial one("train: {epochs: 10}\n");
  const auto& paths = one.folder.paths;
  one.folder.begin(one.header(), 3);
  {
    const files::Heartbeat beat(paths.runs());
    files::RunWatch watch(paths.runs(), std::chrono::seconds(60));
    const auto lease = files::take_lease(paths.in_progress(one.trial().id), 0, beat.id(), watch);
    REQUIRE(lease);
    const auto state = one.state();
    CHECK(begins(state.reason_text(), "has 3 of 10 epochs, in progress on "));
    CHECK(state.run == beat.id());
  }
  CHECK(one.state().reason_text() == "has 3 of 10 epochs");
}

TEST_CASE("a finished trial whose longer run was interrupted tells of both") {
  const OneTrial one;
  one.folder.publish(one.header(), 2);
  const auto longer = plan_of("train: {epochs: 5}\n");
  auto header = one.folder.header(longer.trials.front(), 2);
  one.folder.begin(header, 4);
  const auto state = one.folder.states(longer).front();
  CHECK(state.reason_text() == "has 2 of 5 epochs; the new run has 4 of 5 epochs");
  CHECK(state.finished_records() == 2);
  CHECK(state.records_done == 4);
  // Nothing more is asked for: what is in progress does not matter.
  CHECK(one.state().state == TrialState::done);
}

TEST_CASE("a trial whose file was packed away counts as what the merged file holds") {
  const OneTrial one("metrics: [active_units]\n");
  one.folder.publish(one.header(), 2);
  one.folder.merge(one.plan);
  std::filesystem::remove(one.folder.paths.trial(one.trial().id));
  const auto state = one.state();
  CHECK(state.state == TrialState::done);
  CHECK(state.packed);
  CHECK(state.finished_records() == 2);
  CHECK(state.published.total_seconds == 4);
  CHECK(one.state_under("metrics: [active_units]\ntrain: {epochs: 3}\n").reason_text() ==
        "has 2 of 3 epochs");
  CHECK(one.state_under("metrics: [nll]\n").reason_text() ==
        "was made with other metrics or views, and its trial file was packed away");
}

TEST_CASE("what a sweep takes is judged by its finished trials") {
  const SampleFolder folder;
  const auto plan = plan_of("sweep: {model.latent: [2, 3]}\ntrain: {epochs: 4}\nreplicates: 2\n");
  const auto unknown = estimate(plan, folder.states(plan), folder.paths);
  CHECK(unknown.measured == 0);
  CHECK(std::isnan(unknown.seconds));
  CHECK(unknown.files == 9);  // a trial file and parameters each, and the merged file
  folder.publish(folder.header(plan.trials[0]), 4);
  folder.begin(folder.header(plan.trials[1]), 1);
  const auto known = estimate(plan, folder.states(plan), folder.paths);
  CHECK(known.measured == 1);
  CHECK(known.seconds == Approx(4 * 4 * 2));
  CHECK(known.seconds_left == Approx((3 + 4 + 4) * 2));
  const auto bytes = std::filesystem::file_size(folder.paths.trial(plan.trials[0].id));
  const auto parameters = std::filesystem::file_size(folder.paths.parameters(plan.trials[0].id));
  CHECK(known.bytes == Approx(4 * static_cast<double>(2 * bytes + parameters)));
}

TEST_CASE("trials that were packed take no files of their own") {
  const SampleFolder folder;
  const auto plan = plan_of("replicates: 4\ntrain: {epochs: 2, keep: none}\n");
  for (const std::size_t i : {0, 1}) folder.publish(folder.header(plan.trials[i]), 2);
  folder.merge(plan);
  for (const std::size_t i : {0, 1}) std::filesystem::remove(folder.paths.trial(plan.trials[i].id));
  const auto known = estimate(plan, folder.states(plan), folder.paths);
  CHECK(known.measured == 2);
  CHECK(known.files == 3);
  // Each row takes half of the merged file; the two that are to come have a trial file as well.
  const auto merged = static_cast<double>(std::filesystem::file_size(folder.paths.merged()));
  CHECK(known.bytes == Approx((1 + 1 + 2 + 2) * merged / 2));
}
