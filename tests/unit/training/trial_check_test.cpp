#include <stdexcept>

#include "support.hpp"
#include "support/catch.hpp"
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

bool contains(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
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
                   "the train images have values from 255 to 255, and the likelihood " +
                       std::string(likelihood) + " is one of values from 0 to 1"));
  CHECK(refusal("data: {use: bright}\nmodel: {use: mlp_vae, likelihood: gaussian}\n").empty());
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
