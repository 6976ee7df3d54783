#include "store/trial_file.hpp"
#include "store/trial_reader.hpp"
#include "store_fixtures.hpp"
#include "support/catch.hpp"

using namespace varia::store;

TEST_CASE("a finished trial stays until a new run has as many epochs") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  write_trial(path, header_of("t"), 2);
  const std::string before = bytes_of(path);
  TrialFile file(path, header_of("t"));
  file.append(record_of(1, -50));
  file.add_picture("samples", {}, picture_of(1, 3, 3));
  file.commit();
  CHECK(bytes_of(path) == before);
  CHECK_FALSE(file.published());
  file.append(record_of(2, -50));
  file.commit();
  CHECK(file.published());
  const Trial trial = read_trial(path);
  CHECK(trial.status == Status::partial);
  CHECK(trial.epochs[1].metrics.at("test").at("elbo") == Array::scalar(-48));
  CHECK(trial.views.at("samples").pictures.size() == 1);
  CHECK(folder.files() == std::vector<std::string>{"t.h5"});
}

TEST_CASE("a finished trial is replaced by a shorter one that finishes") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  write_trial(path, header_of("t"), 5);
  write_trial(path, header_of("t"), 2);
  CHECK(read_trial(path).epochs.size() == 2);
  CHECK(folder.files() == std::vector<std::string>{"t.h5"});
}

TEST_CASE("a run that fails early leaves the finished trial as it was") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  write_trial(path, header_of("t"), 2);
  const std::string before = bytes_of(path);
  TrialFile file(path, header_of("t"));
  file.append(record_of(1));
  file.commit();
  file.finish(Status::failed, "loss is nan");
  CHECK_FALSE(file.published());
  CHECK(bytes_of(path) == before);
  CHECK(folder.files() == std::vector<std::string>{"t.h5"});
}

TEST_CASE("a trial that is not finished is replaced at the first commit") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  const Status status = GENERATE(Status::partial, Status::failed);
  write_trial(path, header_of("t"), 3, status);
  TrialFile file(path, header_of("t"));
  file.append(record_of(1));
  CHECK(read_trial(path).epochs.size() == 3);
  file.commit();
  CHECK(read_trial(path).epochs.size() == 1);
}

TEST_CASE("a damaged trial file is replaced at the first commit") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  write_bytes(path, "not HDF5 at all");
  write_trial(path, header_of("t"), 1);
  CHECK(read_trial(path).epochs.size() == 1);
}

TEST_CASE("temporary files of a writer that was killed are removed at the start") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  write_trial(path, header_of("t"), 2);
  write_bytes(path + ".tmp", "half a file");
  write_bytes(path + ".next", "a commit that was not finished");
  write_bytes(path + ".next.tmp", "half of one");
  CHECK(read_trial(path).epochs.size() == 2);
  const TrialFile file(path, header_of("t"));
  CHECK(folder.files() == std::vector<std::string>{"t.h5"});
}

TEST_CASE("a trial continues after an epoch, without what came later") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  {
    TrialFile file(path, header_of("t"));
    for (int epoch = 1; epoch <= 3; ++epoch) {
      file.append(record_of(epoch));
      file.add_picture("samples", {1, 2, 3, 4, 5}, picture_of(epoch, 4, 4));
      file.add_points("plane", points_of(epoch, 3));
    }
    file.commit();
  }
  TrialFile file = TrialFile::resume(path, header_of("t"), 2);
  CHECK(file.epochs() == 2);
  CHECK(read_trial(path).epochs.size() == 3);
  file.append(record_of(3, -10));
  file.add_picture("samples", {1, 2, 3, 4, 5}, picture_of(3, 5, 5));
  file.finish(Status::done);
  const Trial trial = read_trial(path);
  REQUIRE(trial.epochs.size() == 3);
  CHECK(trial.epochs[1].metrics == record_of(2).metrics);
  CHECK(trial.epochs[2].metrics.at("test").at("elbo") == Array::scalar(-7));
  CHECK(trial.epochs[2].steps == record_of(3).steps);
  CHECK(trial.views.at("samples").pictures ==
        std::vector<Picture>{picture_of(1, 4, 4), picture_of(2, 4, 4), picture_of(3, 5, 5)});
  CHECK(trial.points.at("plane") == std::vector<Points>{points_of(1, 3), points_of(2, 3)});
  CHECK(trial.header.metrics.at("test/elbo").bound == "log p(x)");
}

TEST_CASE("a trial cannot continue from another trial, or after an epoch it lacks") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  write_trial(path, header_of("t"), 2);
  CHECK(contains(error_of([&] { TrialFile::resume(path, header_of("u"), 1); }),
                 "holds trial t, not u"));
  CHECK(contains(error_of([&] { TrialFile::resume(path, header_of("t"), 3); }), "has 2 epochs"));
  CHECK(contains(error_of([&] { TrialFile::resume(folder / "no.h5", header_of("t"), 3); }),
                 "No such file"));
}
