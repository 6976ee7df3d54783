#include <hdf5.h>

#include "hdf5/hdf5.hpp"
#include "results/merged/merged_glances.hpp"
#include "results/trial/trial_reader.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia::results;

namespace {

TrialHeader full_header() {
  TrialHeader header = header_of("t");
  header.plugins = "elbo 1.0.0 aabb\nmlp_vae 1.0.0 ccdd\n";
  header.measures = "digest \\n with a backslash\\";
  header.token = 0xfedcba9876543210U;
  return header;
}

TrialGlance glance_of_full() {
  TrialGlance glance;
  glance.id = "t";
  glance.experiment = "sweep";
  glance.status = Status::failed;
  glance.error = "killed\nby signal 9\n=\\";
  glance.epochs_done = 2;
  glance.target_epochs = 3;
  glance.seed = 0xfedcba9876543210U;
  glance.replicate = 2;
  glance.host = "host";
  glance.cpu = "cpu \xC3\xA9";
  glance.versions = "varia 0.1.0";
  glance.plugins = full_header().plugins;
  glance.measures = full_header().measures;
  glance.token = full_header().token;
  glance.seconds = 1.5;
  return glance;
}

void write_full(const std::string& path, const std::string& error) {
  TrialFile file(working(path), full_header());
  file.append(record_of(1));
  file.append(record_of(2));
  file.publish(Status::failed, error, path, true);
}

/// Bytes before the HDF5 part.
hsize_t block_size(const std::string& path) {
  const hdf5::Object root = hdf5::open_file(path);
  const hdf5::Handle create(H5Fget_create_plist(root.id));
  hsize_t size = 0;
  H5Pget_userblock(create, &size);
  return size;
}

}  // namespace

TEST_CASE("a glance is the same as text, through HDF5 and from the merged file") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  const TrialGlance expected = glance_of_full();
  write_full(path, expected.error);
  REQUIRE(block_size(path) == 512);
  CHECK(read_trial_glance(path) == expected);

  SECTION("when nothing but the text is left to read") {
    std::string bytes = bytes_of(path);
    std::fill(bytes.begin() + 512, bytes.end(), '\0');
    write_bytes(folder / "text.h5", bytes);
    CHECK(read_trial_glance(folder / "text.h5") == expected);
  }
  SECTION("when the text is damaged anywhere, even if a number in it is still one") {
    const std::string bytes = bytes_of(path);
    const std::size_t text = bytes.find('\0');
    for (std::size_t i = 0; i < text; i += 3) {
      std::string damaged = bytes;
      damaged[i] = damaged[i] == '3' ? '4' : '3';
      write_bytes(path, damaged);
      CHECK(read_trial_glance(path) == expected);
    }
  }
  SECTION("when the file has no text") {
    std::string bytes = bytes_of(path);
    std::fill_n(bytes.begin(), 512, '\0');
    write_bytes(path, bytes);
    CHECK(read_trial_glance(path) == expected);
  }
  SECTION("in the merged file, also when it was carried over") {
    merge(experiment_info(), {{"t", path}}, folder / "m.h5");
    CHECK(read_merged_glances(folder / "m.h5") == std::vector<TrialGlance>{expected});
    std::filesystem::remove(path);
    merge(experiment_info(), {{"t", path}}, folder / "m.h5");
    CHECK(read_merged_glances(folder / "m.h5") == std::vector<TrialGlance>{expected});
  }
}

TEST_CASE("a long text takes a larger place, and one too long for it none") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  for (const auto& [length, size] :
       {std::pair<std::size_t, hsize_t>{5000, 8192}, {60000, 65536}, {70000, 0}}) {
    TrialGlance expected = glance_of_full();
    expected.error = std::string(length, 'e');
    write_full(path, expected.error);
    CHECK(block_size(path) == size);
    CHECK(read_trial_glance(path) == expected);
    CHECK(read_trial(path).error == expected.error);
  }
}

TEST_CASE("a trial file cut at any 4 KiB is an error for all who read it, and never a crash") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  {
    TrialFile file(working(path), full_header());
    file.append(record_of(1));
    for (int i = 0; i < 3; ++i) file.add_picture("samples", {}, picture_of(1, 200, 200));
    file.publish(Status::done, "", path, true);
  }
  const std::string bytes = bytes_of(path);
  REQUIRE(bytes.size() > 5 * 4096);
  for (std::size_t length = 0; length < bytes.size(); length += 4096) {
    write_bytes(folder / "cut.h5", bytes.substr(0, length));
    CHECK_THROWS_AS(read_trial_glance(folder / "cut.h5"), varia::StoreError);
    CHECK_THROWS_AS(read_trial_summary(folder / "cut.h5"), varia::StoreError);
    CHECK_THROWS_AS(read_trial(folder / "cut.h5"), varia::StoreError);
  }
}

TEST_CASE("text that claims absurd things is not believed") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  write_full(path, "");
  TrialGlance expected = glance_of_full();
  expected.error.clear();
  const std::string bytes = bytes_of(path);
  const auto check = [&](const std::string& head) {
    std::string changed = bytes;
    changed.replace(0, head.size(), head);
    write_bytes(path, changed);
    CHECK(read_trial_glance(path) == expected);
  };
  const std::string start = bytes.substr(0, 35);  // "varia-trial 1 <size of the file> "
  check(start + "999999");
  check(start + "-00001");
  check(start + "065536");
  check(start + "      ");
  check("varia-trial 2");
  check(std::string(512, 'x'));
}
