#include "results/trial/trial_file.hpp"
#include "results/trial/trial_reader.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia::results;

TEST_CASE("a finished trial is published in one piece, and its working file goes") {
  const TemporaryFolder folder;
  const std::string path = folder / "trials/00/t.h5";
  const std::string under_way = folder / "checkpoints/t/trial.1.h5";
  const bool is_committed_before = GENERATE(true, false);
  TrialFile file(under_way, header_of("t"));
  file.append(record_of(1));
  file.add_picture("samples", {}, picture_of(1, 3, 3));
  if (is_committed_before) {
    file.commit();
    CHECK(read_trial(under_way).header.status == TrialState::partial);
    CHECK(read_trial_info(under_way).epochs_done == 1);
  }
  file.append(record_of(2));
  CHECK(file.publish(TrialState::done, "", path, false));
  const Trial trial = read_trial(path);
  CHECK(trial.header.status == TrialState::done);
  CHECK(trial.epochs.size() == 2);
  CHECK(trial.views.at("samples").pictures.at(0) == picture_of(1, 3, 3));
  CHECK(folder.files() == std::vector<std::string>{"t.h5"});
  CHECK(contains(error_of([&] { file.commit(); }), "is finished"));
  CHECK(contains(error_of([&] { file.publish(TrialState::done, "", path, true); }), "is finished"));
}

TEST_CASE("the second to publish a trial changes nothing") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  write_trial(path, header_of("t"), 2);
  const std::string before = bytes_of(path);
  const std::string under_way = folder / "trial.2.h5";
  TrialFile file(under_way, header_of("t"));
  file.append(record_of(1, -50));
  file.add_picture("samples", {}, picture_of(1, 3, 3));
  CHECK_FALSE(file.publish(TrialState::done, "", path, false));
  CHECK(bytes_of(path) == before);
  CHECK(read_trial(under_way).header.status == TrialState::done);
  CHECK(folder.files() == std::vector<std::string>{"t.h5", "trial.2.h5"});
  // What was published may be of less worth: then it is replaced after all.
  CHECK(file.publish(TrialState::done, "", path, true));
  CHECK(read_trial(path).views.at("samples").pictures.at(0) == picture_of(1, 3, 3));
  CHECK(folder.files() == std::vector<std::string>{"t.h5"});
}

TEST_CASE("a published trial is replaced where that is asked for") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  const TrialState before = GENERATE(TrialState::done, TrialState::failed, TrialState::partial);
  write_trial(path, header_of("t"), 3, before);
  TrialFile file(working(path), header_of("t"));
  file.append(record_of(1, -50));
  CHECK(file.publish(TrialState::done, "", path, true));
  CHECK(read_trial(path).epochs.size() == 1);
  CHECK(folder.files() == std::vector<std::string>{"t.h5"});
}

TEST_CASE("a trial that failed replaces one that failed, but none that is done") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  const TrialState before = GENERATE(TrialState::done, TrialState::failed);
  write_trial(path, header_of("t"), 2, before);
  const std::string bytes = bytes_of(path);
  TrialFile file(working(path), header_of("t"));
  for (int epoch = 1; epoch <= 5; ++epoch) file.append(record_of(epoch));
  if (before == TrialState::failed) {
    CHECK(file.publish(TrialState::failed, "loss is nan", path, true));
    CHECK(read_trial(path).epochs.size() == 5);
    CHECK(folder.files() == std::vector<std::string>{"t.h5"});
  } else {
    CHECK_FALSE(file.publish(TrialState::failed, "loss is nan", path, true));
    CHECK(bytes_of(path) == bytes);
    CHECK(read_trial(working(path)).header.status == TrialState::failed);
  }
}

TEST_CASE("a damaged file in the place of a trial is replaced, not respected") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  write_bytes(path, GENERATE(as<std::string>{}, "", "not HDF5 at all"));
  CHECK_THROWS_AS(read_trial_info(path), varia::StoreError);
  write_trial(path, header_of("t"), 1, TrialState::failed);
  CHECK(read_trial(path).header.status == TrialState::failed);
}

TEST_CASE("a trial cannot be published where it is in progress") {
  const TemporaryFolder folder;
  TrialFile file(folder / "t.h5", header_of("t"));
  file.commit();
  const std::string message =
      error_of([&] { file.publish(TrialState::done, "", folder / "t.h5", true); });
  CHECK(contains(message, "is where the trial is in progress"));
  CHECK(read_trial(folder / "t.h5").header.status == TrialState::partial);
}

TEST_CASE("the temporary file of a writer that was killed is removed at the start") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  write_trial(path, header_of("t"), 2);
  write_bytes(path + ".tmp", "half a file");
  CHECK(read_trial(path).epochs.size() == 2);
  const TrialFile file(path, header_of("t"));
  CHECK(folder.files() == std::vector<std::string>{"t.h5"});
}

TEST_CASE("a trial continues after an epoch, without what came later, in a file of its own") {
  const TemporaryFolder folder;
  const std::string from = folder / "trial.1.h5";
  {
    TrialFile file(from, header_of("t"));
    for (int epoch = 1; epoch <= 3; ++epoch) {
      file.append(record_of(epoch));
      file.add_picture("samples", {1, 2, 3, 4, 5}, picture_of(epoch, 4, 4));
      file.add_points("plane", points_of(epoch, 3));
    }
    file.commit();
  }
  const std::string before = bytes_of(from);
  const std::string path = GENERATE(true, false) ? folder / "trial.2.h5" : from;
  TrialHeader header = header_of("t");
  header.token = 2;
  TrialFile file = TrialFile::resume(from, path, header, 2);
  CHECK(file.epochs() == 2);
  CHECK(bytes_of(from) == before);
  file.append(record_of(3, -10));
  file.add_picture("samples", {1, 2, 3, 4, 5}, picture_of(3, 5, 5));
  file.commit();
  CHECK((bytes_of(from) == before) == (from != path));
  CHECK(read_trial(path).epochs.size() == 3);
  CHECK(file.publish(TrialState::done, "", folder / "t.h5", false));
  CHECK(std::filesystem::exists(from) == (from != path));
  const Trial trial = read_trial(folder / "t.h5");
  REQUIRE(trial.epochs.size() == 3);
  CHECK(trial.header.token == 2);
  CHECK(trial.epochs[1].metrics == record_of(2).metrics);
  CHECK(trial.epochs[2].metrics.at("test").at("elbo") == Array::scalar(-7));
  CHECK(trial.epochs[2].steps == record_of(3).steps);
  CHECK(trial.views.at("samples").pictures ==
        std::vector<Picture>{picture_of(1, 4, 4), picture_of(2, 4, 4), picture_of(3, 5, 5)});
  CHECK(trial.points.at("plane") == std::vector<Points>{points_of(1, 3), points_of(2, 3)});
  CHECK(trial.header.metrics.at("test/elbo").bound == "log p(x)");
  CHECK(trial.header.metrics.at("test/elbo").better == varia::Better::higher);
}

TEST_CASE("a trial cannot continue from another trial, or after an epoch it lacks") {
  const TemporaryFolder folder;
  const std::string from = folder / "t.h5";
  const std::string path = folder / "u.h5";
  write_trial(from, header_of("t"), 2);
  CHECK(contains(error_of([&] { TrialFile::resume(from, path, header_of("u"), 1); }),
                 "holds trial t, not u"));
  CHECK(contains(error_of([&] { TrialFile::resume(from, path, header_of("t"), 3); }),
                 "has 2 epochs"));
  CHECK(contains(error_of([&] { TrialFile::resume(folder / "no.h5", path, header_of("t"), 3); }),
                 "No such file"));
}
