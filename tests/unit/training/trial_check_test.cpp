#include <stdexcept>

#include "support.hpp"
#include "support/catch.hpp"
#include "support/contains.hpp"
#include "training/run_trial.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::test;
using namespace varia::training;

namespace {

/// 61 training images in batches of 20: the last batch has one.
std::string with_loss(const std::string& loss, const std::string& more = "") {
  return "data: {use: synthetic, count: 61, batch: 20}\nmodel: {use: mlp_vae, hidden: "
         "[12]}\nloss: " +
         loss + "\noptimizer: {use: adam}\ntrain: {epochs: 1}\n" + more;
}

/// What a try says of a trial; empty if it can be run.
std::string refusal(const std::string& text, std::set<std::string>& measured) {
  DataCache data(registry());
  try {
    try_trial(make_trial(text), registry(), data, measured);
    return "";
  } catch (const ConfigError& error) {
    return error.what();
  }
}

std::string refusal(const std::string& text) {
  std::set<std::string> measured;
  return refusal(text, measured);
}

}  // namespace

TEST_CASE("a trial that fails at the last, smaller batch of an epoch is refused") {
  CHECK(refusal(with_loss("{use: fussy, images: 1}")).ends_with("too few images"));
  CHECK(refusal(with_loss("{use: fussy, images: 3}")).empty());
}

TEST_CASE("a loss without a phase to train is refused") {
  CHECK(contains(refusal(with_loss("{use: phaseless}")),
                 "loss phaseless: its phases() returned no phase"));
}

TEST_CASE("a view whose name the results have no place for is refused with its place") {
  const auto view = refusal(with_loss("{use: elbo}", "views: [{use: samples, as: v_height}]\n"));
  CHECK(contains(view, ":6:9: view 'v_height' cannot be stored"));
}

TEST_CASE("a trial that fails when it is evaluated is refused") {
  CHECK(refusal(with_loss("{use: fussy, evaluation: false}")).ends_with("not evaluated"));
}

TEST_CASE("data outside of what its likelihood is over is refused, whoever made it") {
  for (const auto* likelihood : {"bernoulli", "continuous_bernoulli", "beta"})
    CHECK(contains(refusal("data: {use: bright}\nmodel: {use: mlp_vae, likelihood: " +
                           std::string(likelihood) + "}\n"),
                   "the train samples have values from 255 to 255, and the likelihood " +
                       std::string(likelihood) + " is one of values from 0 to 1"));
  // A Gaussian is one of all numbers, whatever these do to the loss.
  CHECK_FALSE(
      contains(refusal("data: {use: bright}\nmodel: {use: mlp_vae, likelihood: gaussian}\n"),
               "is one of values"));
}

TEST_CASE("metrics are tried once for each data set and kind of model") {
  int batches = 0;
  on_probe() = [&] { ++batches; };
  std::set<std::string> measured;
  const auto text = with_loss("{use: elbo}", "metrics: [probe]\n");
  CHECK(refusal(text, measured).empty());
  CHECK(batches == 1);
  CHECK(refusal(text, measured).empty());
  CHECK(batches == 1);
  CHECK(refusal(with_loss("{use: fussy}", "metrics: [probe]\n"), measured).empty());
  CHECK(batches == 2);
  on_probe() = [] { throw std::runtime_error("the probe broke"); };
  CHECK(refusal(text).ends_with("the probe broke"));
  on_probe() = {};
}

TEST_CASE("a metric or a view that needs more images than the try has is tried with all of them") {
  int calls = 0;
  on_probe() = [&] {
    if (++calls == 1) throw std::runtime_error("too few images");
  };
  CHECK(refusal(with_loss("{use: elbo}", "metrics: [probe]\n")).empty());
  CHECK(calls == 2);
  on_probe() = {};
}

TEST_CASE("every metric and view that does not suit the model is told with its own place") {
  const auto error =
      refusal(with_loss("{use: elbo}", "metrics: [nll, accuracy]\nviews: [class_grid]\n"));
  CHECK(contains(error, ":6:16: metric accuracy: "));
  CHECK(contains(error, ":7:9: view class_grid needs a model with a categorical latent variable"));
}

TEST_CASE("a metric or a view that fails in the try is told with its own place") {
  on_probe() = [] { throw std::runtime_error("the probe broke"); };
  CHECK(contains(refusal(with_loss("{use: elbo}", "metrics: [nll, probe]\n")),
                 ":6:16: metric probe: the probe broke"));
  on_probe() = {};
  CHECK(contains(refusal(with_loss("{use: elbo}", "views: [{use: traversal, image: 100000}]\n")),
                 ":6:9: view traversal: image: "));
}

TEST_CASE("a name that the results have already is told at its metric, and tried once") {
  int batches = 0;
  on_probe() = [&] { ++batches; };
  CHECK(contains(refusal(with_loss("{use: elbo}", "metrics: [probe, {use: nll, as: loss}]\n")),
                 ":6:18: metric nll: a value named 'loss' is recorded already"));
  CHECK(batches == 1);
  on_probe() = {};
}

TEST_CASE("a loss that is not finite before the training is refused, with what to look at") {
  for (const auto* broken : {"first", "second", "term"})
    CHECK(contains(refusal("data: {use: synthetic, batch: 16}\nmodel: {use: autoencoder}\n"
                           "loss: {use: adversarial, broken: " +
                           std::string(broken) + "}\noptimizer: {use: adam}\ntrain: {epochs: 1}\n"),
                   "which is not finite; nothing has been learnt yet: bring the data to a scale"));
}

TEST_CASE("a loss without a gradient is refused") {
  CHECK(refusal(with_loss("{use: wrong, detached: true}"))
            .ends_with("cannot process a batch: the objective has no gradient: was it detached?"));
  CHECK(refusal(with_loss("{use: wrong}")).empty());
}

TEST_CASE("a loss without a gradient is taken if there is nothing to train") {
  const auto untrained =
      "data: {use: synthetic, batch: 20}\nmodel: {use: linear_gaussian}\nloss: {use: elbo}\n"
      "optimizer: {use: adam}\ntrain: {epochs: 1}\n";
  CHECK(refusal(untrained).empty());
}

TEST_CASE("a term with the name of what every trial records is refused") {
  for (const std::string name :
       {"loss", "reconstruction", "kl", "elbo", "kl_z", "kl_per_dim_z", "active_units_z"})
    CHECK(contains(refusal(with_loss("{use: wrong, term: " + name + "}")),
                   "the loss records a term '" + name + "', which is the name of a value that"));
  // There is no latent variable of these names.
  for (const std::string name : {"kl_total", "kl_zz", "active_units", "kl_per_dim"})
    CHECK(refusal(with_loss("{use: wrong, term: " + name + "}")).empty());
}

TEST_CASE("a term whose name cannot be stored is refused") {
  for (const std::string name :
       {"'a/b'", "''", "'\u00fcn\u00ef c'", "\"a\\nb\"", "'.'", "record", "a_step", "seed"}) {
    const auto error = refusal(with_loss("{use: wrong, term: " + name + "}"));
    CHECK(contains(error, "the loss records a term that has no place in the results: "));
    CHECK(error.find('\n') == std::string::npos);
  }
  CHECK(contains(refusal(with_loss("{use: wrong, term: a/b}")),
                 "metric 'a/b' cannot be stored: a name has 1 to 100 letters"));
}

TEST_CASE("two terms of one name are refused") {
  CHECK(contains(refusal(with_loss("{use: wrong, times: 2}")),
                 "the loss records two terms that are called 'fine'"));
}

TEST_CASE("a term that is recorded in evaluation alone is looked at, too") {
  CHECK(contains(refusal(with_loss("{use: wrong, term: kl_per_dim_z, evaluation: true}")),
                 "the loss records a term 'kl_per_dim_z', which is the name of a value that"));
}

TEST_CASE("a value of a metric whose name cannot be stored is refused with the metric's place") {
  CHECK(contains(refusal(with_loss("{use: elbo}", "metrics: [probe, nameless]\n")),
                 ":6:18: metric nameless: a value has no place in the results: metric "
                 "'nameless_a/b' cannot be stored"));
}

TEST_CASE("what is thrown in the try and is no exception refuses the trial, with its place") {
  CHECK(refusal(with_loss("{use: wrong, throws: true}"))
            .ends_with("model mlp_vae with loss wrong cannot process a batch: it threw something "
                       "that is not a std::exception"));
  on_probe() = [] { throw 42; };
  CHECK(contains(refusal(with_loss("{use: elbo}", "metrics: [nll, probe]\n")),
                 ":6:16: metric probe: it threw something that is not a std::exception"));
  on_probe() = {};
}

TEST_CASE("a model of which all stays as it is is refused, with the place of freeze") {
  const auto with = [](const std::string& parts) {
    return refusal("data: {use: synthetic}\nmodel: {use: mlp_vae, hidden: [12], freeze: " + parts +
                   "}\nloss: {use: elbo}\noptimizer: {use: adam}\ntrain: {epochs: 1}\n");
  };
  CHECK(contains(with("[encoder, decoder]"),
                 ":2:45: model: freeze: all that the model has stays as it is"));
  CHECK(with("[encoder]").empty());
}

TEST_CASE("an image that cannot be read is found before the training, wherever it is") {
  DataCache data(registry());
  const auto trial = make_trial("data: {use: late_pixel}\nmodel: {use: mlp_vae}\n");
  try {
    data.check(*trial.data);
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(contains(error.what(), "has a pixel of "));
  }
}
