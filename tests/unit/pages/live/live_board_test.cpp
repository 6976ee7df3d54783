#include <limits>

#include "pages/live/live_board.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::live;
using namespace std::chrono_literals;

namespace {

LiveTrial trial(const std::string& label, LiveState state = LiveState::fresh) {
  LiveTrial trial;
  trial.id = "aa";
  trial.label = label;
  trial.state = state;
  return trial;
}

results::EpochRecord record(std::int64_t epoch, double loss) {
  results::EpochRecord record;
  record.epoch = epoch;
  record.metrics["test"]["loss"] = results::Array::scalar(loss);
  record.metrics["test"]["kl_per_dim_z"] = {{2}, {1.0, 2.0}};
  return record;
}

results::Picture picture(std::int64_t epoch, std::size_t side) {
  const auto size = static_cast<std::int64_t>(side);
  return {epoch, size, size, 1, std::vector<std::uint8_t>(side * side), ""};
}

}  // namespace

TEST_CASE("a reader that has seen nothing is given all") {
  LiveBoard board("beta_sweep");
  board.set_trials({trial("loss.beta=1"), trial("loss.beta=4")});
  board.start(0);
  board.set_progress(0, 3, 9);
  board.add_record(0, record(1, 100));
  board.set_picture(0, "samples", picture(1, 4));
  board.add_note("mind the gap");
  const auto change = board.wait(0, 0ms);
  REQUIRE(change);
  CHECK(change->experiment == "beta_sweep");
  CHECK(change->state == RunState::running);
  CHECK(change->notes == std::vector<std::string>{"mind the gap"});
  REQUIRE(change->trials.size() == 2);
  const auto& first = change->trials[0];
  CHECK(first.trial.label == "loss.beta=1");
  CHECK(first.trial.state == LiveState::running);
  CHECK(first.trial.step == 3);
  CHECK(first.trial.steps == 9);
  REQUIRE(first.records.size() == 1);
  CHECK(first.records[0]->metrics.at("test").at("loss") == 100);
  REQUIRE(first.pictures.size() == 1);
  CHECK(first.pictures[0].view == "samples");
  CHECK(first.pictures[0].epoch == 1);
  CHECK(change->trials[1].trial.state == LiveState::fresh);
}

TEST_CASE("what has a shape is no curve") {
  LiveBoard board("e");
  board.set_trials({trial("a")});
  board.add_record(0, record(1, 100));
  CHECK(board.wait(0, 0ms)->trials[0].records[0]->metrics.at("test").size() == 1);
}

TEST_CASE("a reader is told of nothing twice") {
  LiveBoard board("e");
  board.set_trials({trial("a"), trial("b")});
  board.add_record(0, record(1, 100));
  board.set_picture(0, "samples", picture(1, 4));
  board.add_note("old");
  const auto seen = board.wait(0, 0ms)->revision;
  CHECK_FALSE(board.wait(seen, 0ms));
  board.add_record(0, record(2, 90));
  auto change = board.wait(seen, 0ms);
  REQUIRE(change);
  CHECK(change->notes.empty());
  REQUIRE(change->trials.size() == 1);
  CHECK(change->trials[0].index == 0);
  CHECK(change->trials[0].first_record == 1);
  REQUIRE(change->trials[0].records.size() == 1);
  CHECK(change->trials[0].records[0]->epoch == 2);
  CHECK(change->trials[0].pictures.empty());
  board.set_points(1, "codes", {2, {0, 0}, {7}, ""});
  change = board.wait(change->revision, 0ms);
  REQUIRE(change->trials.size() == 1);
  CHECK(change->trials[0].index == 1);
  CHECK(change->trials[0].points.size() == 1);
}

TEST_CASE("a trial that starts anew takes its old curve back") {
  LiveBoard board("e");
  board.set_trials({trial("a", LiveState::failed)});
  board.add_record(0, record(1, 100));
  board.add_record(0, record(2, 90));
  board.set_picture(0, "samples", picture(2, 4));
  const auto seen = board.wait(0, 0ms)->revision;
  board.start(0);
  const auto change = board.wait(seen, 0ms);
  CHECK(change->trials[0].first_record == 0);
  CHECK(change->trials[0].records.empty());
  CHECK(board.picture(0, 0) == nullptr);
}

TEST_CASE("the newest picture of a view replaces the one before") {
  LiveBoard board("e");
  board.set_trials({trial("a")});
  board.set_picture(0, "samples", picture(1, 4));
  board.set_picture(0, "samples", picture(2, 5));
  REQUIRE(board.picture(0, 0));
  CHECK(board.picture(0, 0)->epoch == 2);
  CHECK(board.picture(0, 1) == nullptr);
  CHECK(board.picture(1, 0) == nullptr);
  CHECK(board.points(0, 0) == nullptr);
}

TEST_CASE("where pictures take too much memory the oldest go") {
  LiveBoard board("e", 250);
  board.set_trials({trial("a"), trial("b")});
  board.set_picture(0, "samples", picture(1, 10));
  board.set_picture(1, "samples", picture(1, 10));
  CHECK(board.picture(0, 0));
  SECTION("one by one") {
    board.set_picture(1, "codes", picture(1, 10));
    CHECK(board.picture(0, 0) == nullptr);
    CHECK(board.picture(1, 0));
    CHECK(board.picture(1, 1));
  }
  SECTION("a picture that is replaced counts once") {
    for (int epoch = 2; epoch < 9; ++epoch) board.set_picture(1, "samples", picture(epoch, 10));
    CHECK(board.picture(0, 0));
  }
  SECTION("the newest stays, however large it is") {
    board.set_picture(0, "codes", picture(1, 99));
    CHECK(board.picture(0, 1));
    CHECK(board.picture(0, 0) == nullptr);
    CHECK(board.picture(1, 0) == nullptr);
  }
}

TEST_CASE("the end of a run is a change") {
  LiveBoard board("e");
  const auto seen = board.wait(0, 0ms)->revision;
  board.finish(RunState::interrupted);
  const auto change = board.wait(seen, 0ms);
  REQUIRE(change);
  CHECK(change->state == RunState::interrupted);
}
