#include <fcntl.h>

#include <cerrno>

#include "hdf5/hdf5.hpp"
#include "results/file_frame.hpp"
#include "results/merged/check_merged.hpp"
#include "results/merged/results.hpp"
#include "results/tensors.hpp"
#include "results/trial/trial_reader.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"
#include "varia/host/descriptor.hpp"

using namespace varia::results;
namespace hdf5 = varia::hdf5;

namespace {

void write_with_views(const std::string& path, const std::string& id) {
  TrialFile file(working(path), header_of(id));
  for (int epoch = 1; epoch <= 2; ++epoch) file.append(record_of(epoch));
  file.add_picture("samples", {}, picture_of(1, 30, 30));
  file.add_points("plane", points_of(1, 5));
  file.publish(TrialState::done, "", path, true);
}

void flip_bit(const std::string& path, std::size_t byte, unsigned bit) {
  std::string bytes = bytes_of(path);
  bytes.at(byte) = static_cast<char>(static_cast<unsigned char>(bytes[byte]) ^ (1U << bit));
  write_bytes(path, bytes);
}

}  // namespace

TEST_CASE("a file that is shorter than it was has no end, and errno says that it cannot be read") {
  const TemporaryFolder folder;
  const std::string path = folder / "cut";
  write_bytes(path, std::string(100, 'x'));
  const varia::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  errno = 0;
  CHECK(end_bytes(file.number(), 101).empty());
  CHECK(errno == EIO);
  CHECK(end_bytes(file.number(), 100).size() == kEndSize);
}

TEST_CASE("one flipped bit anywhere in a trial file is found by whoever reads its values") {
  const TemporaryFolder folder;
  write_with_views(folder / "good.h5", "a");
  const std::size_t size = bytes_of(folder / "good.h5").size();
  const std::string path = folder / "a.h5";
  for (std::size_t byte = 0; byte < size; byte += 61) {
    write_bytes(path, bytes_of(folder / "good.h5"));
    flip_bit(path, byte, byte % 8);
    INFO(byte);
    CHECK_FALSE(is_intact(path).value_or(false));
    CHECK_THROWS_AS(read_trial(path), varia::StoreError);
  }
}

TEST_CASE("a merge leaves out a trial whose file was changed, names it, and takes the others") {
  const TemporaryFolder folder;
  write_with_views(folder / "a.h5", "a");
  write_with_views(folder / "b.h5", "b");
  const std::vector<PlannedTrial> plan = {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}};
  const bool is_merged_before = GENERATE(true, false);
  if (is_merged_before) merge(experiment_info(), plan, folder / "m.h5");
  // A pixel, or a number of the table.
  const std::string bytes = bytes_of(plan[0].path);
  const auto place =
      GENERATE_COPY(bytes.find("\x78\x5e") + 5, bytes.find(std::string("\x00\xc0\x58\xc0", 4)));
  REQUIRE(place < bytes.size());
  flip_bit(plan[0].path, place, 3);
  const MergeReport report = merge(experiment_info(), plan, folder / "m.h5");
  REQUIRE(report.problems.size() == 1);
  CHECK(contains(report.problems[0], plan[0].path + ": is damaged"));
  CHECK(report.unreadable == std::vector<std::string>{"a"});
  const Results results = open_results(folder / "m.h5");
  CHECK(results.size() == (is_merged_before ? 2 : 1));
  CHECK(results.trials().back().id == "b");
  CHECK(results.final_values("test/elbo").back() == -98);
}

TEST_CASE("one flipped bit in a merged file is found before anything of it is shown or merged") {
  const TemporaryFolder folder;
  write_with_views(folder / "a.h5", "a");
  const std::vector<PlannedTrial> plan = {{"a", folder / "a.h5"}};
  merge(experiment_info(), plan, folder / "good.h5");
  const std::size_t size = bytes_of(folder / "good.h5").size();
  const std::string path = folder / "m.h5";
  for (std::size_t byte = 0; byte < size - kEndSize; byte += 397) {
    write_bytes(path, bytes_of(folder / "good.h5"));
    flip_bit(path, byte, byte % 8);
    INFO(byte);
    CHECK(contains(error_of([&] { open_results(path); }), path + ": is damaged"));
    CHECK(contains(error_of([&] { read_merged_trials(path); }), path + ": is damaged"));
    CHECK(contains(error_of([&] { merge(experiment_info(), plan, path); }), "Nothing was merged"));
  }
}

TEST_CASE("a flipped bit of a compressed value is found even without the file's own checksum") {
  const TemporaryFolder folder;
  write_with_views(folder / "a.h5", "a");
  const std::string path = folder / "m.h5";
  merge(experiment_info(), {{"a", folder / "a.h5"}}, path);
  haddr_t address = 0;
  {
    const hdf5::Object root = hdf5::open_file(path);
    const hdf5::Handle dataset(H5Dopen2(root.id, "metrics/test/elbo", H5P_DEFAULT));
    const hsize_t start[] = {0, 0};
    hsize_t bytes = 0;
    unsigned mask = 0;
    const hdf5::Handle space(H5Dget_space(dataset));
    hsize_t offset[2];
    REQUIRE(H5Dget_chunk_info(dataset, space, 0, offset, &mask, &address, &bytes) >= 0);
    CHECK(offset[0] == start[0]);
  }
  flip_bit(path, address + 4, 0);
  seal(path);
  const Results results = open_results(path);
  CHECK_THROWS_AS(results.metric("test/elbo"), varia::StoreError);
  CHECK(results.metric("train/loss").values.size() == 2);
}

TEST_CASE("a results file that another program has added to is read and merged as before") {
  const TemporaryFolder folder;
  write_with_views(folder / "a.h5", "a");
  write_with_views(folder / "b.h5", "b");
  const std::string path = folder / "m.h5";
  merge(experiment_info(), {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}}, path);
  REQUIRE(is_intact(path) == true);
  {
    const hdf5::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    const hdf5::Handle space(H5Screate(H5S_SCALAR));
    const hdf5::Handle mine(
        H5Acreate2(file, "remark", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT));
    REQUIRE(mine.valid());
  }
  CHECK_FALSE(is_intact(path));
  CHECK(open_results(path).size() == 2);
  const MergeReport report = merge(experiment_info(), {{"a", folder / "a.h5"}}, path);
  CHECK(report.carried == 1);
  CHECK(is_intact(path) == true);
  CHECK(check_merged(open_results(path), {{"b", folder / "b.h5"}}) == std::vector<std::string>{""});
}

TEST_CASE("a file that was cut off anywhere in its last line is damaged") {
  const TemporaryFolder folder;
  write_with_views(folder / "a.h5", "a");
  merge(experiment_info(), {{"a", folder / "a.h5"}}, folder / "m.h5");
  for (const std::string& path : {folder / "a.h5", folder / "m.h5"}) {
    const std::string bytes = bytes_of(path);
    for (std::size_t cut = 1; cut < kEndSize; ++cut) {
      write_bytes(folder / "cut.h5", bytes.substr(0, bytes.size() - cut));
      CHECK_THROWS_AS(read_trial(folder / "cut.h5"), varia::StoreError);
      CHECK_THROWS_AS(open_results(folder / "cut.h5"), varia::StoreError);
    }
  }
}

TEST_CASE("a merged file that was cut short, or added to, says so by its bytes") {
  const TemporaryFolder folder;
  write_with_views(folder / "a.h5", "a");
  const std::vector<PlannedTrial> plan = {{"a", folder / "a.h5"}};
  const std::string path = folder / "m.h5";
  merge(experiment_info(), plan, path);
  const std::string bytes = bytes_of(path);
  const auto says = [&](const std::string& changed, const std::string& problem) {
    write_bytes(path, changed);
    const std::string shown = error_of([&] { open_results(path); });
    INFO(shown);
    CHECK(contains(shown, path + ": "));
    CHECK(contains(shown, problem + ". Move it away: varia merge makes it anew"));
    // One sentence after the other, and the advice once.
    const std::string merged = error_of([&] { merge(experiment_info(), plan, path); });
    INFO(merged);
    CHECK(contains(merged, problem + ". Nothing was merged"));
  };
  const std::string whole = std::to_string(bytes.size());
  says(bytes.substr(0, bytes.size() - 10),
       "is damaged: it is cut short: " + std::to_string(bytes.size() - 10) + " of " + whole +
           " bytes");
  says(bytes + "extra\n", "is damaged: 6 bytes were added behind its end");
  says(bytes.substr(0, 3000), "cannot be opened as HDF5: it is cut short: 3000 of " +
                                  std::to_string(bytes.size() - kEndSize) + " bytes");
  says("", "cannot be opened as HDF5: it is empty");
  says("notes on my results\n", "cannot be opened as HDF5: it is not an HDF5 file");
}

TEST_CASE("parameters whose file was changed are not loaded") {
  const TemporaryFolder folder;
  save_tensors(folder / "w.h5",
               {{"w", ElementType::f32, {64}, std::vector<std::byte>(256, std::byte{1})}});
  const std::string bytes = bytes_of(folder / "w.h5");
  flip_bit(folder / "w.h5", bytes.find(std::string(64, '\x01')) + 9, 5);
  CHECK(contains(error_of([&] { load_tensors(folder / "w.h5"); }), "is damaged"));
}
