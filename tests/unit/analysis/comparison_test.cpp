#include "analysis/comparison.hpp"

#include <cmath>

#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia;
using namespace varia::analysis;
using Catch::Approx;
using results::TrialState;

namespace {

using Texts = std::vector<std::string>;
const double kNaN = results::kNaN;

MadeTrial trial(double beta, double latent, std::int64_t replicate,
                std::map<std::string, double> metrics, TrialState status = TrialState::done) {
  return {
      {{"loss.beta", beta}, {"model.latent", latent}}, replicate, std::move(metrics), {}, status};
}

/// beta 1 and 4, three seeds; the second seed of beta 4 failed.
std::vector<MadeTrial> two_betas() {
  return {trial(1, 2, 0, {{"test/elbo", -100}}),
          trial(1, 2, 1, {{"test/elbo", -103}}),
          trial(1, 2, 2, {{"test/elbo", -97}}),
          trial(4, 2, 0, {{"test/elbo", -110}}),
          trial(4, 2, 1, {{"test/elbo", -1}}, TrialState::failed),
          trial(4, 2, 2, {{"test/elbo", -106}})};
}

std::string refusal(const results::Results& results, const ComparisonRequest& request) {
  try {
    compare(results, request);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

ComparisonRequest request_of(const Texts& metrics) {
  ComparisonRequest request;
  request.metrics = metrics;
  return request;
}

}  // namespace

TEST_CASE("settings are ranked by their means, with missing values and paired differences") {
  const MadeResults made(two_betas());
  const auto found = compare(*made, {});
  CHECK(found.keys == Texts{"loss.beta"});
  CHECK(found.metrics[0].name == "test/elbo");
  CHECK(found.metrics[0].info.better == Better::higher);
  CHECK(found.ranked_by == "test/elbo");
  REQUIRE(found.settings.size() == 2);
  const auto& first = found.settings[0];
  CHECK(first.values == Texts{"1"});
  CHECK(first.rank == 1);
  CHECK(first.estimates[0].summary.centre == Approx(-100));
  CHECK(first.estimates[0].summary.count == 3);
  CHECK_FALSE(first.estimates[0].difference.has_value());
  const auto& second = found.settings[1];
  CHECK(second.rank == 2);
  CHECK(second.estimates[0].summary.centre == Approx(-108));
  CHECK(second.estimates[0].sample.missing().text() == "1 failed");
  REQUIRE(second.estimates[0].difference.has_value());
  // Over the seeds 0 and 2 alone: -10 and -9.
  CHECK(second.estimates[0].difference->pairs == 2);
  CHECK(second.estimates[0].difference->centre == Approx(-9.5));
  CHECK(second.estimates[0].difference->p == 0.5);
  CHECK(second.estimates[0].corrected_p == 0.5);
  CHECK(second.reference == std::size_t{0});
  // The reference was chosen by the values that are compared.
  REQUIRE(found.notes.size() == 1);
  CHECK(contains(found.notes[0], "--against"));
}

TEST_CASE("a setting that lacks a replicate of others lacks a value") {
  auto trials = two_betas();
  trials.pop_back();
  const MadeResults made(trials);
  const auto found = compare(*made, {});
  CHECK(found.settings[1].estimates[0].sample.missing().text() == "1 failed, 1 missing");
}

TEST_CASE("settings are ranked on the validation split where there is one") {
  const MadeResults made({trial(1, 2, 0, {{"test/elbo", -100}, {"validation/elbo", -95}}),
                          trial(4, 2, 0, {{"test/elbo", -99}, {"validation/elbo", -96}})});
  const auto found = compare(*made, {});
  CHECK(found.ranked_by == "validation/elbo");
  CHECK(found.settings[0].values == Texts{"1"});
  CHECK(found.settings[0].rank_summary.centre == -95);
  REQUIRE(found.notes.size() == 1);
  CHECK(contains(found.notes[0], "no setting has two seeds"));
}

TEST_CASE("a setting without values comes last and has no rank") {
  const MadeResults made(
      {trial(1, 2, 0, {{"test/elbo", kNaN}}), trial(4, 2, 0, {{"test/elbo", -99}})});
  const auto found = compare(*made, {});
  CHECK(found.settings[1].values == Texts{"1"});
  CHECK(found.settings[1].rank == 0);
  CHECK(std::isnan(found.settings[1].estimates[0].corrected_p));
}

TEST_CASE("settings of different likelihoods are neither ranked nor tested together") {
  auto trials = two_betas();
  for (auto& made : trials)
    made.swept["model.likelihood.use"] =
        std::string(std::get<double>(made.swept["loss.beta"]) == 4 ? "laplace" : "bernoulli");
  const MadeResults made(trials);
  const auto found = compare(*made, {});
  CHECK(found.classes == Texts{"model.likelihood.use=bernoulli", "model.likelihood.use=laplace"});
  CHECK(found.settings[0].rank == 1);
  CHECK(found.settings[1].rank == 1);
  CHECK_FALSE(found.settings[1].estimates[0].difference.has_value());
  ComparisonRequest request;
  request.against_values = {{"loss.beta", "1"}};
  CHECK_FALSE(compare(*made, request).settings[1].estimates[0].difference.has_value());
}

TEST_CASE("against a value, each setting is compared with its own twin") {
  std::vector<MadeTrial> trials;
  for (const double latent : {2.0, 10.0})
    for (const double beta : {1.0, 4.0})
      for (const std::int64_t seed : {0, 1, 2})
        trials.push_back(
            trial(beta, latent, seed, {{"test/elbo", -100 - beta * latent - double(seed)}}));
  const MadeResults made(trials);
  ComparisonRequest request;
  request.against_values = {{"loss.beta", "1.0"}};
  const auto found = compare(*made, request);
  for (const auto& setting : found.settings) {
    REQUIRE(setting.reference.has_value());
    CHECK(found.settings[*setting.reference].values == Texts{"1", setting.values[1]});
    if (setting.values[0] == "1") continue;
    CHECK(setting.estimates[0].difference->centre == Approx(setting.values[1] == "2" ? -6 : -30));
    // 3 pairs reach 0.25 at best; two tests: Holm doubles it.
    CHECK(setting.estimates[0].difference->p == 0.25);
    CHECK(setting.estimates[0].corrected_p == 0.5);
  }
  CHECK(found.notes.empty());

  request = {};
  request.against_trial = 3;  // beta 4, latent 2
  const auto against_trial = compare(*made, request);
  for (const auto& setting : against_trial.settings)
    CHECK(against_trial.settings[*setting.reference].values == Texts{"4", "2"});
  request = {};
  request.against_values = {{"loss.beta", "3"}};
  CHECK(contains(refusal(*made, request), "no setting has loss.beta=3. Known: 1, 4"));
  request.against_values = {{"loss.gamma", "3"}};
  CHECK(contains(refusal(*made, request), "settings are not told apart by this key"));
}

TEST_CASE("where no setting has a twin of the value to compare with, a note says so") {
  std::vector<MadeTrial> trials;
  for (const auto& [beta, latent] : {std::pair{1.0, 2.0}, {4.0, 10.0}})
    for (const std::int64_t seed : {0, 1, 2})
      trials.push_back(trial(beta, latent, seed, {{"test/elbo", -100 - double(seed)}}));
  ComparisonRequest request;
  request.against_values = {{"loss.beta", "1"}};
  const auto found = compare(*MadeResults(trials), request);
  REQUIRE(found.notes.size() == 1);
  CHECK(contains(found.notes[0], "no setting differs from one with loss.beta=1 in that alone"));
}

TEST_CASE("how small a corrected p can be follows from the pairs of all tests") {
  std::vector<MadeTrial> trials;
  for (std::int64_t seed = 0; seed < 8; ++seed) {
    const auto s = static_cast<double>(seed);
    trials.push_back(trial(1, 2, seed, {{"test/elbo", -100 - s}}));
    trials.push_back(trial(2, 2, seed, {{"test/elbo", -110 - 2 * s}}));
    if (seed < 4) trials.push_back(trial(4, 2, seed, {{"test/elbo", -130 - 3 * s}}));
  }
  const MadeResults made(trials);
  const auto found = compare(*made, {});
  REQUIRE(found.settings.size() == 3);
  const auto estimate_of = [&](std::size_t setting) -> const Estimate& {
    return found.settings[setting].estimates[0];
  };
  CHECK(std::isnan(estimate_of(0).smallest_corrected_p));
  CHECK(estimate_of(1).difference->pairs == 8);
  CHECK(estimate_of(2).difference->pairs == 4);
  // 2 * 2^-7 for the first of the two tests, and 1 * 2^-3 for the one that is left.
  CHECK(estimate_of(1).smallest_corrected_p == Approx(2.0 / 128));
  CHECK(estimate_of(2).smallest_corrected_p == Approx(1.0 / 8));
  // All differences have one sign: no p is smaller.
  for (const std::size_t setting : {1, 2})
    CHECK(estimate_of(setting).corrected_p == Approx(estimate_of(setting).smallest_corrected_p));
}

TEST_CASE("pooled keys are averaged after the seeds of each of their values") {
  std::vector<MadeTrial> trials;
  for (const double beta : {1.0, 4.0})
    for (const double latent : {2.0, 10.0})
      for (const std::int64_t seed : {0, 1})
        trials.push_back(
            trial(beta, latent, seed, {{"test/elbo", -90 - latent - beta * double(1 + seed)}}));
  const MadeResults made(trials);
  ComparisonRequest request;
  request.over = {"model.latent"};
  const auto found = compare(*made, request);
  REQUIRE(found.settings.size() == 2);
  const auto& estimate = found.settings[0].estimates[0];
  // Latent 2: -93 and -94; latent 10: -101 and -102.
  CHECK(estimate.summary.count == 2);
  CHECK(estimate.summary.centre == Approx(-97.5));
  // Student's interval of -93.5 and -101.5: t(1) = 12.7062, s / sqrt(2) = 4.
  CHECK(estimate.summary.interval.low == Approx(-97.5 - 4 * 12.7062).epsilon(1e-6));
  const auto& difference = found.settings[1].estimates[0].difference;
  REQUIRE(difference.has_value());
  CHECK(difference->pairs == 2);
  CHECK(difference->centre == Approx(-4.5));
}

TEST_CASE("the best value is chosen on the validation split and reported on the test split") {
  const std::vector<MadeTrial> trials = {
      trial(1, 2, 0, {{"test/elbo", -100}, {"validation/elbo", -90}}),
      trial(1, 10, 0, {{"test/elbo", -95}, {"validation/elbo", -91}}),
      trial(4, 2, 0, {{"test/elbo", -120}, {"validation/elbo", -99}}),
      trial(4, 10, 0, {{"test/elbo", -125}, {"validation/elbo", -98}})};
  const MadeResults made(trials);
  ComparisonRequest request;
  request.best = {"model.latent"};
  const auto found = compare(*made, request);
  REQUIRE(found.settings.size() == 2);
  CHECK(found.settings[0].chosen == Texts{"2"});
  CHECK(found.settings[0].estimates[0].summary.centre == -100);
  CHECK(found.settings[1].chosen == Texts{"10"});
  CHECK(found.settings[1].estimates[0].summary.centre == -125);

  // A trial that was not chosen stands for its setting.
  request.against_trial = 1;
  CHECK(compare(*made, request).settings[1].reference == std::size_t{0});

  const MadeResults without(
      {trial(1, 2, 0, {{"test/elbo", -100}}), trial(1, 10, 0, {{"test/elbo", -95}})});
  request.against_trial.reset();
  CHECK(contains(refusal(*without, request), "has no values of validation/elbo"));
}

TEST_CASE(
    "estimates and differences are of one kind, the mean unless all settings have ten values") {
  std::vector<MadeTrial> trials;
  for (int seed = 0; seed < 10; ++seed) {
    trials.push_back(trial(1, 2, seed, {{"test/elbo", -100.0 - seed}}));
    // One seed went wrong.
    trials.push_back(trial(4, 2, seed, {{"test/elbo", seed == 3 ? -9000.0 : -107.0 - 2 * seed}}));
  }
  const MadeResults ten(trials);
  const auto robust = compare(*ten, {});
  CHECK(robust.centre == statistics::Centre::interquartile_mean);
  trials.pop_back();
  const MadeResults fewer(trials);
  const auto plain = compare(*fewer, {});
  CHECK(plain.centre == statistics::Centre::mean);
  for (const auto* found : {&robust, &plain})
    for (const auto& setting : found->settings)
      CHECK(setting.estimates[0].summary.kind == found->centre);
  const auto& first = robust.settings[0].estimates[0];
  const auto& second = robust.settings[1].estimates[0];
  // Of -107, -109, ... in order without the two or three at each end.
  CHECK(first.summary.centre == Approx(-104.5));
  CHECK(second.summary.centre == Approx(-(111 + 115 + 117 + 119 + 121 + 123) / 6.0));
  REQUIRE(second.difference.has_value());
  CHECK(second.difference->centre == Approx(second.summary.centre - first.summary.centre));
}

TEST_CASE("two metrics give a Pareto front") {
  const MadeResults made({trial(1, 2, 0, {{"test/kl", 20}, {"test/reconstruction", 80}}),
                          trial(2, 2, 0, {{"test/kl", 10}, {"test/reconstruction", 100}}),
                          trial(4, 2, 0, {{"test/kl", 12}, {"test/reconstruction", 110}})});
  const auto found = compare(*made, request_of({"test/kl", "test/reconstruction"}));
  REQUIRE(found.settings.size() == 3);
  CHECK(found.settings[0].values == Texts{"2"});
  for (const auto& setting : found.settings)
    CHECK(setting.on_front == (setting.values != Texts{"4"}));
}

TEST_CASE("an order that is given replaces what the metric declares") {
  const MadeResults made({trial(1, 2, 0, {{"test/kl", 20}}), trial(4, 2, 0, {{"test/kl", 10}})});
  auto request = request_of({"test/kl"});
  CHECK(compare(*made, request).settings[0].values == Texts{"4"});
  request.orders = {Better::higher};
  CHECK(compare(*made, request).settings[0].values == Texts{"1"});
}
