#include <cmath>
#include <map>
#include <numbers>

#include "support/catch.hpp"
#include "support/contains.hpp"
#include "unit/training/support.hpp"
#include "varia/error.hpp"
#include "varia/schedule.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

/// A run of 8 epochs of 5 steps.
constexpr Horizon kHorizon{5, 40};

struct Made {
  explicit Made(const std::string& text)
      : config(training::configure(registry(), "schedule", yaml(text))),
        schedule(std::static_pointer_cast<Schedule>(config.info->make_plain(*config.params))) {}
  double at(std::int64_t step) const {
    return schedule->value({step, static_cast<double>(step) / 5}, kHorizon);
  }
  training::ConfiguredComponent config;
  std::shared_ptr<Schedule> schedule;
};

std::string refusal(const std::string& text) {
  try {
    Made made(text);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a ramp follows its formula from the first value to the last, and stays there") {
  const auto check = [](const std::string& use, const auto& formula) {
    const Made ramp("{use: " + use + ", from: 2, to: 8, steps: 20}");
    for (const std::int64_t step : {0, 1, 10, 19})
      CHECK(ramp.at(step) == Approx(formula(static_cast<double>(step) / 20)));
    CHECK(ramp.at(0) == 2);
    for (const std::int64_t step : {20, 21, 1000}) CHECK(ramp.at(step) == 8);
    CHECK_FALSE(ramp.schedule->depends_on_run_length());
  };
  check("linear", [](double t) { return 2 + 6 * t; });
  check("cosine", [](double t) { return 2 + 6 * (1 - std::cos(std::numbers::pi * t)) / 2; });
  check("exponential", [](double t) { return 2 * std::pow(4.0, t); });
}

TEST_CASE("a length can be given in epochs, in steps, or as a part of the run") {
  for (const auto* use : {"linear", "cosine", "exponential", "cyclic", "staircase"}) {
    const std::string start = "{use: " + std::string(use) + ", from: 1, to: 3, ";
    const Made epochs(start + "epochs: 4}");
    const Made steps(start + "steps: 20}");
    const Made fraction(start + "fraction: 0.5}");
    CHECK(fraction.schedule->depends_on_run_length());
    CHECK_FALSE(epochs.schedule->depends_on_run_length());
    for (std::int64_t step = 0; step < 60; ++step) {
      CHECK(epochs.at(step) == Approx(steps.at(step)));
      CHECK(fraction.at(step) == Approx(steps.at(step)));
    }
    CHECK(fraction.schedule->value({10, 2}, {5, 400}) ==
          Approx(Made(start + "steps: 200}").at(10)));
  }
}

TEST_CASE("a staircase is constant within an epoch and stands at e/n in epoch e") {
  const Made stairs("{use: staircase, from: 0, to: 10, epochs: 4}");
  for (std::int64_t step = 0; step < 40; ++step)
    CHECK(stairs.at(step) == Approx(10 * std::min(1.0, static_cast<double>(step / 5 + 1) / 4)));
}

TEST_CASE("a cyclic schedule rises and holds, again and again") {
  const Made cycle("{use: cyclic, from: 1, to: 5, steps: 10, ramp: 0.4}");
  for (std::int64_t step = 0; step < 100; ++step) {
    const double place = static_cast<double>(step % 10) / 10;
    CHECK(cycle.at(step) == Approx(place < 0.4 ? 1 + 4 * place / 0.4 : 5));
  }
}

TEST_CASE("a piecewise schedule goes through its points, the ends reaching on") {
  const std::string points =
      "points: [{epoch: 1, value: 2}, {epoch: 3, value: 6}, {epoch: 4, value: -1}]";
  const Made lines("{use: piecewise, " + points + "}");
  const Made steps("{use: piecewise, between: constant, " + points + "}");
  const std::pair<std::int64_t, std::pair<double, double>> truth[] = {
      {0, {2, 2}},  {4, {2, 2}},    {5, {2, 2}},    {10, {4, 2}},  {14, {5.6, 2}},
      {15, {6, 6}}, {17, {3.2, 6}}, {20, {-1, -1}}, {99, {-1, -1}}};
  for (const auto& [step, values] : truth) {
    CHECK(lines.at(step) == Approx(values.first));
    CHECK(steps.at(step) == Approx(values.second));
  }
  const Made in_steps("{use: piecewise, points: [{step: 3, value: 0}, {step: 7, value: 1}]}");
  CHECK(in_steps.at(5) == Approx(0.5));
}

TEST_CASE("a constant is one value") {
  const Made one("{use: constant, value: 0.1}");
  CHECK(one.at(0) == 0.1);
  CHECK(one.at(1000) == 0.1);
}

TEST_CASE("no schedule ever leaves its bounds, not by rounding either") {
  for (const auto* text :
       {"{use: linear, from: 0.1, to: 0.1, steps: 37}",
        "{use: cosine, from: 0.3, to: 0.7, steps: 37}",
        "{use: cosine, from: 0.7, to: 0.1, steps: 37}",
        "{use: linear, from: 0.7, to: 0.1, steps: 37}",
        "{use: exponential, from: 0.1, to: 0.1, steps: 37}",
        "{use: exponential, from: 0.3, to: 0.0007, steps: 37}",
        "{use: exponential, from: -0.3, to: -0.7, steps: 37}",
        "{use: staircase, from: 0.1, to: 0.7, steps: 37}",
        "{use: cyclic, from: 0.7, to: 0.1, steps: 7}", "{use: constant, value: 0.1}",
        "{use: piecewise, points: [{step: 0, value: 0.1}, {step: 9, value: 0.1}, {step: 30, value: "
        "0.7}]}"}) {
    const Made made(text);
    const auto bounds = made.schedule->bounds();
    for (std::int64_t step = 0; step < 50; ++step) {
      CHECK(made.at(step) >= bounds.min);
      CHECK(made.at(step) <= bounds.max);
    }
  }
}

TEST_CASE("a schedule refuses parameters that make no sense, and says why") {
  for (const auto* use : {"linear", "cosine", "staircase", "cyclic", "exponential"}) {
    const std::string start = "{use: " + std::string(use) + ", from: 1, to: 2";
    CHECK(contains(refusal(start + "}"), "exactly one of epochs, steps and fraction"));
    CHECK(contains(refusal(start + ", steps: 3, epochs: 2}"), "exactly one of epochs"));
    CHECK(contains(refusal(start + ", steps: 0}"), "steps"));
    CHECK(contains(refusal(start + ", fraction: 1.5}"), "fraction"));
    CHECK(contains(refusal(start + ", epochs: -1}"), "epochs"));
    CHECK(contains(refusal(start + ", epochs: 1, form: 2}"), "Did you mean 'from'"));
  }
  CHECK(contains(refusal("{use: exponential, from: -1, to: 1, steps: 2}"), "one sign"));
  CHECK(contains(refusal("{use: exponential, to: 1, steps: 2}"), "one sign"));
  CHECK(contains(refusal("{use: cyclic, steps: 5, ramp: 0}"), "ramp"));
  CHECK(contains(refusal("{use: piecewise}"), "at least one point"));
  CHECK(contains(refusal("{use: piecewise, points: []}"), "at least one point"));
  CHECK(
      contains(refusal("{use: piecewise, points: [{value: 1}]}"), "exactly one of epoch and step"));
  CHECK(
      contains(refusal("{use: piecewise, points: [{step: 1, epoch: 1}]}"), "exactly one of epoch"));
  CHECK(contains(refusal("{use: piecewise, points: [{step: 1}, {epoch: 2}]}"), "all in steps"));
  CHECK(contains(refusal("{use: piecewise, points: [{step: 4}, {step: 4}]}"), "rising order"));
}

TEST_CASE("a plateau falls by its factor after so many evaluations without a better value") {
  const std::string start = "{use: plateau, metric: validation/elbo, from: 1, factor: 0.5, ";
  // Better is higher. By hand: evaluations after epochs 1, 2, ...; * is a better one.
  std::map<std::string, Measured> measured{
      {"validation/elbo",
       {Better::higher,
        {{5, -10}, {10, -9}, {15, -9.5}, {20, -9}, {25, -8}, {30, -8.1}, {35, NAN}, {40, -8.2}}}}};
  //      *         *                               *
  const auto at = [&](const std::string& more, std::int64_t step) {
    const Made made(start + more);
    return made.schedule->value({step, static_cast<double>(step) / 5, &measured}, kHorizon);
  };
  const std::string two = "patience: 2}";
  CHECK(at(two, 0) == 1);
  CHECK(at(two, 19) == 1);
  // Two in a row were not better by step 20; it is in force for the step that follows them.
  CHECK(at(two, 20) == 0.5);
  CHECK(at(two, 34) == 0.5);
  CHECK(at(two, 35) == 0.25);
  CHECK(at(two, 40) == 0.25);
  CHECK(at("patience: 3}", 34) == 1);
  CHECK(at("patience: 3}", 40) == 0.5);
  CHECK(at("patience: 2, least: 0.4}", 40) == 0.4);
  // No value up to step 20 is better than -10 by more than 1.5; -8 is.
  CHECK(at("patience: 3, min_delta: 1.5}", 19) == 1);
  CHECK(at("patience: 3, min_delta: 1.5}", 20) == 0.5);
  CHECK(at("patience: 3, min_delta: 1.5}", 39) == 0.5);
  CHECK(at("patience: 3, min_delta: 1.5}", 40) == 0.25);
  measured.at("validation/elbo").order = Better::lower;
  CHECK(at(two, 15) == 0.5);
  CHECK(Made(start + two).schedule->value({100, 20}, kHorizon) == 1);
  CHECK(Made(start + two).schedule->follows() == "validation/elbo");
  CHECK(contains(refusal("{use: plateau}"), "metric: say which one it follows"));
  CHECK(contains(refusal("{use: plateau, metric: validation/elbo, from: 1, least: 2}"),
                 "from: is below 'least'"));
}
