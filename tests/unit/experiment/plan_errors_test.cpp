#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

/// All but the data.
const std::string kRest = "model: mlp_vae\nloss: elbo\ntrain: {epochs: 1}\n";

TEST_CASE("all that is wrong is told at once, in the order of the file") {
  CHECK(
      plan_error("model: {use: mlp_vae, latent: 0, likelihood: {use: gaussian, scale: -1}}\n"
                 "loss: {use: elbow}\n"
                 "train: {epochs: 0, device: gpu}\n"
                 "metrics: [nl, {use: nll, samples: 0}, nll]\n"
                 "sweep: {optimizer.lr: [1e-3, -1], loss.bta: 3, loss.beta: []}\n") ==
      "e.yaml:1:1: 'data' is missing; add 'data: {use: NAME}' with the name of a dataset\n"
      "e.yaml:1:31: model mlp_vae: latent: expected a whole number in [1, 10000], found 0\n"
      "e.yaml:1:69: model mlp_vae: likelihood gaussian: scale: expected a real number in "
      "[1e-06, 1000000], found -1\n"
      "e.yaml:2:13: loss: 'elbow' is not a known loss. Did you mean 'elbo'? Known: elbo, factor.\n"
      "e.yaml:3:17: train: epochs: expected a whole number in [1, 1000000], found 0\n"
      "e.yaml:3:28: train: device: expected auto, cpu, cuda, xpu or privateuseone, found 'gpu'. "
      "Did you mean 'cpu'?\n"
      "e.yaml:4:11: metrics: 'nl' is not a known metric. Did you mean 'nll'? Known: active_units, "
      "nll.\n"
      "e.yaml:4:35: metric nll: samples: expected a whole number in [1, 100000], found 0\n"
      "e.yaml:4:39: metrics: two entries are named 'nll', here and at e.yaml:4:15; give one of "
      "them another name with 'as'\n"
      "e.yaml:5:30: optimizer adam: lr: expected a real number in [0, 10], found -1\n"
      "e.yaml:5:45: sweep: loss.bta: expected a list of values, found 3\n"
      "e.yaml:5:59: sweep: loss.beta: expected a list of values, found an empty list");
}

TEST_CASE("a section that is missing says what to add") {
  CHECK(plan_error("model: mlp_vae\nloss: elbo\ntrain: {epochs: 1}") ==
        "e.yaml:1:1: 'data' is missing; add 'data: {use: NAME}' with the name of a dataset");
  CHECK(plan_error("data: mnist\nloss: elbo\ntrain: {epochs: 1}") ==
        "e.yaml:1:1: 'model' is missing; add 'model: {use: NAME}' with the name of a model");
  CHECK(plan_error("data: mnist\nmodel: mlp_vae\nloss:\ntrain: {epochs: 1}\n") ==
        "e.yaml:3:1: 'loss' is missing; add 'loss: {use: NAME}' with the name of a loss");
  CHECK(plan_error("data: mnist\nmodel: {latent: 2}\nloss: elbo\ntrain: {epochs: 1}\n") ==
        "e.yaml:2:8: model: 'use' is missing; add 'use: NAME' with the name of a model");
  CHECK(plan_error("data: [1]\n" + kRest) ==
        "e.yaml:1:7: data: expected the name of a dataset or a map with 'use', found a list of 1");
  CHECK(plan_error("data: {use: [1]}\n" + kRest) ==
        "e.yaml:1:13: data: use: expected the name of a dataset, found a list of 1");
}

TEST_CASE("an unknown component names the nearest") {
  CHECK(plan_error("data: {use: minst}\n" + kRest) ==
        "e.yaml:1:13: data: 'minst' is not a known dataset. Did you mean 'mnist'? Known: mnist.");
  CHECK(plan_error(kBase + "metrics: [nll, nl]") ==
        "e.yaml:5:16: metrics: 'nl' is not a known metric. Did you mean 'nll'? Known: "
        "active_units, nll.");
}

TEST_CASE("an unknown parameter names its place, its component and the nearest") {
  CHECK(
      plan_error("data: mnist\nmodel: mlp_vae\nloss: {use: elbo, bta: 3}\ntrain: {epochs: 1}\n") ==
      "e.yaml:3:19: loss elbo: 'bta' is not a parameter. Did you mean 'beta'? Known: beta, "
      "capacity, gamma.");
  CHECK(plan_error(kBase, {"loss.bta=3"}) ==
        "loss.bta=3 on the command line: loss elbo: 'bta' is not a parameter. Did you mean 'beta'? "
        "Known: beta, capacity, gamma.");
  CHECK(plan_error(kBase + "metrics: [{use: nll, evry: 2}]") ==
        "e.yaml:5:22: metric nll: 'evry' is not a parameter. Did you mean 'every'? Known: as, "
        "every, samples, use.");
}

TEST_CASE("the length of the training is epochs or steps") {
  const std::string text = "data: mnist\nmodel: mlp_vae\nloss: elbo\n";
  CHECK(plan_error(text) ==
        "e.yaml:1:1: train: epochs: is missing; say how long to train by 'epochs', or by 'steps' "
        "and 'evaluate_every'");
  CHECK(plan_error(text + "train: {epochs: 1, steps: 2}") ==
        "e.yaml:4:27: train: steps: 'epochs' is given as well; keep one of the two");
  CHECK(plan_error(text + "train: {steps: 2}") ==
        "e.yaml:4:16: train: steps: 'evaluate_every' is missing; it says after how many steps to "
        "evaluate");
  CHECK(plan_error(text + "train: {epochs: 1, evaluate_every: 2}") ==
        "e.yaml:4:36: train: evaluate_every: goes with 'steps' only; entries of metrics and views "
        "have 'every'");
  CHECK(plan_error(text + "train: {epochs: 0}") ==
        "e.yaml:4:17: train: epochs: expected a whole number in [1, 1000000], found 0");
  CHECK(plan_error(text + "train: {epochs: 1, devic: cpu}")
            .find("e.yaml:4:20: train: 'devic' is not a parameter. Did you mean 'device'?") == 0);
}

TEST_CASE("entries of metrics and views are checked") {
  CHECK(plan_error(kBase + "metrics: nll") == "e.yaml:5:10: metrics: expected a list, found 'nll'");
  CHECK(
      plan_error(kBase + "metrics: [[1]]") ==
      "e.yaml:5:11: metrics: expected the name of a metric or a map with 'use', found a list of 1");
  CHECK(
      plan_error(kBase + "views: [{rows: 3}]") ==
      "e.yaml:5:9: views: expected the name of a view or a map with 'use', found a map without it");
  CHECK(plan_error(kBase + "metrics: [{use: nll, every: 0}]") ==
        "e.yaml:5:29: metric nll: every: expected a whole number of epochs, 1 or more, or 'last'; "
        "found 0");
  CHECK(plan_error(kBase + "metrics: [{use: nll, as: a.b}]") ==
        "e.yaml:5:26: metric nll: as: expected 1 to 100 letters, digits, '_' and '-', beginning "
        "with none of '.' and '-'; found 'a.b'");
  CHECK(plan_error(kBase +
                   "views:\n  - samples\n  - reconstructions\n  - {use: samples, rows: 3}\n") ==
        "e.yaml:8:5: views: two entries are named 'samples', here and at e.yaml:6:5; give one of "
        "them another name with 'as'");
}

TEST_CASE("what the digest of the data throws comes through") {
  CHECK_THROWS_AS(make_plan(experiment_of(kBase), fake_registry(),
                            [](const Value&) -> std::string {
                              throw DataError("images.idx", "cannot be read");
                            }),
                  DataError);
}
