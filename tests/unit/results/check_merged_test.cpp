#include "results/merged/check_merged.hpp"

#include "results/merged/results.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia::results;

namespace {

/// For each trial of the plan, which has the order of the merged file.
std::vector<bool> verify(const std::string& merged, const std::vector<PlannedTrial>& plan) {
  std::vector<bool> same;
  for (const std::string& difference : check_merged(open_results(merged), plan)) {
    same.push_back(difference.empty());
  }
  return same;
}

void write_rich(const std::string& path, const std::string& id, std::size_t latents,
                std::int64_t channels) {
  TrialHeader header = header_of(id, static_cast<double>(latents));
  header.parameters.push_back({"loss." + id, 1.0 / 3, false});
  if (latents == 2) {
    header.parameters.push_back({"mixed", std::string("0.10"), false});
  } else {
    header.parameters.push_back({"mixed", 0.1, false});
  }
  TrialFile file(working(path), header);
  for (int epoch = 1; epoch <= 2; ++epoch) {
    EpochRecord record = record_of(epoch, -100, latents);
    record.metrics["test"]["nan"] = Array::scalar(kNaN);
    record.metrics["test"]["matrix"] = {{2, static_cast<std::int64_t>(latents)},
                                        std::vector<double>(2 * latents, epoch + 0.25)};
    file.append(record);
  }
  file.add_picture("samples", {1, 1, 5, 5, 0}, picture_of(2, 5, 5, channels));
  Points points = points_of(2, 4);
  points.xy[0] = std::numeric_limits<float>::quiet_NaN();
  file.add_points("plane", points);
  file.publish(TrialState::done, "", path, true);
}

}  // namespace

TEST_CASE("trials that a merge has taken over as they are may go") {
  const TemporaryFolder folder;
  const std::vector<PlannedTrial> plan = {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}};
  write_rich(plan[0].path, "a", 2, 1);
  write_rich(plan[1].path, "b", 5, 3);
  const std::string merged = folder / "m.h5";
  merge(experiment_info(), plan, merged);
  CHECK(verify(merged, plan) == std::vector<bool>{true, true});
  merge(experiment_info(), {{"b", ""}, {"a", ""}}, merged);
  CHECK(verify(merged, {plan[1], plan[0]}) == std::vector<bool>{true, true});
}

TEST_CASE("a trial that differs from the merged file anywhere is found") {
  const TemporaryFolder folder;
  const std::string path = folder / "a.h5";
  const std::string merged = folder / "m.h5";
  const std::vector<PlannedTrial> plan = {{"a", path}};
  TrialHeader header = header_of("a");
  const auto write = [&](EpochRecord record, Picture picture, Points points) {
    TrialFile file(working(path), header);
    file.append(record);
    file.add_picture("samples", {}, std::move(picture));
    file.add_points("plane", std::move(points));
    file.publish(TrialState::done, "", path, true);
  };
  EpochRecord record = record_of(1);
  record.metrics["test"]["zero"] = Array::scalar(0);
  record.steps["train_loss"][0].value = 0;
  Picture picture = picture_of(1, 4, 4);
  Points points = points_of(1, 3);
  write(record, picture, points);
  merge(experiment_info(), plan, merged);
  REQUIRE(verify(merged, plan) == std::vector<bool>{true});

  SECTION("in a metric") { record.metrics["test"]["elbo"].values[0] += 1e-13; }
  SECTION("in the sign of a zero") { record.metrics["test"]["zero"].values[0] = -0.0; }
  SECTION("in the sign of a curve's zero") { record.steps["train_loss"][0].value = -0.0; }
  SECTION("in an array") { record.metrics["test"]["kl_per_dim_z"].values[1] = kNaN; }
  SECTION("in a metric that is new") { record.metrics["test"]["new"] = Array::scalar(1); }
  SECTION("in a schedule") { record.schedules["loss.beta"] = 7; }
  SECTION("in its time") { record.seconds += 1; }
  SECTION("in a curve") { record.steps["train_loss"][1].value = 0; }
  SECTION("in a curve's length") { record.steps["train_loss"].pop_back(); }
  SECTION("in a pixel") { picture.pixels[5] ^= 1; }
  SECTION("in a title") { picture.title = "other"; }
  SECTION("in a point") { points.xy[3] += 1; }
  SECTION("in a label") { points.labels[2] = 9; }
  SECTION("in the name of a class") { points.classes[0] = "other"; }
  SECTION("in a parameter") { header.parameters[0].value = 2.0; }
  SECTION("in a text") { header.parameters[1].value = std::string("fashion"); }
  SECTION("in a parameter that is new") { header.parameters.push_back({"loss.gamma", 1.0, false}); }
  SECTION("in the seed") { header.seed = 1; }
  SECTION("in the plugins") { header.plugins = {{"elbo", "2.0.0", "-"}}; }
  SECTION("in the token") { header.token = 5; }
  SECTION("in the processor") { header.cpu = "another"; }
  write(record, picture, points);
  CHECK(verify(merged, plan) == std::vector<bool>{false});
}

TEST_CASE("a trial that is missing or damaged on either side is not taken for merged") {
  const TemporaryFolder folder;
  const std::string merged = folder / "m.h5";
  for (const std::string id : {"a", "b"}) write_trial(folder / (id + ".h5"), header_of(id), 1);
  write_bytes(folder / "empty.h5", "");
  merge(experiment_info(), {{"a", folder / "a.h5"}}, merged);
  CHECK(verify(merged, {{"a", folder / "a.h5"}}) == std::vector<bool>{true});
  for (const char* name : {"b.h5", "empty.h5", "none.h5"}) {
    CHECK(verify(merged, {{"a", folder / name}}) == std::vector<bool>{false});
  }
  write_bytes(merged, bytes_of(merged).substr(0, 3000));
  CHECK_THROWS_AS(verify(merged, {{"a", folder / "a.h5"}}), varia::StoreError);
}
