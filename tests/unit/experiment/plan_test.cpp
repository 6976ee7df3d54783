#include "experiment/plan.hpp"

#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

TEST_CASE("a trial holds every section resolved, use first") {
  const Trial trial = plan(kBase + "optimizer: {lr: 1e-2}").trials.at(0);
  CHECK(trial.data->entries()[0].key == "use");
  CHECK(trial.data->canonical() == R"({"batch": 128, "use": "mnist", "validation": 0.1})");
  CHECK(trial.model->canonical() ==
        R"({"hidden": [400], "latent": 20, "likelihood": {"use": "bernoulli"}, "use": "mlp_vae"})");
  CHECK(trial.loss->canonical() == R"({"beta": 1, "use": "elbo"})");
  CHECK(trial.optimizer->canonical() == R"({"lr": 0.01, "use": "adam"})");
  CHECK(trial.train->resolved().canonical() ==
        R"({"device": "auto", "epochs": 2, "keep": "last", "record_every": 0, "samples": 1, )"
        R"("threads": 1})");
  CHECK(trial.index == 0);
  CHECK(trial.replicate == 0);
  CHECK(trial.id.size() == 16);
  CHECK(trial.id.find_first_not_of("0123456789abcdef") == std::string::npos);
}

TEST_CASE(
    "entries of metrics and views have a name, a rhythm of their own or another, and parameters") {
  const Trial trial = plan(kBase +
                           "metrics: [active_units, {use: nll, as: nll_5, samples: 5, every: 3}, "
                           "nll]\n"
                           "views: [samples, {use: samples, as: more, rows: 2, every: 1}]\n")
                          .trials.at(0);
  REQUIRE(trial.metrics->size() == 3);
  const auto& metrics = *trial.metrics;
  CHECK(metrics[0].name == "active_units");
  CHECK(metrics[0].every == 1);
  CHECK(metrics[1].name == "nll_5");
  CHECK(metrics[1].use == "nll");
  CHECK(metrics[1].every == 3);
  CHECK(metrics[1].params.canonical() == R"({"samples": 5})");
  CHECK(metrics[2].every == ListEntry::kLast);
  CHECK(metrics[2].params.canonical() == R"({"samples": 100})");
  REQUIRE(trial.views->size() == 2);
  CHECK((*trial.views)[0].every == ListEntry::kLast);
  CHECK((*trial.views)[1].every == 1);
}

TEST_CASE("parameters are dotted keys with scalars, lists as one line of YAML") {
  const Trial trial =
      plan(kBase + "sweep: {loss.beta: [{use: linear, from: 0, to: 4, epochs: 10}]}").trials.at(0);
  std::vector<std::string> lines;
  for (const Setting& each : trial.parameters()) {
    const std::string key = each.key;
    lines.push_back(key + " = " + each.value.text());
  }
  CHECK(lines == std::vector<std::string>{"data.use = mnist",
                                          "data.batch = 128",
                                          "data.validation = 0.1",
                                          "model.use = mlp_vae",
                                          "model.hidden = [400]",
                                          "model.latent = 20",
                                          "model.likelihood.use = bernoulli",
                                          "loss.use = elbo",
                                          "loss.beta = {use: linear, from: 0, to: 4, epochs: 10}",
                                          "loss.beta.use = linear",
                                          "loss.beta.from = 0",
                                          "loss.beta.to = 4",
                                          "loss.beta.epochs = 10",
                                          "optimizer.use = adam",
                                          "optimizer.lr = 0.001",
                                          "train.epochs = 2",
                                          "train.samples = 1",
                                          "train.device = auto",
                                          "train.threads = 1",
                                          "train.record_every = 0",
                                          "train.keep = last"});
}

TEST_CASE("replicates are paired: replicate r has the same seed in every setting") {
  const Plan made = plan(kBase + "sweep: {loss.beta: [1, 2]}\nreplicates: 3\n");
  REQUIRE(made.trials.size() == 6);
  for (std::size_t r = 0; r < 3; ++r) {
    CHECK(made.trials[r].seed == made.trials[r + 3].seed);
    CHECK(made.trials[r].seed == replicate_seed(0, static_cast<std::int64_t>(r)));
    CHECK(made.trials[r].seed >= 0);
    CHECK(made.trials[r].replicate == static_cast<std::int64_t>(r));
    CHECK(made.trials[r + 3].index == static_cast<std::int64_t>(r) + 3);
  }
  CHECK(made.trials[0].seed != made.trials[1].seed);
  CHECK(replicate_seed(0, 1) != replicate_seed(1, 0));
}

TEST_CASE("the digest of the data is asked for once for each different data section") {
  std::vector<std::string> asked;
  make_plan(experiment_of(
                kBase + "sweep: {loss.beta: [1, 2], data.batch: [64, 128], model.latent: [2, 3]}"),
            fake_registry(), [&](const Value& data) {
              asked.push_back(data.canonical());
              return "digest";
            });
  CHECK(asked == std::vector<std::string>{R"({"batch": 64, "use": "mnist", "validation": 0.1})",
                                          R"({"batch": 128, "use": "mnist", "validation": 0.1})"});
}

TEST_CASE("the YAML of a trial reads back as that trial alone") {
  const Plan made =
      plan("name: all\nseed: 7\nplugins: [/there/p.so]\n" + kBase +
           "metrics: [active_units, {use: nll, as: n5, samples: 5, every: 2}]\nviews: [samples]\n"
           "sweep:\n"
           "  model.likelihood: [bernoulli, {use: gaussian, scale: 0.3}]\n"
           "  random: {count: 2, optimizer.lr: {log_uniform: [1e-4, 1e-2]}}\n"
           "  method:\n"
           "    annealed: {set: {loss: {beta: {use: linear, to: 4, fraction: 0.5}}}}\n"
           "    factor: {set: {loss: {use: factor}}}\n"
           "replicates: 2\n");
  REQUIRE(made.trials.size() == 16);
  for (const Trial& trial : made.trials) {
    const Plan again = plan(trial.yaml());
    REQUIRE(again.trials.size() == 1);
    CHECK(again.trials[0].id == trial.id);
    CHECK(again.trials[0].seed == trial.seed);
    CHECK(again.trials[0].yaml() == trial.yaml());
    CHECK(again.info->name == "all");
    CHECK(again.info->seed == 7);
    CHECK(again.info->plugins == std::vector<std::string>{"/there/p.so"});
  }
}

TEST_CASE("the YAML of a trial is what a person would write") {
  CHECK(plan(kBase + "name: one\nviews: [{use: samples, as: grid}]").trials.at(0).yaml() ==
        "name: one\n"
        "seed: 0\n"
        "trial_seed: " +
            std::to_string(replicate_seed(0, 0)) +
            "\n"
            "data:\n  use: mnist\n  batch: 128\n  validation: 0.1\n"
            "model:\n  use: mlp_vae\n  hidden: [400]\n  latent: 20\n  likelihood:\n    use: "
            "bernoulli\n"
            "loss:\n  use: elbo\n  beta: 1\n"
            "optimizer:\n  use: adam\n  lr: 0.001\n"
            "train:\n  epochs: 2\n  samples: 1\n  device: auto\n  threads: 1\n  record_every: 0\n"
            "  keep: last\n"
            "metrics: []\n"
            "views:\n  - use: samples\n    as: grid\n    every: last\n    rows: 8\n");
}
