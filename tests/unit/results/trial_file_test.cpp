#include "results/trial/trial_file.hpp"

#include <cmath>
#include <filesystem>

#include "results/trial/trial_reader.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia::results;

TEST_CASE("a trial reads back as it was written") {
  const TemporaryFolder folder;
  const std::string path = folder / "trials/ab/abcd.h5";
  TrialFile file(working(path), header_of("abcd"));
  const EpochRecord first = record_of(1);
  EpochRecord second = record_of(2);
  second.metrics["test"]["elbo"] = Array::scalar(-INFINITY);
  file.append(first);
  file.append(second);
  const ViewLayout layout{2, 3, 28, 28, 1};
  file.add_picture("samples", layout, picture_of(1, 7, 5));
  file.add_picture("samples", layout, picture_of(2, 7, 5));
  file.add_picture("colour", layout, labelled_picture_of(2, 4, 6));
  file.add_points("plane", points_of(2, 11));
  file.publish(TrialState::done, "", path, true);

  const Trial trial = read_trial(path);
  CHECK(trial.header.status == TrialState::done);
  CHECK(trial.header.error.empty());
  const TrialHeader header = header_of("abcd");
  CHECK(trial.header.id == header.id);
  CHECK(trial.header.experiment == header.experiment);
  CHECK(trial.header.seed == header.seed);
  CHECK(trial.header.replicate == header.replicate);
  CHECK(trial.header.host == header.host);
  CHECK(trial.header.cpu == header.cpu);
  CHECK(trial.header.versions == header.versions);
  CHECK(trial.header.config == header.config);
  CHECK(trial.header.target_epochs == header.target_epochs);
  CHECK(trial.header.parameters == header.parameters);
  CHECK(trial.header.metrics.at("test/elbo") == header.metrics.at("test/elbo"));
  CHECK(trial.header.metrics.at("test/kl_per_dim_z").axes == std::vector<std::string>{"latent"});

  REQUIRE(trial.epochs.size() == 2);
  CHECK(trial.epochs[0].epoch == 1);
  CHECK(trial.epochs[0].seconds == first.seconds);
  CHECK(trial.epochs[0].metrics == first.metrics);
  CHECK(trial.epochs[0].schedules == first.schedules);
  CHECK(trial.epochs[0].steps == first.steps);
  CHECK(trial.epochs[1].metrics == second.metrics);
  CHECK(trial.epochs[1].steps == second.steps);

  REQUIRE(trial.views.count("samples") == 1);
  CHECK(trial.views.at("samples").layout == layout);
  CHECK(trial.views.at("samples").pictures ==
        std::vector<Picture>{picture_of(1, 7, 5), picture_of(2, 7, 5)});
  CHECK(trial.views.at("colour").pictures == std::vector<Picture>{labelled_picture_of(2, 4, 6)});
  CHECK(trial.points.at("plane") == std::vector<Points>{points_of(2, 11)});
}

TEST_CASE("a header says what a trial is and which metrics it has") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  TrialFile file(working(path), header_of("t"));
  file.append(record_of(1));
  file.publish(TrialState::failed, "the loss is nan in step 7", path, true);
  const TrialHeader header = read_trial_header(path);
  CHECK(header.status == TrialState::failed);
  CHECK(header.error == "the loss is nan in step 7");
  CHECK(header.epochs_done == 1);
  CHECK(header.config == header_of("t").config);
  CHECK(header.parameters == header_of("t").parameters);
  std::vector<std::string> metrics;
  for (const auto& [name, info] : header.metrics) metrics.push_back(name);
  CHECK(metrics == std::vector<std::string>{"test/elbo", "test/kl_per_dim_z", "train/loss"});
}

TEST_CASE("a metric that an epoch did not record reads as NaN") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  TrialFile file(working(path), header_of("t"));
  EpochRecord first = record_of(1);
  first.metrics["test"].erase("kl_per_dim_z");
  file.append(first);
  file.commit();
  EpochRecord second = record_of(2);
  second.metrics["test"]["nll"] = Array::scalar(90);
  file.append(second);
  file.publish(TrialState::done, "", path, true);
  const Trial trial = read_trial(path);
  CHECK(std::isnan(trial.epochs[0].metrics.at("test").at("nll").values[0]));
  CHECK(std::isnan(trial.epochs[0].metrics.at("test").at("kl_per_dim_z").values[1]));
  CHECK(trial.epochs[1].metrics.at("test").at("nll") == Array::scalar(90));
}

TEST_CASE("an array of many values that is measured once takes the place of one") {
  const TemporaryFolder folder;
  const std::string path = folder / "trials/ab/abcd.h5";
  TrialFile file(working(path), header_of("abcd"));
  std::vector<double> values;
  for (int i = 0; i < 2000; ++i) values.push_back(std::sin(i));
  for (int epoch = 1; epoch <= 200; ++epoch) {
    EpochRecord record = record_of(epoch);
    if (epoch == 200) record.metrics["test"]["nll_per_image"] = {{2000}, values};
    file.append(record);
  }
  file.publish(TrialState::done, "", path, true);
  CHECK(std::filesystem::file_size(path) < 20 * 2000 * sizeof(double));
  const Trial trial = read_trial(path);
  CHECK(trial.epochs.back().metrics.at("test").at("nll_per_image").values == values);
  CHECK(std::isnan(trial.epochs.front().metrics.at("test").at("nll_per_image").values.front()));
  CHECK(trial.epochs.front().metrics.at("test").at("elbo") ==
        record_of(1).metrics.at("test").at("elbo"));
}

TEST_CASE("a trial that failed before its first epoch can be read") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  TrialHeader header = header_of("t");
  header.parameters.clear();
  TrialFile file(working(path), header);
  file.publish(TrialState::failed, "no memory", path, true);
  const Trial trial = read_trial(path);
  CHECK(trial.epochs.empty());
  CHECK(trial.header.parameters.empty());
  CHECK(trial.header.error == "no memory");
}

TEST_CASE("a file that may not be replaced any more stays, and the new one is where it was made") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  TrialFile first(working(path), header_of("first"));
  first.publish(TrialState::done, "", path, true);
  TrialFile second(working(path), header_of("second"));
  second.append(record_of(1));
  CHECK_FALSE(second.publish(TrialState::done, "", path, true, [&] {
    // All is written when this is asked.
    CHECK(std::filesystem::exists(working(path) + ".tmp"));
    return false;
  }));
  CHECK(read_trial(path).header.id == "first");
  CHECK(read_trial(working(path)).header.id == "second");
  CHECK(second.publish(TrialState::done, "", path, true, [] { return true; }));
  CHECK(read_trial(path).header.id == "second");
}

TEST_CASE("what is appended appears at the next commit and not before") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  TrialFile file(path, header_of("t"));
  CHECK_FALSE(std::filesystem::exists(path));
  file.append(record_of(1));
  file.commit();
  file.append(record_of(2));
  CHECK(read_trial(path).epochs.size() == 1);
  CHECK(read_trial(path).header.status == TrialState::partial);
  file.commit();
  CHECK(read_trial(path).epochs.size() == 2);
  CHECK(folder.files() == std::vector<std::string>{"t.h5"});
}

TEST_CASE("the file does not depend on how often it was committed") {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name, bool commit_each) {
    TrialFile file(working(folder / name), header_of("t"));
    for (int epoch = 1; epoch <= 4; ++epoch) {
      file.append(record_of(epoch));
      file.add_picture("samples", {}, picture_of(epoch, 20, 30));
      file.add_points("plane", points_of(epoch, 5));
      if (commit_each) file.commit();
    }
    file.publish(TrialState::done, "", folder / name, true);
    return read_trial(folder / name);
  };
  const Trial one = write("one.h5", false);
  const Trial many = write("many.h5", true);
  CHECK(one.views == many.views);
  CHECK(one.points == many.points);
  REQUIRE(one.epochs.size() == many.epochs.size());
  for (std::size_t i = 0; i < one.epochs.size(); ++i) {
    CHECK(one.epochs[i].metrics == many.epochs[i].metrics);
  }
  write("again.h5", false);
  CHECK(bytes_of(folder / "one.h5") == bytes_of(folder / "again.h5"));
}

TEST_CASE("values can be added to an epoch that is there") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  TrialFile file(working(path), header_of("t"));
  file.append(record_of(1));
  EpochRecord more;
  more.epoch = 1;
  more.metrics["test"]["nll"] = Array::scalar(88);
  file.append(more);
  file.describe("test/nll", {"nats", "log p(x)", {}});
  file.publish(TrialState::done, "", path, true);
  const Trial trial = read_trial(path);
  REQUIRE(trial.epochs.size() == 1);
  CHECK(trial.epochs[0].seconds == 0.5);
  CHECK(trial.epochs[0].metrics.at("test").at("nll") == Array::scalar(88));
  CHECK(trial.epochs[0].metrics.at("test").at("elbo") == Array::scalar(-99));
  CHECK(trial.header.metrics.at("test/nll").bound == "log p(x)");
}
