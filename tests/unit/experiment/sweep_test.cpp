#include "experiment/axes/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "experiment/axes/random_axis.hpp"
#include "experiment/yaml/yaml_reader.hpp"
#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

namespace {

Value read(const std::string& text) { return read_yaml_text(text, "e.yaml"); }

/// The settings of a sweep on the base experiment, each as "key=value ..." of the given keys.
std::vector<std::string> settings(const std::string& sweep, const std::vector<std::string>& keys,
                                  const std::vector<std::string>& overrides = {}) {
  std::vector<std::string> all;
  for (const Trial& trial : plan(kBase + "sweep: " + sweep, overrides).trials) {
    std::string text;
    for (const std::string& key : keys) text += (text.empty() ? "" : " ") + setting(trial, key);
    all.push_back(text);
  }
  return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a grid has every combination, the last axis the fastest") {
  CHECK(settings("{model.latent: [2, 10], loss.beta: [1, 4, 8]}", {"model.latent", "loss.beta"}) ==
        Texts{"2 1", "2 4", "2 8", "10 1", "10 4", "10 8"});
}

TEST_CASE("the outer list is the axis") {
  CHECK(settings("{model.hidden: [[400], [400, 300]]}", {"model.hidden"}) ==
        Texts{"[400]", "[400, 300]"});
}

TEST_CASE("an axis may hold maps, which replace what stood there") {
  CHECK(settings("{model.likelihood: [bernoulli, {use: gaussian, scale: 2}]}",
                 {"model.likelihood.use", "model.likelihood.scale"}) ==
        Texts{"bernoulli ", "gaussian 2"});
}

TEST_CASE("data.fold: all is an axis of every fold") {
  const std::vector<std::string> folds{"data.folds=3"};
  CHECK(settings("{data.fold: all}", {"data.folds", "data.fold"}, folds) ==
        Texts{"3 0", "3 1", "3 2"});
  CHECK(settings("{loss.beta: [1, 2], data.fold: all}", {"loss.beta", "data.fold"}, folds) ==
        Texts{"1 0", "1 1", "1 2", "2 0", "2 1", "2 2"});
  CHECK(settings("{data.fold: all}", {"data.fold"}, {"data.folds=3", "data.fold=1"}) == Texts{"1"});
  CHECK(plan(kBase + "sweep: {data.fold: all}", folds).info->swept == Texts{"data.fold"});
}

TEST_CASE("keys of a zip group go together, groups cross") {
  CHECK(settings("{zip: [{loss.gamma: [1, 10], loss.capacity: [5, 25]}, {model.latent: [2, 3]}]}",
                 {"loss.gamma", "loss.capacity", "model.latent"}) ==
        Texts{"1 5 2", "1 5 3", "10 25 2", "10 25 3"});
}

TEST_CASE("variants have keys and axes of their own") {
  const std::string sweep =
      "{method: {plain:, beta: {sweep: {loss.beta: [2, 4]}},"
      " factor: {set: {loss: {use: factor, gamma: 3}, train: {samples: 2}}}}, model.latent: [2]}";
  const Texts expected{"plain elbo 1  1 2", "beta elbo 2  1 2", "beta elbo 4  1 2",
                       "factor factor  3 2 2"};
  CHECK(settings(sweep, {"method", "loss.use", "loss.beta", "loss.gamma", "train.samples",
                         "model.latent"}) == expected);
}

TEST_CASE("variants may be nested") {
  CHECK(settings(
            "{a: {x: {sweep: {b: {p: {set: {loss: {beta: 2}}}, q:}}}, y: {set: {loss: factor}}}}",
            {"a", "b", "loss.use"}) == Texts{"x p elbo", "x q elbo", "y  factor"});
}

TEST_CASE("the keys of the sweep are marked as swept") {
  const Plan made = plan(kBase +
                         "sweep: {method: {a: {set: {loss: {gamma: 3}}, sweep: {loss.beta: [1]}}}, "
                         "model.likelihood: [{use: gaussian, scale: 2}], random: {count: 1, "
                         "optimizer.lr: {uniform: [0, 1]}}, zip: [{data.batch: [1]}]}");
  CHECK(made.info->swept ==
        Texts{"method", "loss.beta", "model.likelihood", "optimizer.lr", "data.batch"});
  Texts marked;
  for (const Setting& each : made.trials.at(0).parameters())
    if (each.swept) marked.push_back(each.key);
  CHECK(marked == Texts{"data.batch", "model.likelihood", "model.likelihood.use",
                        "model.likelihood.scale", "loss.beta", "optimizer.lr", "method"});
}

TEST_CASE("an override holds in every trial, whatever the sweep sets") {
  CHECK(settings("{method: {a: {set: {loss: {beta: 2}}}, b: {set: {model: {latent: 3}}}}}",
                 {"method", "loss.beta"}, {"loss.beta=7"}) == Texts{"a 7", "b 7"});
  CHECK(settings("{model.likelihood: [{use: gaussian, scale: 2}]}", {"model.likelihood.scale"},
                 {"model.likelihood.scale=7"}) == Texts{"7"});
  CHECK(settings("{method: {a: {set: {loss: {use: factor}}}}}", {"loss.use"},
                 {"loss={use: elbo}"}) == Texts{"elbo"});
}

TEST_CASE("after an override the tree alone says what is trained, whatever variants set") {
  const auto planned = [](const Experiment& experiment) {
    return make_plan(experiment, fake_registry(), [](const Value&) { return "digest"; });
  };
  const auto whole = experiment_of(kBase +
                                       "sweep: {kind: {a: {set: {loss.beta: 1}}, "
                                       "b: {set: {loss: {beta: 4}, model.latent: 2}}}}\n",
                                   {"loss.beta=2"});
  auto alone = whole;
  alone.overrides.clear();
  const Plan made = planned(alone);
  REQUIRE(made.trials.size() == 2);
  CHECK(ids(made) == ids(planned(whole)));
  for (const Trial& trial : made.trials) CHECK(setting(trial, "loss.beta") == "2");
  CHECK(setting(made.trials[0], "model.latent") == "20");
  CHECK(setting(made.trials[1], "model.latent") == "2");
}

TEST_CASE("random points are drawn jointly and cross the other axes") {
  const auto made = settings(
      "{loss.beta: [1, 2], random: {count: 8, optimizer.lr: {log_uniform: [1e-4, 1e-2]}, "
      "model.latent: {int_uniform: [2, 100]}}}",
      {"optimizer.lr", "model.latent"});
  REQUIRE(made.size() == 16);
  CHECK(std::set<std::string>(made.begin(), made.end()).size() == 8);
  CHECK(Texts(made.begin(), made.begin() + 8) == Texts(made.begin() + 8, made.end()));
}

TEST_CASE("each distribution keeps to its range and fills it evenly") {
  const auto points = draw_random_points(
      read("{count: 64, a.log: {log_uniform: [1e-4, 1e4]}, a.uni: {uniform: [-1, 3]}, "
           "a.int: {int_uniform: [3, 6]}, a.pick: {choice: [x, {use: y}]}}"),
      5);
  REQUIRE(points.size() == 64);
  int below_one = 0;
  double sum = 0;
  std::map<std::int64_t, int> integers;
  int picked_x = 0;
  for (const auto& point : points) {
    // In alphabetical order.
    const auto integer = point[0].value.as_integer();
    const auto log = point[1].value.as_real();
    const auto uniform = point[3].value.as_real();
    CHECK((*log >= 1e-4 && *log <= 1e4));
    CHECK((*uniform >= -1 && *uniform <= 3));
    below_one += *log < 1 ? 1 : 0;
    sum += *uniform;
    ++integers[*integer];
    picked_x += point[2].value.text() == "x" ? 1 : 0;
  }
  CHECK(below_one == 32);
  CHECK(std::abs(sum / 64 - 1) < 4.0 / 64);
  CHECK(integers == std::map<std::int64_t, int>{{3, 16}, {4, 16}, {5, 16}, {6, 16}});
  CHECK(picked_x == 32);
}

TEST_CASE("random reals are short: six significant digits") {
  for (const auto& point : draw_random_points(read("{count: 50, a.x: {uniform: [0, 1]}}"), 1))
    CHECK(point[0].value.text().size() <= 12);
}

TEST_CASE("a random point that was drawn before is replaced by the next") {
  const auto points =
      draw_random_points(read("{count: 6, a.x: {choice: [1, 2, 3]}, a.y: {choice: [1, 2]}}"), 0);
  std::set<std::string> different;
  for (const auto& point : points)
    different.insert(point[0].value.text() + " " + point[1].value.text());
  CHECK(different.size() == 6);
}
