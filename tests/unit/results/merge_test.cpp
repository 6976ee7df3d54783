#include "results/merged/merge.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "hdf5/hdf5.hpp"
#include "results/merged/results.hpp"
#include "results/names.hpp"
#include "results/trial/trial_input.hpp"
#include "support/catch.hpp"
#include "unit/files/files_fixtures.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia::results;
namespace hdf5 = varia::hdf5;

TEST_CASE("trials with different epochs, metrics and parameters share one table") {
  const TemporaryFolder folder;
  TrialHeader first = header_of("a", 1);
  first.parameters.push_back({"loss.gamma", 7.0, false});
  write_trial(folder / "a.h5", first, 3);
  TrialHeader second = header_of("b", 4);
  second.parameters.push_back({"loss.capacity", std::string("{use: linear, to: 5}"), false});
  {
    TrialFile file(working(folder / "b.h5"), second);
    EpochRecord record = record_of(1, -90, 5);
    record.metrics["test"]["nll"] = Array::scalar(91);
    file.append(record);
    file.publish(TrialState::failed, "loss is nan", folder / "b.h5", true);
  }
  TrialHeader third = header_of("c", 16);
  third.parameters.push_back({"loss.capacity", 0.1, true});
  write_trial(folder / "c.h5", third, 0, TrialState::partial);

  const MergeReport report = merge(experiment_info(),
                                   {{"b", folder / "b.h5"},
                                    {"a", folder / "a.h5"},
                                    {"c", folder / "c.h5"},
                                    {"d", folder / "d.h5"}},
                                   folder / "sweep.h5");
  CHECK(report.trials == 3);
  CHECK(report.carried == 0);
  CHECK(report.problems.empty());
  CHECK(report.missing == std::vector<std::string>{"d"});
  CHECK(report.partial == 1);
  CHECK(report.failed == 1);

  const Results results = open_results(folder / "sweep.h5");
  CHECK(results.experiment().name == "sweep");
  CHECK(results.experiment().yaml == "name: sweep\n");
  CHECK(results.experiment().plugins == "elbo 1.0.0");
  REQUIRE(results.size() == 3);
  CHECK(results.epochs() == 3);
  CHECK(results.trials()[0].id == "b");
  CHECK(results.trials()[0].status == TrialState::failed);
  CHECK(results.trials()[0].error == "loss is nan");
  CHECK(results.trials()[1].id == "a");
  CHECK(results.trials()[1].seed == 0xfedcba9876543210U);
  CHECK(results.trials()[1].cpu == "cpu \xC3\xA9");
  CHECK(results.trials()[2].epochs_done == 0);
  CHECK(results.trials()[2].target_epochs == 3);
  CHECK(results.config(1) == "loss: {use: elbo}\n");

  REQUIRE(results.parameters().size() == 4);
  const auto parameter = [&](const std::string& key) -> const ParameterColumn& {
    for (const ParameterColumn& column : results.parameters()) {
      if (column.key == key) return column;
    }
    throw std::runtime_error(key);
  };
  CHECK(parameter("loss.beta").numbers == std::vector<double>{4, 1, 16});
  CHECK(parameter("loss.beta").swept);
  CHECK(parameter("data.use").texts == std::vector<std::string>{"mnist", "mnist", "mnist"});
  CHECK_FALSE(parameter("data.use").swept);
  CHECK(parameter("loss.capacity").texts ==
        std::vector<std::string>{"{use: linear, to: 5}", "", "0.1"});
  CHECK(std::isnan(parameter("loss.gamma").numbers[0]));
  CHECK(parameter("loss.gamma").numbers[1] == 7);

  const Array elbo = results.metric("test/elbo");
  CHECK(elbo.shape == std::vector<std::int64_t>{3, 3});
  CHECK(elbo.values[0] == -89);
  CHECK(std::isnan(elbo.values[1]));
  CHECK(elbo.values[3] == -99);
  CHECK(elbo.values[5] == -97);
  CHECK(std::isnan(elbo.values[6]));

  const Array dims = results.metric("test/kl_per_dim_z");
  REQUIRE(dims.shape == std::vector<std::int64_t>{3, 3, 5});
  CHECK(dims.values[4] == 1.4);
  const std::size_t third_epoch_of_a = (1 * 3 + 2) * 5;
  CHECK(dims.values[third_epoch_of_a + 1] == 3.1);
  CHECK(std::isnan(dims.values[third_epoch_of_a + 2]));

  const std::vector<double> last = results.final_values("test/elbo");
  CHECK(last[0] == -89);
  CHECK(last[1] == -97);
  CHECK(std::isnan(last[2]));
  CHECK(results.final_values("test/nll")[0] == 91);
  CHECK(results.schedule("loss.beta", 0, 3).values[4] == 0.2);
  CHECK(results.seconds(1, 1).values == std::vector<double>{0.5, 1.0, 1.5});
  CHECK(results.step_values("train_loss", 1) ==
        std::vector<StepValue>{{10, 6}, {15, 7}, {20, 7}, {25, 8}, {30, 8}, {35, 9}});
  CHECK(results.step_values("train_loss", 2).empty());

  const auto metric = [&](const std::string& name) -> const Column& {
    for (const Column& column : results.metrics()) {
      if (column.name == name) return column;
    }
    throw std::runtime_error(name);
  };
  CHECK(metric("test/elbo").info.bound == "log p(x)");
  CHECK(metric("test/elbo").info.better == varia::Better::higher);
  CHECK(metric("test/kl_per_dim_z").info.better == varia::Better::neither);
  CHECK(metric("test/kl_per_dim_z").info.axes == std::vector<std::string>{"latent"});
  CHECK(metric("test/kl_per_dim_z").shape == std::vector<std::int64_t>{5});
}

TEST_CASE("a merged file in which no trial has a record can be read and merged again") {
  const TemporaryFolder folder;
  write_trial(folder / "a.h5", header_of("a"), 0, TrialState::failed);
  const std::vector<PlannedTrial> plan = {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}};
  CHECK(merge(experiment_info(), plan, folder / "m.h5").trials == 1);
  CHECK(std::isnan(open_results(folder / "m.h5").seconds(0, 1).values.at(0)));
  std::filesystem::remove(folder / "a.h5");
  write_trial(folder / "b.h5", header_of("b"), 2);
  const auto report = merge(experiment_info(), plan, folder / "m.h5");
  CHECK(report.problems.empty());
  CHECK(report.carried == 1);
  const auto seconds = open_results(folder / "m.h5").seconds(0, 2).values;
  REQUIRE(seconds.size() == 4);
  CHECK(std::isnan(seconds[1]));
  CHECK_FALSE(std::isnan(seconds[3]));
}

TEST_CASE("pictures of different sizes are padded and read back without padding") {
  const TemporaryFolder folder;
  const ViewLayout wide{1, 2, 4, 4, 1};
  const ViewLayout tall{2, 1, 4, 4, 1};
  {
    TrialFile file(working(folder / "a.h5"), header_of("a"));
    file.append(record_of(1));
    file.add_picture("samples", wide, picture_of(1, 4, 9));
    file.add_picture("samples", wide, picture_of(2, 4, 9));
    file.add_picture("mixed", wide, picture_of(1, 3, 3, 1));
    file.add_points("plane", points_of(1, 4));
    file.add_points("plane", points_of(2, 0));
    file.publish(TrialState::done, "", folder / "a.h5", true);
  }
  {
    TrialFile file(working(folder / "b.h5"), header_of("b"));
    file.append(record_of(1));
    file.add_picture("samples", tall, picture_of(1, 9, 4));
    file.add_picture("mixed", wide, labelled_picture_of(1, 3, 3));
    file.add_points("plane", points_of(1, 6));
    file.publish(TrialState::done, "", folder / "b.h5", true);
  }
  write_trial(folder / "c.h5", header_of("c"), 1);
  merge(experiment_info(), {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}, {"c", folder / "c.h5"}},
        folder / "m.h5");
  const Results results = open_results(folder / "m.h5");
  REQUIRE(results.views().size() == 2);
  CHECK(results.views()[1].name == "samples");
  CHECK(results.views()[1].height == 9);
  CHECK(results.views()[1].width == 9);
  CHECK(results.captions("samples", 0).size() == 2);
  CHECK(results.captions("samples", 1).size() == 1);
  CHECK(results.captions("samples", 2).size() == 0);
  CHECK(results.picture("samples", 0, 1) == picture_of(2, 4, 9));
  CHECK(results.picture("samples", 1, 0) == picture_of(1, 9, 4));
  CHECK(results.layout("samples", 0) == wide);
  CHECK(results.layout("samples", 1) == tall);
  CHECK(results.layout("mixed", 1) == wide);
  CHECK(results.picture("mixed", 1, 0) == labelled_picture_of(1, 3, 3));
  const Picture grey = results.picture("mixed", 0, 0);
  CHECK(grey.channels == 3);
  CHECK(grey.pixels[3] == picture_of(1, 3, 3).pixels[1]);
  CHECK(grey.pixels[5] == picture_of(1, 3, 3).pixels[1]);
  CHECK(results.point_sets("plane", 0) == std::vector<Points>{points_of(1, 4), points_of(2, 0)});
  CHECK(results.point_sets("plane", 1) == std::vector<Points>{points_of(1, 6)});
  CHECK(results.point_sets("plane", 2).empty());
  CHECK(contains(error_of([&] { results.picture("samples", 2, 0); }), "has no picture 0"));
  CHECK(contains(error_of([&] { results.picture("sample", 0, 0); }), "It has: mixed samples"));
}

TEST_CASE("a metric that is a number in one trial and an array in another is padded") {
  const TemporaryFolder folder;
  for (const std::string id : {"a", "b"}) {
    TrialFile file(working(folder / (id + ".h5")), header_of(id));
    EpochRecord record = record_of(1);
    record.metrics["test"]["x"] = id == "a" ? Array::scalar(5) : Array{{2, 3}, {1, 2, 3, 4, 5, 6}};
    file.append(record);
    file.publish(TrialState::done, "", folder / (id + ".h5"), true);
  }
  merge(experiment_info(), {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}}, folder / "m.h5");
  const Array x = open_results(folder / "m.h5").metric("test/x");
  REQUIRE(x.shape == std::vector<std::int64_t>{2, 1, 2, 3});
  CHECK(x.values[0] == 5);
  CHECK(std::isnan(x.values[1]));
  CHECK(std::vector<double>(x.values.begin() + 6, x.values.end()) ==
        std::vector<double>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("more trials than one block, in the order of the plan", "[slow]") {
  const TemporaryFolder folder;
  std::vector<PlannedTrial> plan;
  for (int i = 0; i < 60; ++i) {
    const std::string id = "trial" + std::to_string(i * 37 % 60);
    TrialFile file(folder / (id + ".h5"), header_of(id, i));
    EpochRecord record;
    for (int epoch = 1; epoch <= 3; ++epoch) {
      record.epoch = epoch;
      record.metrics["test"]["elbo"] = Array::scalar(1000 * epoch + i);
      // Wide enough that a block holds ten trials only.
      record.metrics["test"]["wide"] = {{500, 1000}, std::vector<double>(500000, i)};
      file.append(record);
    }
    file.commit();
    plan.push_back({id, folder / (id + ".h5")});
    if (plan.size() == 25) break;
  }
  merge(experiment_info(), plan, folder / "m.h5");
  const Results results = open_results(folder / "m.h5");
  const Array elbo = results.metric("test/elbo");
  for (std::size_t i = 0; i < plan.size(); ++i) {
    CHECK(results.trials()[i].id == plan[i].id);
    CHECK(elbo.values[3 * i + 2] == 3000 + static_cast<double>(i));
  }
  CHECK(results.metric("test/wide", 24, 1).values.back() == 24);
}

TEST_CASE("a trial file whose values are damaged is left out, and the others are merged") {
  const TemporaryFolder folder;
  write_trial(folder / "a.h5", header_of("a"), 2);
  {
    TrialFile file(working(folder / "b.h5"), header_of("b"));
    file.append(record_of(1));
    file.add_picture("samples", {}, picture_of(1, 100, 100));
    file.publish(TrialState::done, "", folder / "b.h5", true);
  }
  // The compressed picture is the only thing that is not read before the merge begins to write.
  const std::string good = bytes_of(folder / "b.h5");
  write_bytes(folder / "c.h5", good);
  std::string bytes = good;
  const std::size_t picture = bytes.find("\x78\x5e");
  REQUIRE(picture != std::string::npos);
  bytes.replace(picture, 20, std::string(20, '\xff'));
  write_bytes(folder / "b.h5", bytes);
  const std::vector<PlannedTrial> plan = {{"b", folder / "b.h5"}, {"a", folder / "a.h5"}};
  const bool is_known = GENERATE(true, false);
  if (is_known) merge(experiment_info(), {{"b", folder / "c.h5"}}, folder / "m.h5");
  {
    // Coloured in one trial, so that pictures are inflated and not copied as they are.
    TrialFile file(working(folder / "d.h5"), header_of("d"));
    file.append(record_of(1));
    file.add_picture("samples", {}, picture_of(1, 100, 100, 3));
    file.publish(TrialState::done, "", folder / "d.h5", true);
  }
  const MergeReport report =
      merge(experiment_info(), {plan[0], plan[1], {"d", folder / "d.h5"}}, folder / "m.h5");
  REQUIRE(report.problems.size() == 1);
  CHECK(contains(report.problems[0], folder / "b.h5"));
  CHECK(report.missing == (is_known ? std::vector<std::string>{} : std::vector<std::string>{"b"}));
  CHECK(report.carried == (is_known ? 1 : 0));
  const Results results = open_results(folder / "m.h5");
  CHECK(results.size() == (is_known ? 3 : 2));
  CHECK(results.trials()[is_known ? 1 : 0].id == "a");
  CHECK(results.trials()[is_known ? 1 : 0].epochs_done == 2);
}

TEST_CASE("two who merge at once both leave a whole file") {
  const TemporaryFolder folder;
  std::vector<PlannedTrial> plan;
  for (int i = 0; i < 20; ++i) {
    plan.push_back({"t" + std::to_string(i), folder / ("t" + std::to_string(i) + ".h5")});
    write_trial(plan.back().path, header_of(plan.back().id), 2);
  }
  std::vector<pid_t> children;
  for (int child = 0; child < 2; ++child) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    int code = 0;
    try {
      for (int i = 0; i < 10; ++i) {
        merge(experiment_info(), plan, folder / "m.h5");
        if (open_results(folder / "m.h5").size() != plan.size()) code = 1;
      }
    } catch (const std::exception&) {
      code = 2;
    }
    ::_exit(code);
  }
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(open_results(folder / "m.h5").size() == plan.size());
  CHECK(folder.files().size() == plan.size() + 1);
}

TEST_CASE("two who merge different trials at once lose no row of each other") {
  const TemporaryFolder folder;
  constexpr int kRounds = 8;
  std::vector<std::vector<PlannedTrial>> plans(2);
  std::vector<std::string> all;
  for (const std::string name : {"a", "b"}) {
    for (int i = 0; i < 4; ++i) {
      all.push_back(name + std::to_string(i));
      const auto path = folder / (all.back() + ".h5");
      write_trial(path, header_of(all.back()), 2);
      plans[name == "a" ? 0 : 1].push_back({all.back(), path});
    }
  }
  const auto merged = [&](int round) { return folder / ("m" + std::to_string(round) + ".h5"); };
  const auto good = varia::files::races(2, kRounds, [&](int round, int who) {
    const auto report =
        merge(experiment_info(), plans[static_cast<std::size_t>(who)], merged(round));
    return report.problems.empty() && report.missing.empty();
  });
  CHECK(good == std::vector<int>(kRounds, 2));
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::string> found;
    const Results results = open_results(merged(round));
    for (const TrialInfo& row : results.trials()) found.push_back(row.id);
    std::sort(found.begin(), found.end());
    CHECK(found == all);
  }
  CHECK(folder.files().size() == all.size() + kRounds);
}

TEST_CASE("equal content gives equal bytes") {
  const TemporaryFolder folder;
  write_trial(folder / "a.h5", header_of("a"), 2);
  merge(experiment_info(), {{"a", folder / "a.h5"}}, folder / "m.h5");
  merge(experiment_info(), {{"a", folder / "a.h5"}}, folder / "n.h5");
  CHECK(bytes_of(folder / "m.h5") == bytes_of(folder / "n.h5"));
}

TEST_CASE("no name of a view or a curve can meet what the merged file adds to other ones") {
  const TemporaryFolder folder;
  for (const std::string id : {"a", "b"}) {
    TrialFile file(working(folder / (id + ".h5")), header_of(id));
    file.append(record_of(1));
    // All fields of the layouts differ.
    const std::int64_t n = id == "a" ? 1 : 2;
    file.add_picture("v", {n, n, n, n, n}, labelled_picture_of(1, 2, 2));
    file.add_points("v", points_of(1, 3));
    file.publish(TrialState::done, "", folder / (id + ".h5"), true);
  }
  merge(experiment_info(), {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}}, folder / "m.h5");
  const auto root = hdf5::open_file(folder / "m.h5");
  for (const std::string group : {"views", "points"}) {
    const auto names = hdf5::names(hdf5::open_group(root, group));
    CHECK(names.size() > 5);
    for (const auto& name : names) {
      INFO(name);
      CHECK(error_of([&, name] { check_view_name(name); }).empty() == (name == "v"));
    }
  }
  for (const auto& name : hdf5::names(hdf5::open_group(root, "steps"))) {
    INFO(name);
    CHECK(error_of([&, name] { check_curve_name(name); }).empty() == (name == "train_loss"));
  }
}

TEST_CASE("a metric may have the name of another one's axis") {
  const TemporaryFolder folder;
  {
    auto header = header_of("a");
    header.metrics["test/m"] = {.axes = {"k"}};
    TrialFile file(working(folder / "a.h5"), header);
    auto record = record_of(1);
    record.metrics["test"]["m"] = {{2}, {1, 2}};
    record.metrics["test"]["m_k"] = Array::scalar(3);
    file.append(record);
    file.publish(TrialState::done, "", folder / "a.h5", true);
  }
  merge(experiment_info(), {{"a", folder / "a.h5"}}, folder / "m.h5");
  const auto results = open_results(folder / "m.h5");
  CHECK(results.metric("test/m", 0, 1).values == std::vector<double>{1, 2});
  CHECK(results.final_values("test/m_k") == std::vector<double>{3});
}

TEST_CASE("the tallest picture of one trial and the widest one of another share a frame",
          "[slow]") {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& id, std::int64_t height, std::int64_t width) {
    TrialFile file(working(folder / (id + ".h5")), header_of(id));
    file.append(record_of(1));
    file.add_picture("v", {}, picture_of(1, height, width));
    file.publish(TrialState::done, "", folder / (id + ".h5"), true);
  };
  write("a", kMaxStoredSide, 1);
  write("b", 1, kMaxStoredSide);
  const auto report =
      merge(experiment_info(), {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}}, folder / "m.h5");
  CHECK(report.problems.empty());
  const Results results = open_results(folder / "m.h5");
  REQUIRE(results.size() == 2);
  for (std::size_t row = 0; row < 2; ++row) {
    const auto picture = results.picture("v", row, 0);
    CHECK(std::max(picture.height, picture.width) == kMaxStoredSide);
    CHECK(picture.pixels == picture_of(1, picture.height, picture.width).pixels);
  }
}
