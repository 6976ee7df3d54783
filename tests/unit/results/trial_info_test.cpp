#include <hdf5.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "hdf5/hdf5.hpp"
#include "results/merged/results.hpp"
#include "results/names.hpp"
#include "results/trial/trial_reader.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia::results;
namespace hdf5 = varia::hdf5;

namespace {

TrialHeader full_header() {
  TrialHeader header = header_of("t");
  header.plugins = {{"elbo", "1.0.0", "aabb"}, {"mlp_vae", "1.0.0", "ccdd"}};
  header.request = "digest \\n with a backslash\\";
  header.keep = "best";
  header.token = 0xfedcba9876543210U;
  header.gpu = "GPU, driver 1";
  header.gpu_memory = 3LL << 32;
  header.tags = {"paper", "b.2"};
  header.notes = {{"why", "a \"first\"\ntry"}, {"size", ""}};
  return header;
}

TrialInfo full_info() {
  TrialInfo info;
  info.id = "t";
  info.experiment = "sweep";
  info.status = TrialState::failed;
  info.error = "killed\nby signal 9\n=\\";
  info.epochs_done = 2;
  info.target_epochs = 3;
  info.seed = 0xfedcba9876543210U;
  info.replicate = 2;
  info.host = "host";
  info.cpu = "cpu \xC3\xA9";
  info.versions.varia = "0.1.0";
  info.plugins = full_header().plugins;
  info.request = full_header().request;
  info.keep = full_header().keep;
  info.token = full_header().token;
  info.gpu = full_header().gpu;
  info.gpu_memory = full_header().gpu_memory;
  info.total_seconds = 1.5;
  info.tags = full_header().tags;
  info.notes = full_header().notes;
  return info;
}

void write_full(const std::string& path, const std::string& error) {
  TrialFile file(working(path), full_header());
  file.append(record_of(1));
  file.append(record_of(2));
  file.publish(TrialState::failed, error, path, true);
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

TEST_CASE("what is known of a trial is the same as text, through HDF5 and from the merged file") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  const TrialInfo expected = full_info();
  write_full(path, expected.error);
  const auto block = static_cast<std::ptrdiff_t>(block_size(path));
  REQUIRE(block >= 512);
  CHECK(read_trial_info(path) == expected);

  SECTION("when nothing but the text is left to read") {
    std::string bytes = bytes_of(path);
    std::fill(bytes.begin() + block, bytes.end(), '\0');
    write_bytes(folder / "text.h5", bytes);
    CHECK(read_trial_info(folder / "text.h5") == expected);
  }
  SECTION("when the text is damaged anywhere, even if a number in it is still one") {
    const std::string bytes = bytes_of(path);
    const std::size_t text = bytes.find('\0');
    for (std::size_t i = 0; i < text; i += 3) {
      std::string damaged = bytes;
      damaged[i] = damaged[i] == '3' ? '4' : '3';
      write_bytes(path, damaged);
      CHECK(read_trial_info(path) == expected);
    }
  }
  SECTION("when the file has no text") {
    std::string bytes = bytes_of(path);
    std::fill_n(bytes.begin(), block, '\0');
    write_bytes(path, bytes);
    CHECK(read_trial_info(path) == expected);
  }
  SECTION("in the merged file, also when it was carried over") {
    merge(experiment_info(), {{"t", path, expected.tags, expected.notes}}, folder / "m.h5");
    CHECK(read_merged_trials(folder / "m.h5") == std::vector<TrialInfo>{expected});
    std::filesystem::remove(path);
    merge(experiment_info(), {{"t", path, expected.tags, expected.notes}}, folder / "m.h5");
    CHECK(read_merged_trials(folder / "m.h5") == std::vector<TrialInfo>{expected});
  }
}

TEST_CASE("a long text takes a larger place, and one too long for it none") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  for (const auto& [length, size] :
       {std::pair<std::size_t, hsize_t>{5000, 8192}, {60000, 65536}, {70000, 0}}) {
    TrialInfo expected = full_info();
    expected.error = std::string(length, 'e');
    write_full(path, expected.error);
    CHECK(block_size(path) == size);
    CHECK(read_trial_info(path) == expected);
    CHECK(read_trial(path).header.error == expected.error);
  }
}

TEST_CASE("a trial file cut at any 4 KiB is an error for all who read it, and never a crash") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  {
    TrialFile file(working(path), full_header());
    file.append(record_of(1));
    for (int i = 0; i < 3; ++i) file.add_picture("samples", {}, picture_of(1, 200, 200));
    file.publish(TrialState::done, "", path, true);
  }
  const std::string bytes = bytes_of(path);
  REQUIRE(bytes.size() > 5 * 4096);
  for (std::size_t length = 0; length < bytes.size(); length += 4096) {
    write_bytes(folder / "cut.h5", bytes.substr(0, length));
    CHECK_THROWS_AS(read_trial_info(folder / "cut.h5"), varia::StoreError);
    CHECK_THROWS_AS(read_trial_header(folder / "cut.h5"), varia::StoreError);
    CHECK_THROWS_AS(read_trial(folder / "cut.h5"), varia::StoreError);
  }
}

TEST_CASE("text that claims absurd things is not believed") {
  const TemporaryFolder folder;
  const std::string path = folder / "t.h5";
  write_full(path, "");
  TrialInfo expected = full_info();
  expected.error.clear();
  const std::string bytes = bytes_of(path);
  const auto check = [&](const std::string& head) {
    std::string changed = bytes;
    changed.replace(0, head.size(), head);
    write_bytes(path, changed);
    CHECK(read_trial_info(path) == expected);
  };
  const std::string start = bytes.substr(0, 35);  // "varia-trial 1 <size of the file> "
  check(start + "999999");
  check(start + "-00001");
  check(start + "065536");
  check(start + "      ");
  check("varia-trial 2");
  check(std::string(512, 'x'));
}

TEST_CASE("the README's table of fields is the list of fields") {
  const std::string readme =
      bytes_of(std::string(std::getenv("VARIA_SOURCE_DIR")) + "/results/README.md");
  std::string table = "| field | type | meaning |\n|---|---|---|\n";
  for_each_trial_field([&]<class T>(const TrialField<T>& field) {
    const char* type = std::is_same_v<T, double>          ? "float64"
                       : std::is_same_v<T, std::int64_t>  ? "int64"
                       : std::is_same_v<T, std::uint64_t> ? "uint64"
                                                          : "text";
    table += std::string("| `") + field.name + "` | " + type + " | " + field.meaning + " |\n";
  });
  CHECK(contains(readme, "\n" + table + "\n"));
}

TEST_CASE("every field is in JSON, in /trials, and no metric's name") {
  const TemporaryFolder folder;
  write_full(folder / "t.h5", "");
  merge(experiment_info(), {{"t", folder / "t.h5"}}, folder / "m.h5");
  const auto json = trial_json(read_trial_info(folder / "t.h5"));
  const auto names = hdf5::names(hdf5::open_group(hdf5::open_file(folder / "m.h5"), "trials"));
  std::vector<std::string> expected;
  for_each_trial_field([&](const auto& field) {
    expected.emplace_back(field.name);
    CHECK(json.contains(field.name));
    CHECK_FALSE(error_of([&] { check_metric_name(field.name); }).empty());
  });
  CHECK(json.size() == expected.size());
  CHECK(json["status"] == "failed");
  CHECK(json["seed"] == 0xfedcba9876543210U);
  expected.emplace_back("config");
  CHECK(names == expected);
}
