#include "experiment/params/search_params.hpp"

#include "experiment/yaml/yaml_reader.hpp"
#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

namespace {

const std::string kPoints =
    "sweep: {loss.beta: [1, 4], random: {count: 12, optimizer.lr: {log_uniform: [1e-4, 1e-2]}}}\n";
const std::string kTpe = "search: {use: tpe, metric: validation/loss, startup: 3}\n";

Value point(const std::string& lr) { return read_yaml_text("optimizer.lr: " + lr, "p.yaml"); }

Plan plan_with(const std::string& text, const ProposedPoints& proposed) {
  const auto experiment = read_experiment_text(kBase + text, "e.yaml");
  return make_plan(
      experiment, fake_registry(), [](const Value&) { return "digest"; }, proposed);
}

std::string error(const std::string& text) {
  return message_of([&] { experiment_of(text); });
}

}  // namespace

TEST_CASE("a search is read with its defaults") {
  const auto search = load_search(
      read_yaml_text("search: {use: asha, metric: validation/elbo, factor: 4}", "e.yaml"));
  REQUIRE(search);
  CHECK(search->metric() == "validation/elbo");
  CHECK(search->better() == Better::neither);
  REQUIRE(search->asha() != nullptr);
  CHECK(search->asha()->min_epochs() == 1);
  CHECK(search->asha()->factor() == 4);
  CHECK(search->tpe() == nullptr);
  const auto other = load_search(read_yaml_text(
      "search: {use: tpe, metric: validation/elbo, order: lower, gamma: 0.25}", "e.yaml"));
  CHECK(other->better() == Better::lower);
  CHECK(other->tpe()->gamma() == 0.25);
  CHECK_FALSE(load_search(read_yaml_text("name: x", "e.yaml")));
}

TEST_CASE("a search that is wrong is refused with its place") {
  CHECK(error("search: asha").find("e.yaml:1:9: search: expected a map") == 0);
  CHECK(error("search: {metric: validation/loss}").find("no 'use'") != std::string::npos);
  CHECK(error("search: {use: asah, metric: validation/loss}") ==
        "e.yaml:1:15: search: 'asah' is not a search. Did you mean 'asha'? Known: asha, tpe.");
  CHECK(
      error("search: {use: asha, metric: test/loss}").find("e.yaml:1:29: search asha: metric: ") ==
      0);
  CHECK(error("search: {use: asha, metric: test/loss}").find("data.validation") !=
        std::string::npos);
  CHECK(error("search: {use: asha, metric: validation/}").find("expected validation/...") !=
        std::string::npos);
  CHECK(error("search: {use: asha}").find("validation/elbo") != std::string::npos);
  CHECK(error("search: {use: asha, metric: validation/loss, startup: 3}").find("'startup'") !=
        std::string::npos);
  CHECK(error("search: {use: tpe, metric: validation/loss, gamma: 1}").find("gamma") !=
        std::string::npos);
}

TEST_CASE("a search needs a validation split in every trial") {
  const std::string search = "search: {use: asha, metric: validation/loss}\n";
  CHECK(plan_with(search, {}).trials.size() == 1);
  CHECK(plan_error(kBase + search + "sweep: {data.validation: [0.1, 0]}").find("data.validation") !=
        std::string::npos);
  CHECK(plan_error(kBase + "search: {use: asha, metric: validation/nll, min_epochs: 2}\n"
                           "metrics: [{use: nll, every: 3}]\n")
            .find("metrics.nll is not measured at epoch 2") != std::string::npos);
}

TEST_CASE(
    "a trial that monitors a metric needs a validation split, and the metric before its end") {
  const auto error = [](const std::string& train, const std::string& more = "") {
    return plan_error("data: mnist\nmodel: mlp_vae\nloss: elbo\ntrain: {epochs: 9, " + train +
                      "}\n" + more);
  };
  const std::string stop = "stop: {metric: validation/nll}";
  CHECK(error(stop, "sweep: {data.validation: [0.1, 0]}\n")
            .find("train: stop: validation/nll needs a validation split to choose by; set "
                  "data.validation") != std::string::npos);
  CHECK(
      error("keep: best", "sweep: {data.validation: [0.1, 0]}\n")
          .find("train: keep: best needs a validation split to choose by; set data.validation, or "
                "keep: last") != std::string::npos);
  CHECK(error(stop, "metrics: [{use: nll, every: last}]\n")
            .find("train: stop: metrics.nll is measured after the last epoch alone") !=
        std::string::npos);
  CHECK(plan("data: {use: mnist, validation: 0.1}\nmodel: mlp_vae\nloss: elbo\n"
             "train: {epochs: 9, stop: {metric: validation/nll_sup}}\n"
             "metrics: [{use: nll, every: last}, {use: nll, as: nll_sup, every: 1}]\n")
            .trials.size() == 1);
  CHECK(error("stop: {metric: test/elbo}").find("expected validation/..., found 'test/elbo'") !=
        std::string::npos);
  CHECK(error("stop: {patience: 3}").find("'metric' is missing") != std::string::npos);
  CHECK(error("keep: bset").find("expected none, last, best, or a metric") != std::string::npos);
}

TEST_CASE("proposed points come after those of the start, as the slowest axis") {
  const auto plain = plan_with(kPoints, {});
  REQUIRE(plain.trials.size() == 24);
  const auto start = plan_with(kPoints + kTpe, {});
  REQUIRE(start.trials.size() == 6);
  const auto grown = plan_with(kPoints + kTpe, {point("0.002"), point("0.005")});
  REQUIRE(grown.trials.size() == 10);
  for (std::size_t i = 0; i < start.trials.size(); ++i)
    CHECK(grown.trials[i].id == start.trials[i].id);
  CHECK(grown.trials[6].optimizer->find("lr")->text() == "0.002");
  CHECK(grown.trials[6].loss->find("beta")->text() == "1");
  CHECK(grown.trials[7].loss->find("beta")->text() == "4");
  CHECK(grown.trials[8].optimizer->find("lr")->text() == "0.005");
  // The points of the start are the first of those without a search.
  CHECK(start.trials[0].id == plain.trials[0].id);
  CHECK(start.trials[2].id == plain.trials[1].id);
}

TEST_CASE("a proposed point is taken once, and never more than the count") {
  CHECK(plan_with(kPoints + kTpe, {point("0.002"), point("2e-3")}).trials.size() == 8);
  std::vector<Value> many;
  for (int i = 1; i <= 20; ++i) many.push_back(point("0.00" + std::to_string(100 + i)));
  CHECK(plan_with(kPoints + kTpe, many).trials.size() == 24);
}

TEST_CASE("TPE needs random points in the sweep itself") {
  CHECK(plan_error(kBase + kTpe).find("sweep.random") != std::string::npos);
  CHECK(plan_error(kBase + kTpe + "sweep: {loss.beta: [1, 2]}").find("sweep.random") !=
        std::string::npos);
  CHECK(
      plan_error(kBase + kTpe + "sweep: {random: {count: 100000, optimizer.lr: {uniform: [1, 2]}}}")
          .find("at most 10000 points of 1 keys") != std::string::npos);
}
