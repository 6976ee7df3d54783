#include "training/plan_notes.hpp"

#include "support.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;
using namespace varia::training;

namespace {

/// What is said of a schedule of beta; an epoch has four steps.
std::vector<std::string> notes_on(const std::string& schedule, const std::string& train) {
  experiment::Plan plan;
  plan.trials.push_back(make_trial(
      "data: {use: synthetic, batch: 16}\nmodel: {use: mlp_vae}\nloss: {use: elbo, beta: " +
      schedule + "}\ntrain: " + train + "\n"));
  DataCache data(registry());
  return plan_notes(plan, {0}, registry(), data);
}

/// The one note, without the place before it.
std::string note_on(const std::string& schedule, const std::string& train) {
  const auto notes = notes_on(schedule, train);
  REQUIRE(notes.size() == 1);
  const auto begin = notes[0].find("loss.beta: ");
  REQUIRE(begin != std::string::npos);
  CHECK(notes[0].starts_with("test.yaml:3:"));
  return notes[0].substr(begin);
}

/// What is said of two trials with the same data.
std::vector<std::string> notes_on_data(const std::string& data) {
  experiment::Plan plan;
  for (const auto* beta : {"1", "4"})
    plan.trials.push_back(make_trial("data: {use: synthetic, batch: 16" + data +
                                     "}\nmodel: {use: mlp_vae}\nloss: {use: elbo, beta: " + beta +
                                     "}\ntrain: {epochs: 1}\n"));
  DataCache data_sets(registry());
  return plan_notes(plan, {0, 1}, registry(), data_sets);
}

}  // namespace

TEST_CASE("a schedule that is longer than the run is told, with the value that it reaches") {
  CHECK(note_on("{use: linear, from: 0, to: 1, epochs: 10}", "{epochs: 5}") ==
        "loss.beta: the schedule linear goes up to 1, but in 5 epochs it reaches 0.5 only. Train "
        "longer, or make the schedule shorter");
  CHECK(note_on("{use: linear, from: 4, to: 0, steps: 40}", "{epochs: 1}")
            .find("goes down to 0, but in 1 epoch it reaches 3.6 only") != std::string::npos);
  CHECK(note_on("{use: staircase, epochs: 10}", "{epochs: 9}").find("reaches 0.9 only") !=
        std::string::npos);
  CHECK(note_on("{use: cyclic, epochs: 10}", "{steps: 8, evaluate_every: 4}")
            .find("in 8 steps it reaches 0.4 only") != std::string::npos);
  CHECK(note_on("{use: piecewise, points: [{epoch: 0, value: 0}, {epoch: 4, value: 2}]}",
                "{epochs: 2}")
            .find("goes up to 2, but in 2 epochs it reaches 1 only") != std::string::npos);
  CHECK(note_on("{use: piecewise, between: constant, points: [{epoch: 0, value: 0}, {epoch: 2, "
                "value: 2}]}",
                "{epochs: 2}")
            .find("reaches 0 only") != std::string::npos);
}

TEST_CASE("nothing is told of a schedule that arrives by the end of the run") {
  for (const auto* kind : {"linear", "cosine", "exponential", "staircase"})
    for (const auto* length : {"epochs: 5", "epochs: 3", "fraction: 1", "steps: 20"}) {
      const auto schedule =
          "{use: " + std::string(kind) + ", from: 0.1, to: 1, " + std::string(length) + "}";
      INFO(schedule);
      CHECK(notes_on(schedule, "{epochs: 5}").empty());
    }
  CHECK(notes_on("{use: cyclic, epochs: 2}", "{epochs: 5}").empty());
  CHECK(notes_on("{use: constant, value: 3}", "{epochs: 5}").empty());
  CHECK(notes_on("3", "{epochs: 5}").empty());
}

TEST_CASE("that no samples are held out is told once") {
  const auto notes = notes_on_data(", test_count: 0");
  REQUIRE(notes.size() == 1);
  CHECK(
      notes[0].starts_with("test.yaml:1:7: data: there is no test split and no validation split"));
  CHECK(notes_on_data(", test_count: 0, validation: 0.5").empty());
  CHECK(notes_on_data("").empty());
}

TEST_CASE("a limit that leaves out nothing is told") {
  const std::string counts = ", count: 48, test_count: 16";
  CHECK(notes_on_data(counts + ", limit: 49") ==
        std::vector<std::string>{"test.yaml:1:69: data.limit: 49 changes nothing: there are 48 "
                                 "samples for training, and 16 for test"});
  CHECK(notes_on_data(counts + ", limit: 49, validation: 0.25").size() == 1);
  CHECK(notes_on_data(counts + ", limit: 48").empty());
  CHECK(notes_on_data(counts + ", limit: 20").empty());
  // Then it cannot be told from the sizes of the splits.
  CHECK(notes_on_data(counts + ", limit: 49, sample_size: 0.5").empty());
}
