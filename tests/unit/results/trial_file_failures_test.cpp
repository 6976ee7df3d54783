#include <sys/mount.h>
#include <sys/stat.h>

#include <cmath>

#include "results/trial/trial_file.hpp"
#include "results/trial/trial_reader.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia::results;

namespace {

/// A file system of one MiB; only root can have one.
class SmallDisk {
 public:
  SmallDisk() : mounted_(::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=1m") == 0) {}
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const {
    if (!mounted_) WARN("SKIP: no right to mount a small tmpfs here");
    return mounted_;
  }
  std::string operator/(const std::string& name) const { return folder_ / name; }
  std::vector<std::string> files() const { return folder_.files(); }

 private:
  TemporaryFolder folder_;
  bool mounted_;
};

Picture noise(std::int64_t side) {
  Picture picture{1, side, side, 1, {}, ""};
  std::uint32_t state = 1;
  for (std::int64_t i = 0; i < side * side; ++i) {
    state = state * 1664525U + 1013904223U;
    picture.pixels.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  return picture;
}

}  // namespace

TEST_CASE("a full disk leaves the committed trial and no temporary file") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  const std::string path = disk / "t.h5";
  TrialFile file(path, header_of("t"));
  file.append(record_of(1));
  file.commit();
  const std::string before = bytes_of(path);
  file.append(record_of(2));

  SECTION("when pictures fill it") {
    for (int i = 0; i < 5; ++i) file.add_picture("samples", {}, noise(600));
  }
  SECTION("when tables fill it") {
    EpochRecord more;
    more.epoch = 2;
    std::vector<double> values;  // that cannot be packed
    for (int i = 0; i < 200000; ++i) values.push_back(std::sin(i));
    more.metrics["test"]["large"] = {{200000}, values};
    file.append(more);
  }
  SECTION("when small things fill it") {
    EpochRecord more;
    more.epoch = 2;
    for (int i = 0; i < 4000; ++i) more.steps["curve" + std::to_string(i)] = {{1, 2.0}};
    file.append(more);
  }
  const std::string message = error_of([&] { file.commit(); });
  INFO(message);
  CHECK(contains(message, path));
  CHECK(contains(message, "No space left on device"));
  CHECK(bytes_of(path) == before);
  CHECK(read_trial(path).epochs.size() == 1);
  CHECK(disk.files() == std::vector<std::string>{"t.h5"});
}

TEST_CASE("a commit that failed can be repeated when there is room again") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  write_bytes(disk / "ballast", std::string(900 * 1024, 'x'));
  TrialFile file(working(disk / "t.h5"), header_of("t"));
  file.append(record_of(1));
  file.add_picture("samples", {}, noise(400));
  CHECK_THROWS_AS(file.commit(), varia::StoreError);
  std::filesystem::remove(disk / "ballast");
  file.publish(TrialState::done, "", disk / "t.h5", true);
  CHECK(read_trial(disk / "t.h5").views.at("samples").pictures.at(0) == noise(400));
}

TEST_CASE("a full disk leaves the published trial, and the new one where it was") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  write_trial(disk / "t.h5", header_of("t"), 1);
  const std::string published = bytes_of(disk / "t.h5");
  TrialFile file(disk / "trial.2.h5", header_of("t"));
  file.append(record_of(1));
  file.commit();
  const std::string committed = bytes_of(disk / "trial.2.h5");
  file.append(record_of(2));
  for (int i = 0; i < 2; ++i) file.add_picture("samples", {}, noise(450));
  write_bytes(disk / "ballast", std::string(700 * 1024, 'x'));
  const bool replace = GENERATE(true, false);
  const std::string target = replace ? disk / "t.h5" : disk / "new.h5";
  const std::string message =
      error_of([&] { file.publish(TrialState::done, "", target, replace); });
  INFO(message);
  CHECK(contains(message, "No space left on device"));
  CHECK(bytes_of(disk / "t.h5") == published);
  CHECK(bytes_of(disk / "trial.2.h5") == committed);
  CHECK(disk.files() == std::vector<std::string>{"ballast", "t.h5", "trial.2.h5"});

  std::filesystem::remove(disk / "ballast");
  file.commit();
  CHECK(read_trial(disk / "trial.2.h5").header.status == TrialState::partial);
  CHECK(file.publish(TrialState::done, "", target, replace));
  CHECK(read_trial(target).views.at("samples").pictures.size() == 2);
  CHECK_FALSE(std::filesystem::exists(disk / "trial.2.h5"));
}

TEST_CASE("a folder of results that cannot be written to leaves the trial where it was") {
  const TemporaryFolder folder;
  const std::string path = folder / "trial.1.h5";
  TrialFile file(path, header_of("t"));
  file.append(record_of(1));
  file.commit();
  const bool replace = GENERATE(true, false);
  const std::string message =
      error_of([&] { file.publish(TrialState::done, "", "/proc/trials/t.h5", replace); });
  INFO(message);
  CHECK(contains(message, "/proc/trials"));
  CHECK(read_trial(path).header.status == TrialState::partial);
  CHECK(folder.files() == std::vector<std::string>{"trial.1.h5"});
  CHECK(file.publish(TrialState::done, "", folder / "t.h5", replace));
}

TEST_CASE("a full disk leaves the merged file as it was") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  const TemporaryFolder folder;
  write_trial(folder / "a.h5", header_of("a"), 2);
  merge(experiment_info(), {{"a", folder / "a.h5"}}, disk / "sweep.h5");
  const std::string before = bytes_of(disk / "sweep.h5");
  TrialFile file(working(folder / "b.h5"), header_of("b"));
  for (int i = 0; i < 5; ++i) file.add_picture("samples", {}, noise(600));
  file.publish(TrialState::done, "", folder / "b.h5", true);
  const std::string message = error_of([&] {
    merge(experiment_info(), {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}}, disk / "sweep.h5");
  });
  INFO(message);
  CHECK(contains(message, "No space left on device"));
  CHECK(bytes_of(disk / "sweep.h5") == before);
  CHECK(disk.files() == std::vector<std::string>{"sweep.h5"});
}

TEST_CASE("a folder that cannot be made or written is named in the error") {
  const TemporaryFolder folder;
  write_bytes(folder / "file", "");
  TrialFile below_file(folder / "file/t.h5", header_of("t"));
  CHECK(contains(error_of([&] { below_file.commit(); }), "cannot be made"));
  TrialFile in_proc("/proc/t.h5", header_of("t"));
  CHECK(contains(error_of([&] { in_proc.commit(); }), "/proc/t.h5"));
  std::filesystem::create_directory(folder / "t.h5");
  TrialFile on_folder(folder / "t.h5", header_of("t"));
  CHECK(contains(error_of([&] { on_folder.commit(); }), "is a folder"));
}

TEST_CASE("what does not fit together is refused and nothing of it is kept") {
  const TemporaryFolder folder;
  TrialFile file(working(folder / "t.h5"), header_of("t"));
  CHECK(contains(error_of([&] { file.append(record_of(2)); }), "the next one is 1"));
  file.append(record_of(1));
  CHECK(contains(error_of([&] { file.append(record_of(2, 0, 3)); }),
                 "test/kl_per_dim_z had the shape [2] and has [3] in epoch 2"));
  EpochRecord wrong;
  wrong.epoch = 2;
  wrong.metrics["test"]["x"] = {{2, 2}, {1, 2, 3}};
  CHECK(contains(error_of([&] { file.append(wrong); }), "3 values do not fill the shape [2,2]"));
  wrong.metrics["test"] = {{"a/b", Array::scalar(1)}};
  CHECK(contains(error_of([&] { file.append(wrong); }), "metric 'a/b' cannot be stored"));
  wrong.metrics["test"] = {{"seed", Array::scalar(1)}};
  CHECK(contains(error_of([&] { file.append(wrong); }), "another name"));
  CHECK(file.epochs() == 1);

  Picture picture = picture_of(1, 2, 2);
  picture.pixels.pop_back();
  CHECK(contains(error_of([&] { file.add_picture("v", {}, picture); }), "2 x 2 x 1 with 3 bytes"));
  CHECK_THROWS_AS(file.add_picture("v", {}, Picture{1, 0, 4, 1, {}, ""}), varia::TrialError);
  CHECK_THROWS_AS(file.add_picture("../v", {}, picture_of(1, 2, 2)), varia::TrialError);
  file.add_picture("v", {1, 1, 2, 2, 0}, picture_of(1, 2, 2));
  CHECK(contains(error_of([&] {
                   file.add_picture("v", {2, 1, 2, 2, 0}, picture_of(1, 2, 2));
                 }),
                 "differ in their layout"));
  Points points = points_of(1, 3);
  points.labels.pop_back();
  CHECK(contains(error_of([&] { file.add_points("p", points); }), "6 coordinates for 2 labels"));

  file.publish(TrialState::done, "", folder / "t.h5", true);
  CHECK(contains(error_of([&] { file.append(record_of(2)); }), "is finished"));
  CHECK(read_trial(folder / "t.h5").epochs.size() == 1);
}

TEST_CASE(
    "what cannot be stored is an error of the trial, which can still be published as failed") {
  const TemporaryFolder folder;
  TrialFile file(working(folder / "t.h5"), header_of("t"));
  file.append(record_of(1));
  CHECK_THROWS_AS(file.add_picture("v", {}, picture_of(1, 8, 81962)), varia::TrialError);
  CHECK_THROWS_AS(file.add_picture("a b", {}, picture_of(1, 2, 2)), varia::TrialError);
  CHECK_THROWS_AS(file.add_picture("v_height", {}, picture_of(1, 2, 2)), varia::TrialError);
  CHECK_THROWS_AS(file.add_points("frame", points_of(1, 2)), varia::TrialError);
  EpochRecord record = record_of(2);
  record.metrics["test"]["a b"] = Array::scalar(1);
  CHECK_THROWS_AS(file.append(record), varia::TrialError);
  record = record_of(2, 0, 7);
  CHECK_THROWS_AS(file.append(record), varia::TrialError);
  record = record_of(2);
  record.steps["a/b"] = {{1, 1.0}};
  CHECK_THROWS_AS(file.append(record), varia::TrialError);
  CHECK_THROWS_AS(file.describe("test/a b", {}), varia::TrialError);
  CHECK(file.publish(TrialState::failed, "a picture cannot be stored", folder / "t.h5", false));
  CHECK(read_trial(folder / "t.h5").epochs.size() == 1);
  CHECK(read_trial(folder / "t.h5").views.empty());
}
