#include "results/merged/merge.hpp"

#include "results/merged/check_merged.hpp"
#include "results/merged/results.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia::results;

namespace {

std::vector<std::string> ids_of(const std::string& path) {
  std::vector<std::string> ids;
  const Results results = open_results(path);
  for (const TrialInfo& row : results.trials()) ids.push_back(row.id);
  return ids;
}

/// Trials a, b, c in a merged file; b has pictures, points and a parameter of its own.
void merge_three(const TemporaryFolder& folder) {
  write_trial(folder / "a.h5", header_of("a", 1), 2);
  TrialHeader header = header_of("b", 2);
  header.parameters.push_back({"loss.capacity", std::string("{use: linear}"), false});
  TrialFile file(working(folder / "b.h5"), header);
  for (int epoch = 1; epoch <= 3; ++epoch) {
    file.append(record_of(epoch, -70, 4));
    file.add_picture("samples", {1, 1, 5, 6, 0}, picture_of(epoch, 5, 6));
  }
  file.add_points("plane", points_of(3, 9));
  file.publish(TrialState::done, "", folder / "b.h5", true);
  write_trial(folder / "c.h5", header_of("c", 3), 1);
  merge(experiment_info(), {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}, {"c", folder / "c.h5"}},
        folder / "m.h5");
}

void check_b(const Results& results, std::size_t row) {
  CHECK(results.trials()[row].id == "b");
  CHECK(results.trials()[row].epochs_done == 3);
  CHECK(results.config(row) == "loss: {use: elbo}\n");
  CHECK(results.final_values("test/elbo")[row] == -67);
  const Array dims = results.metric("test/kl_per_dim_z", row, 1);
  CHECK(dims.shape == std::vector<std::int64_t>{1, 3, 4});
  CHECK(dims.values[11] == 3.3);
  CHECK(results.captions("samples", row).size() == 3);
  CHECK(results.picture("samples", row, 2) == picture_of(3, 5, 6));
  CHECK(results.layout("samples", row) == ViewLayout{1, 1, 5, 6, 0});
  CHECK(results.point_sets("plane", row) == std::vector<Points>{points_of(3, 9)});
  CHECK(results.step_values("train_loss", row).size() == 6);
  CHECK(results.seconds(row, 1).values == std::vector<double>{0.5, 1.0, 1.5});
  for (const ParameterColumn& column : results.parameters()) {
    if (column.key == "loss.beta") CHECK(column.numbers[row] == 2);
    if (column.key == "loss.capacity") CHECK(column.texts[row] == "{use: linear}");
  }
}

}  // namespace

TEST_CASE("trials that are no longer planned are carried over") {
  const TemporaryFolder folder;
  merge_three(folder);
  std::filesystem::remove(folder / "b.h5");
  TrialHeader header = header_of("d", 9);
  {
    TrialFile file(working(folder / "d.h5"), header);
    file.append(record_of(1));
    file.add_picture("samples", {1, 1, 8, 7, 0}, picture_of(1, 8, 7));
    file.publish(TrialState::done, "", folder / "d.h5", true);
  }
  SECTION("after the planned ones") {
    const MergeReport report =
        merge(experiment_info(), {{"d", folder / "d.h5"}, {"a", folder / "a.h5"}}, folder / "m.h5");
    CHECK(report.trials == 4);
    CHECK(report.carried == 2);
    CHECK(ids_of(folder / "m.h5") == std::vector<std::string>{"d", "a", "b", "c"});
    check_b(open_results(folder / "m.h5"), 2);
  }
  SECTION("also when nothing is planned, again and again") {
    for (int i = 0; i < 3; ++i) merge(experiment_info(), {}, folder / "m.h5");
    CHECK(ids_of(folder / "m.h5") == std::vector<std::string>{"a", "b", "c"});
    check_b(open_results(folder / "m.h5"), 1);
  }
  SECTION("but not with prune") {
    const MergeReport report =
        merge(experiment_info(), {{"d", folder / "d.h5"}}, folder / "m.h5", /*prune=*/true);
    CHECK(report.pruned == 3);
    CHECK(ids_of(folder / "m.h5") == std::vector<std::string>{"d"});
  }
}

TEST_CASE("a planned trial whose file is gone or damaged is carried over in its place") {
  const TemporaryFolder folder;
  merge_three(folder);
  const bool gone = GENERATE(true, false);
  std::filesystem::remove(folder / "b.h5");
  if (!gone) write_bytes(folder / "b.h5", "damaged");
  const MergeReport report = merge(
      experiment_info(), {{"c", folder / "c.h5"}, {"b", folder / "b.h5"}, {"a", folder / "a.h5"}},
      folder / "m.h5", /*prune=*/true);
  CHECK(report.carried == 1);
  CHECK(report.pruned == 0);
  REQUIRE(report.problems.size() == (gone ? 0 : 1));
  if (!gone) CHECK(contains(report.problems[0], ". Its row of the merged file stays as it was"));
  CHECK(ids_of(folder / "m.h5") == std::vector<std::string>{"c", "b", "a"});
  check_b(open_results(folder / "m.h5"), 1);
}

TEST_CASE("a finished trial is not replaced by a shorter one that is not finished") {
  const TemporaryFolder folder;
  merge_three(folder);
  std::filesystem::remove(folder / "b.h5");
  write_trial(folder / "b.h5", header_of("b"), 2, TrialState::failed);
  merge(experiment_info(), {{"b", folder / "b.h5"}}, folder / "m.h5", /*prune=*/true);
  check_b(open_results(folder / "m.h5"), 0);
  std::filesystem::remove(folder / "b.h5");
  write_trial(folder / "b.h5", header_of("b"), 2, TrialState::done);
  merge(experiment_info(), {{"b", folder / "b.h5"}}, folder / "m.h5", /*prune=*/true);
  CHECK(open_results(folder / "m.h5").trials()[0].epochs_done == 2);
}

TEST_CASE("a finished trial is not replaced by one that failed, however long") {
  const TemporaryFolder folder;
  merge_three(folder);
  std::filesystem::remove(folder / "b.h5");
  write_trial(folder / "b.h5", header_of("b"), 9, TrialState::failed);
  const MergeReport report =
      merge(experiment_info(), {{"b", folder / "b.h5"}}, folder / "m.h5", /*prune=*/true);
  CHECK(report.failed == 0);
  check_b(open_results(folder / "m.h5"), 0);
}

TEST_CASE("a finished trial is not replaced by one that is in progress, however long") {
  const TemporaryFolder folder;
  merge_three(folder);
  std::filesystem::remove(folder / "b.h5");
  write_trial(folder / "b.h5", header_of("b", 2, 20), 9, TrialState::partial);
  const MergeReport report =
      merge(experiment_info(), {{"b", folder / "b.h5"}}, folder / "m.h5", /*prune=*/true);
  CHECK(report.carried == 1);
  CHECK(report.partial == 0);
  check_b(open_results(folder / "m.h5"), 0);
}

TEST_CASE("a row is kept if it is finished and the file of its trial is not") {
  const auto info = [](TrialState status, std::int64_t epochs) {
    TrialInfo info;
    info.status = status;
    info.epochs_done = epochs;
    return info;
  };
  for (const std::int64_t epochs : {0, 3, 9}) {
    CAPTURE(epochs);
    for (const auto other : {TrialState::partial, TrialState::failed}) {
      CHECK(is_carried(info(TrialState::done, 3), info(other, epochs)));
      CHECK_FALSE(is_carried(info(other, 3), info(TrialState::done, epochs)));
      CHECK_FALSE(is_carried(info(other, 3), info(other, epochs)));
    }
    CHECK_FALSE(is_carried(info(TrialState::done, 3), info(TrialState::done, epochs)));
  }
}

TEST_CASE("a trial in progress is taken over with what it has, and grows with it") {
  const TemporaryFolder folder;
  const std::string path = folder / "checkpoints/a/trial.1.h5";
  TrialFile file(path, header_of("a"));
  for (int epoch = 1; epoch <= 2; ++epoch) {
    file.append(record_of(epoch));
    file.commit();
    const MergeReport report = merge(experiment_info(), {{"a", path}}, folder / "m.h5");
    CHECK(report.partial == 1);
    const Results results = open_results(folder / "m.h5");
    CHECK(results.trials()[0].status == TrialState::partial);
    CHECK(results.trials()[0].epochs_done == epoch);
  }
  file.publish(TrialState::done, "", folder / "a.h5", false);
  // Its working file has gone since the plan was made.
  const MergeReport report = merge(experiment_info(), {{"a", path}}, folder / "m.h5");
  CHECK(report.carried == 1);
  CHECK(report.partial == 1);
  CHECK(merge(experiment_info(), {{"a", folder / "a.h5"}}, folder / "m.h5").partial == 0);
}

TEST_CASE("each trial keeps what its ELBO bounds where trials differ, carried over or not") {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& id, const std::string& bound) {
    TrialHeader header = header_of(id);
    header.metrics["test/elbo"].bound = bound;
    write_trial(folder / (id + ".h5"), header, 1);
  };
  write("a", "log p(x)");
  write("b", "log p(x|y)");
  merge(experiment_info(), {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}}, folder / "m.h5");
  using Texts = std::vector<std::string>;
  {
    const Results results = open_results(folder / "m.h5");
    CHECK(results.bounds("test/elbo") == Texts{"log p(x)", "log p(x|y)"});
    CHECK(results.bounds("train/loss") == Texts{"", ""});
    for (const Column& column : results.metrics()) CHECK(column.info.bound.empty());
  }
  std::filesystem::remove(folder / "b.h5");
  write("c", "log p(x)");
  merge(experiment_info(), {{"a", folder / "a.h5"}, {"c", folder / "c.h5"}}, folder / "m.h5");
  CHECK(open_results(folder / "m.h5").bounds("test/elbo") ==
        Texts{"log p(x)", "log p(x)", "log p(x|y)"});
  merge(experiment_info(), {{"a", folder / "a.h5"}, {"c", folder / "c.h5"}}, folder / "m.h5",
        /*prune=*/true);
  const Results pruned = open_results(folder / "m.h5");
  CHECK(pruned.bounds("test/elbo") == Texts{"log p(x)", "log p(x)"});
  for (const Column& column : pruned.metrics())
    CHECK(column.info.bound == (column.name == "test/elbo" ? "log p(x)" : ""));
}

TEST_CASE("a file that holds another trial is a problem, not a result") {
  const TemporaryFolder folder;
  write_trial(folder / "a.h5", header_of("a"), 1);
  write_trial(folder / "b.h5", header_of("other"), 1);
  const MergeReport report =
      merge(experiment_info(), {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}}, folder / "m.h5");
  REQUIRE(report.problems.size() == 1);
  CHECK(contains(report.problems[0], "holds trial other, not b. It is not merged"));
  CHECK(ids_of(folder / "m.h5") == std::vector<std::string>{"a"});
}

TEST_CASE("a merge of nothing is an error and leaves no file") {
  const TemporaryFolder folder;
  const std::string message = error_of([&] {
    merge(experiment_info(), {{"a", folder / "a.h5"}}, folder / "m.h5");
  });
  CHECK(contains(message, "none of the 1 planned trials has results yet"));
  CHECK(folder.files().empty());
}

TEST_CASE("the plan's tags and notes reach trials that are done, with and without their files") {
  const TemporaryFolder folder;
  const std::string path = folder / "m.h5";
  const auto merge_with = [&](std::vector<std::string> tags,
                              std::map<std::string, std::string> notes) {
    merge(experiment_info(), {{"a", folder / "a.h5", std::move(tags), std::move(notes)}}, path);
    return read_merged_trials(path).front();
  };
  write_trial(folder / "a.h5", header_of("a"), 1);
  CHECK(merge_with({}, {}).tags.empty());
  CHECK(merge_with({"paper"}, {}).tags == std::vector<std::string>{"paper"});
  CHECK(check_merged(open_results(path), {{"a", folder / "a.h5"}}) == std::vector<std::string>{""});
  std::filesystem::remove(folder / "a.h5");
  CHECK(merge_with({"b"}, {{"why", "now"}}).notes.at("why") == "now");
  CHECK(open_results(path).notes().front().key == "notes.why");
  merge(experiment_info(), {}, path);
  CHECK(read_merged_trials(path).front().tags == std::vector<std::string>{"b"});
}
