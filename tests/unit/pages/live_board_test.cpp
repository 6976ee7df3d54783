#include "pages/live/live_board.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"

using namespace varia;
using namespace varia::live;
using namespace std::chrono_literals;

namespace {

void add_trials(LiveBoard& board, const std::vector<std::string>& labels,
                results::TrialState state = results::TrialState::fresh) {
  for (const auto& label : labels) {
    results::TrialInfo info;
    info.id = "aa";
    info.status = state;
    board.add_trial(info, {{"loss.beta", label, true}, {"model.latent", 10.0, false}});
  }
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

/// What is newer than a revision.
nlohmann::json told(const LiveBoard& board, std::uint64_t seen = 0) {
  const auto change = board.wait(seen, 0ms);
  REQUIRE(change);
  return nlohmann::json::parse(change->json);
}

std::uint64_t revision_of(const LiveBoard& board) { return board.wait(0, 0ms)->revision; }

}  // namespace

TEST_CASE("a reader that has seen nothing is given all") {
  LiveBoard board("beta_sweep");
  add_trials(board, {"loss.beta=1", "loss.beta=4"});
  board.start(0);
  board.set_progress(0, 3, 9);
  board.add_record(0, record(1, 100));
  board.set_picture(0, "samples", picture(1, 4));
  board.add_note("mind the gap");
  const auto change = told(board);
  CHECK(change["experiment"] == "beta_sweep");
  CHECK(change["state"] == "running");
  CHECK(change["notes"] == nlohmann::json{"mind the gap"});
  REQUIRE(change["trials"].size() == 2);
  const auto& first = change["trials"][0];
  CHECK(first["swept"] == nlohmann::json{{"loss.beta", "loss.beta=1"}});
  CHECK(first["status"] == "partial");
  CHECK(first["running"] == true);
  CHECK(first["step"] == 3);
  CHECK(first["steps"] == 9);
  REQUIRE(first["records"].size() == 1);
  CHECK(first["records"][0]["epoch"] == 1);
  CHECK(first["records"][0]["values"]["test/loss"] == 100);
  REQUIRE(first["pictures"].size() == 1);
  CHECK(first["pictures"][0]["view"] == "samples");
  CHECK(change["trials"][1]["status"] == "new");
  CHECK(change["trials"][1]["running"] == false);
}

TEST_CASE("a seed of 64 bits keeps all of its digits") {
  LiveBoard board("e");
  results::TrialInfo info;
  info.seed = std::numeric_limits<std::uint64_t>::max();
  info.replicate = 3;
  board.add_trial(info, {});
  const auto trial = told(board)["trials"][0];
  CHECK(trial["seed"] == "18446744073709551615");  // a number of a page has 53 bits
  CHECK(trial["replicate"] == 3);
}

TEST_CASE("what a run has trained is told apart from what was there") {
  LiveBoard board("e", "results/e.h5");
  add_trials(board, {"a"});
  board.restore_record(0, record(1, 100));
  board.add_record(0, record(2, 90));
  board.add_record(0, record(2, 90));
  board.set_picture(0, "samples", picture(2, 4));
  board.set_points(0, "codes", {2, {0, 1}, {5}, {{5, "cat, 3"}}, {"", "up"}});
  const auto change = told(board);
  CHECK(change["results"] == "results/e.h5");
  CHECK(change["epochs_trained"] == 1);
  CHECK(change["elapsed"].get<double>() >= 0);
  CHECK(change["trials"][0]["records"].size() == 2);
  CHECK(change["trials"][0]["records"][0].contains("seconds"));
  CHECK(change["trials"][0]["pictures"][0]["epoch"] == 2);
  CHECK(change["trials"][0]["pictures"][0]["width"] == 4);
  CHECK(change["trials"][0]["points"][0]["epoch"] == 2);
  CHECK(change["trials"][0]["points"][0]["classes"] == nlohmann::json{{"5", "cat, 3"}});
  CHECK(change["trials"][0]["points"][0]["axes"] == nlohmann::json{"", "up"});
}

TEST_CASE("an array is not a curve") {
  LiveBoard board("e");
  add_trials(board, {"a"});
  board.add_record(0, record(1, 100));
  CHECK(told(board)["trials"][0]["records"][0]["values"].size() == 1);
  CHECK(told(board)["metrics"].size() == 1);
}

TEST_CASE("metrics have their units, and the ELBO on validation comes first") {
  LiveBoard board("e");
  add_trials(board, {"a"});
  board.add_record(0, record(1, 100));
  CHECK(told(board)["default_metric"] == "test/loss");
  const auto seen = revision_of(board);
  results::MetricInfo info;
  info.units = "nats";
  board.add_metrics({{"test/elbo", info}, {"validation/elbo", info}});
  const auto change = told(board, seen);
  CHECK(change["default_metric"] == "validation/elbo");
  REQUIRE(change["metrics"].size() == 2);
  CHECK(change["metrics"][0]["name"] == "test/elbo");
  CHECK(change["metrics"][0]["units"] == "nats");
}

TEST_CASE("a reader is told of nothing twice") {
  LiveBoard board("e");
  add_trials(board, {"a", "b"});
  board.add_record(0, record(1, 100));
  board.set_picture(0, "samples", picture(1, 4));
  board.add_note("old");
  auto seen = revision_of(board);
  CHECK_FALSE(board.wait(seen, 0ms));
  board.add_record(0, record(2, 90));
  auto change = told(board, seen);
  CHECK(change["notes"].empty());
  CHECK(change["metrics"].empty());
  REQUIRE(change["trials"].size() == 1);
  CHECK(change["trials"][0]["index"] == 0);
  CHECK(change["trials"][0]["first_record"] == 1);
  REQUIRE(change["trials"][0]["records"].size() == 1);
  CHECK(change["trials"][0]["records"][0]["epoch"] == 2);
  CHECK(change["trials"][0]["pictures"].empty());
  seen = revision_of(board);
  board.set_points(1, "codes", {2, {0, 0}, {7}});
  change = told(board, seen);
  REQUIRE(change["trials"].size() == 1);
  CHECK(change["trials"][0]["index"] == 1);
  CHECK(change["trials"][0]["points"].size() == 1);
}

TEST_CASE("a trial that starts anew takes its old curve back") {
  LiveBoard board("e");
  add_trials(board, {"a"}, results::TrialState::failed);
  board.add_record(0, record(1, 100));
  board.add_record(0, record(2, 90));
  board.set_picture(0, "samples", picture(2, 4));
  const auto seen = revision_of(board);
  board.start(0);
  auto change = told(board, seen);
  CHECK(change["trials"][0]["first_record"] == 0);
  CHECK(change["trials"][0]["records"].empty());
  CHECK(board.picture(0, 0) == nullptr);
  board.add_record(0, record(1, 80));
  change = told(board, seen);
  CHECK(change["trials"][0]["records"].size() == 1);
}

TEST_CASE("a trial that resumes shows each epoch once") {
  LiveBoard board("e");
  add_trials(board, {"a"});
  for (const std::int64_t epoch : {1, 2, 2, 1, 3}) board.add_record(0, record(epoch, 100));
  CHECK(told(board)["trials"][0]["records"].size() == 3);
}

TEST_CASE("an event is one line whatever the texts are") {
  const std::string label = "a\r\nevent: board\ndata: {}\n\n";
  const std::string view = "</script><script>alert(1)</script>\"";
  LiveBoard board("e");
  add_trials(board, {label});
  board.set_picture(0, view, picture(1, 4));
  const auto text = board.wait(0, 0ms)->json;
  CHECK(text.find('\n') == std::string::npos);
  CHECK(text.find('\r') == std::string::npos);
  const auto read = nlohmann::json::parse(text);
  CHECK(read["trials"][0]["swept"]["loss.beta"] == label);
  CHECK(read["trials"][0]["pictures"][0]["view"] == view);
}

TEST_CASE("text that is not UTF-8 is sent as replacement characters") {
  LiveBoard board("e");
  add_trials(board, {"a\xff"});
  CHECK(told(board)["trials"][0]["swept"]["loss.beta"] == "a\xef\xbf\xbd");
}

TEST_CASE("numbers that are not finite become null") {
  results::EpochRecord record;
  record.epoch = 3;
  record.metrics["test"]["elbo"] = results::Array::scalar(std::numeric_limits<double>::quiet_NaN());
  record.metrics["test"]["kl"] = results::Array::scalar(std::numeric_limits<double>::infinity());
  record.metrics["test"]["loss"] = results::Array::scalar(0.1);
  LiveBoard board("e");
  add_trials(board, {"a"});
  board.add_record(0, record);
  CHECK(told(board)["metrics"].size() == 1);  // what has no value yet is not offered
  const auto values = told(board)["trials"][0]["records"][0]["values"];
  CHECK(values["test/elbo"].is_null());
  CHECK(values["test/kl"].is_null());
  CHECK(values["test/loss"] == 0.1);
}

TEST_CASE("of many points every n-th is sent") {
  results::Points points;
  points.epoch = 2;
  for (int i = 0; i < 12001; ++i) {
    points.xy.push_back(static_cast<float>(i));
    points.xy.push_back(-1);
    points.labels.push_back(i);
  }
  const auto read = nlohmann::json::parse(points_json(points));
  CHECK(read["epoch"] == 2);
  CHECK(read["total"] == 12001);
  REQUIRE(read["labels"].size() == 4001);
  CHECK(read["labels"][4000] == 12000);
  CHECK(read["xy"][4000] == nlohmann::json{12000, -1});
}

TEST_CASE("the newest picture of a view replaces the one before") {
  LiveBoard board("e");
  add_trials(board, {"a"});
  board.set_picture(0, "samples", picture(1, 4));
  board.set_picture(0, "samples", picture(2, 5));
  REQUIRE(board.picture(0, 0));
  CHECK(board.picture(0, 0)->epoch == 2);
  CHECK(board.picture(0, 1) == nullptr);
  CHECK(board.picture(1, 0) == nullptr);
  CHECK(board.points(0, 0) == nullptr);
}

TEST_CASE("if pictures take too much memory the oldest go") {
  LiveBoard board("e", "", 250);
  add_trials(board, {"a", "b"});
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
  const auto seen = revision_of(board);
  board.finish(RunState::interrupted);
  const auto change = board.wait(seen, 0ms);
  REQUIRE(change);
  CHECK(change->state == RunState::interrupted);
  CHECK(told(board, seen)["state"] == "interrupted");
}
