#include "training/early_stopping.hpp"

#include <cmath>
#include <vector>

#include "results/tensors.hpp"
#include "support/catch.hpp"
#include "trial_runs.hpp"

using namespace varia;
using namespace varia::test;
using namespace varia::training;

namespace {

/// 40 epochs of 3 steps at most, with a learning rate that soon does harm.
std::string stopped(const std::string& stop, const std::string& more = "keep: last") {
  return "data: {use: synthetic, batch: 16, validation: 0.2}\n"
         "model: {use: mlp_vae, hidden: [12], latent: 3}\n"
         "loss: {use: elbo}\n"
         "optimizer: {use: adam, lr: 0.1}\n"
         "train: {epochs: 40, threads: 1, record_every: 2, " +
         more + ", stop: " + stop +
         "}\n"
         "metrics: [{use: nll, samples: 5, every: last}]\n"
         "views: [{use: reconstructions, every: last}]\n";
}

const std::string kStopped = stopped("{metric: validation/elbo, patience: 3}");

struct Recorded {
  results::TrialInfo info;
  std::vector<double> elbo;  // of the validation split
  std::vector<double> nll;   // of the test split
};

Recorded recorded(const TrialRuns& runs) {
  const auto path = runs.published().string();
  const auto curve = [&](const char* metric) {
    return results::read_trial_curve(path, metric).values;
  };
  return {results::read_trial_info(path), curve("validation/elbo"), curve("test/nll")};
}

/// By the definition: the number of values after which `patience` in a row were not better than the
/// best one before by more than `margin`, and the place of that one, from 1.
std::pair<std::size_t, std::size_t> expected_end(const std::vector<double>& values,
                                                 std::size_t patience, double margin) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i] > values[best] + margin) best = i;
    if (i - best == patience) return {i + 1, best + 1};
  }
  return {values.size(), best + 1};
}

}  // namespace

TEST_CASE("a value is better in its order, by more than the margin, and NaN never is") {
  CHECK(is_better(1, 2, Better::lower));
  CHECK_FALSE(is_better(2, 2, Better::lower));
  CHECK_FALSE(is_better(2, 1, Better::lower));
  CHECK(is_better(2, 1, Better::higher));
  CHECK_FALSE(is_better(1.5, 1, Better::higher, 0.5));
  CHECK(is_better(1.75, 1, Better::higher, 0.5));
  CHECK(is_better(-INFINITY, NAN, Better::higher));
  CHECK_FALSE(is_better(NAN, 1, Better::higher));
  CHECK_FALSE(is_better(NAN, NAN, Better::lower));
}

TEST_CASE("a trial ends when its patience does, with the best epoch by the metric") {
  const Whole whole(kStopped);
  const auto made = recorded(whole.runs);
  // The last record is that of the best parameters; without the stop it is that of its epoch.
  const Whole longer(stopped("{metric: validation/elbo, patience: 40}"));
  const auto [length, best] = expected_end(recorded(longer.runs).elbo, 3, 0);
  REQUIRE(length < 40);
  CHECK(made.info.status == results::TrialState::done);
  CHECK(made.info.epochs_done == static_cast<std::int64_t>(length));
  CHECK(made.info.stopped_early == made.info.epochs_done);
  CHECK(made.info.best_epoch == static_cast<std::int64_t>(best));
  CHECK(made.info.target_epochs == 40);
  REQUIRE(made.elbo.size() == length);
  CHECK(made.elbo.back() == made.elbo[best - 1]);
  // What is due after the last epoch is measured after it, whichever that is.
  CHECK(std::isfinite(made.nll.back()));
  CHECK(std::isnan(made.nll.front()));
}

TEST_CASE("the parameters that are kept are those that the last record measures") {
  const auto kept = [](const TrialRuns& runs) {
    for (const auto& tensor : results::load_tensors(runs.parameters().string()))
      if (tensor.name == "epoch") return static_cast<std::int64_t>(tensor.bytes.front());
    return std::int64_t{-1};
  };
  const Whole best(kStopped);
  CHECK(kept(best.runs) == recorded(best.runs).info.best_epoch);
  const Whole last(stopped("{metric: validation/elbo, patience: 3, restore: last}"));
  const auto made = recorded(last.runs);
  CHECK(kept(last.runs) == made.info.epochs_done);
  CHECK(made.info.best_epoch == made.info.epochs_done - 3);
  CHECK(made.elbo.back() < made.elbo[made.elbo.size() - 4]);
  const Whole by_metric(
      stopped("{metric: validation/elbo, patience: 40}", "keep: validation/reconstruction"));
  const auto curve =
      results::read_trial_curve(by_metric.runs.published().string(), "validation/reconstruction");
  const auto lowest = std::min_element(curve.values.begin(), curve.values.end());
  CHECK(kept(by_metric.runs) == lowest - curve.values.begin() + 1);
}

TEST_CASE("a margin, and epochs that do not count, follow their definitions") {
  const Whole longer(stopped("{metric: validation/elbo, patience: 40, restore: last}"));
  const auto curve = recorded(longer.runs).elbo;
  CHECK(recorded(longer.runs).info.stopped_early == 0);
  {
    const Whole whole(
        stopped("{metric: validation/elbo, patience: 2, min_delta: 5, restore: last}"));
    const auto [length, best] = expected_end(curve, 2, 5);
    CHECK(recorded(whole.runs).info.epochs_done == static_cast<std::int64_t>(length));
    CHECK(recorded(whole.runs).info.best_epoch == static_cast<std::int64_t>(best));
  }
  const Whole whole(stopped("{metric: validation/elbo, patience: 3, after: 20, restore: last}"));
  const auto [length, best] = expected_end({curve.begin() + 20, curve.end()}, 3, 0);
  CHECK(recorded(whole.runs).info.epochs_done == static_cast<std::int64_t>(20 + length));
  CHECK(recorded(whole.runs).info.best_epoch == static_cast<std::int64_t>(20 + best));
}

TEST_CASE("a trial that ends early and is stopped after every step ends with the same bits") {
  const Whole whole(kStopped);
  TrialRuns runs(kStopped);
  CHECK(runs.run_step_by_step() > 10);
  check_same(whole, runs);
}

TEST_CASE("a trial that is stopped within its last evaluation ends with the same bits") {
  auto text = kStopped;
  text.replace(text.find("metrics: ["), 10, "metrics: [probe, ");
  on_probe() = nullptr;
  const Whole whole(text);
  const auto records = recorded(whole.runs).info.epochs_done;
  // The validation split is looked at once more after the last epoch, by the best parameters.
  const auto looks = static_cast<int>(2 * records + 1);
  for (int stop_at = looks - 3; stop_at <= looks; ++stop_at) {
    TrialRuns runs(text);
    int shown = 0;
    on_probe() = [&] { runs.stop = ++shown == stop_at; };
    const auto first = runs.run();
    on_probe() = nullptr;
    REQUIRE(first.outcome.end == TrialEnd::interrupted);
    REQUIRE(runs.run().outcome.end == TrialEnd::done);
    check_same(whole, runs);
  }
}

TEST_CASE(
    "a learning rate that follows a metric falls as the metric says, and resumes with the same "
    "bits") {
  const std::string text =
      "data: {use: synthetic, batch: 16, validation: 0.2}\n"
      "model: {use: mlp_vae, hidden: [12], latent: 3}\n"
      "loss: {use: elbo}\n"
      "optimizer: {use: adam, lr: {use: plateau, metric: validation/elbo, from: 0.1, factor: 0.5, "
      "patience: 2}}\n"
      "train: {epochs: 20, threads: 1}\n";
  const Whole whole(text);
  const auto file = results::read_trial(whole.runs.published().string());
  const auto elbo = recorded(whole.runs).elbo;
  // What was in force in an epoch follows from the epochs before it.
  double rate = 0.1;
  double best = NAN;
  int waited = 0;
  int falls = 0;
  for (std::size_t epoch = 0; epoch < elbo.size(); ++epoch) {
    CHECK(file.epochs[epoch].schedules.at("optimizer.lr") == rate);
    if (is_better(elbo[epoch], best, Better::higher)) {
      best = elbo[epoch];
      waited = 0;
    } else if (++waited == 2) {
      rate *= 0.5;
      waited = 0;
      ++falls;
    }
  }
  CHECK(falls >= 2);
  TrialRuns runs(text);
  runs.run_step_by_step();
  check_same(whole, runs);
}
