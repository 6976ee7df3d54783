#include <sys/stat.h>

#include <random>

#include "arrays/numpy_dataset.hpp"
#include "fixtures.hpp"
#include "hdf5_files.hpp"
#include "numpy_files.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;
namespace fs = std::filesystem;

namespace {

/// A data set `numpy` with its parameters.
class LoadedNumpy {
 public:
  LoadedNumpy(const fs::path& file, const Options& given) {
    params_.load(options_of(file, given), {nullptr, "dataset numpy", {"x.yaml", 1, 1}, 0});
  }
  std::shared_ptr<const Samples> load(std::string_view split) const {
    return NumpyDataset(params_).load(split);
  }
  std::string digest() const { return NumpyDataset(params_).digest(); }
  std::string likelihood() const { return params_.default_likelihood(); }

 private:
  NumpyParams params_;
};

std::string error_of_numpy(const fs::path& file, const Options& given = {}) {
  return message_of([&] { LoadedNumpy(file, given).load("train"); });
}

/// 0, 1, 2, ... as numbers of any type.
template <class T>
std::vector<T> ramp(std::size_t count) {
  std::vector<T> numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(static_cast<T>(i));
  return numbers;
}

std::string read_whole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a .npy file gives its images, whatever its order") {
  const TemporaryFolder folder;
  const auto file = folder / "x.npy";
  const auto expected = at::arange(24).to(torch::kFloat).reshape({2, 1, 3, 4});
  write_file(file, npy_bytes("|u1", "(2, 3, 4)", bytes_of(ramp<std::uint8_t>(24))));
  CHECK(all_images(*LoadedNumpy(file, {}).load("train")).equal(expected.div(255)));
  CHECK(LoadedNumpy(file, {}).load("test") == nullptr);
  CHECK(LoadedNumpy(file, {}).likelihood() == "bernoulli");

  const Options range = {{"range", "[0, 24]"}};
  write_file(file, npy_bytes("<f4", "(2, 3, 4)", bytes_of(ramp<float>(24))));
  CHECK(all_images(*LoadedNumpy(file, range).load("train")).equal(expected.div(24)));

  std::vector<double> columns;  // (i, j, k) has the value 12 i + 4 j + k
  for (int k = 0; k < 4; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i) columns.push_back(12 * i + 4 * j + k);
  write_file(file, npy_bytes("<f8", "(2, 3, 4)", bytes_of(columns), /*is_fortran=*/true));
  CHECK(all_images(*LoadedNumpy(file, range).load("train")).equal(expected.div(24)));
}

TEST_CASE("arrays of a .npz file are chosen by name, those of known files are known") {
  const TemporaryFolder folder;
  const auto file = folder / "a.npz";
  const bool is_packed = GENERATE(true, false);
  const auto images = [](int count) {
    return npy_bytes("|u1", "(" + std::to_string(count) + ", 2, 2)",
                     bytes_of(ramp<std::uint8_t>(static_cast<std::size_t>(count) * 4)));
  };
  const auto numbers = npy_bytes("<i8", "(3,)", bytes_of(ramp<std::int64_t>(3)));

  SECTION("of Keras") {
    write_npz(file,
              {{"x_train.npy", images(3)},
               {"y_train.npy", npy_bytes("|u1", "(3,)", bytes_of(ramp<std::uint8_t>(3)))},
               {"x_test.npy", images(2)},
               {"y_test.npy", npy_bytes("|u1", "(2,)", bytes_of(ramp<std::uint8_t>(2)))}},
              is_packed);
    const LoadedNumpy data(file, {});
    CHECK(data.load("train")->size() == 3);
    CHECK(data.load("train")->annotations().labels.equal(at::arange(3)));
    CHECK(data.load("test")->size() == 2);
    CHECK(data.load("test")->annotations().labels.equal(at::arange(2)));
    CHECK(LoadedNumpy(file, {{"test", "0.4"}}).load("test")->size() == 1);
    CHECK(LoadedNumpy(file, {{"images", "x_test"}}).load("test") == nullptr);
  }
  SECTION("of dSprites") {
    write_npz(
        file,
        {{"metadata.npy", npy_bytes("|O", "()", "pickled")},
         {"imgs.npy", images(3)},
         {"latents_values.npy", npy_bytes("<f8", "(3, 6)", bytes_of(ramp<double>(18)))},
         {"latents_classes.npy", npy_bytes("<i8", "(3, 6)", bytes_of(ramp<std::int64_t>(18)))}},
        is_packed);
    const auto samples = LoadedNumpy(file, {}).load("train");
    CHECK(samples->annotations().factors.equal(at::arange(18).to(torch::kFloat).view({3, 6})));
    CHECK(samples->annotations().factor_names.at(3) == "orientation");
    const auto values = LoadedNumpy(file, {{"factors", "latents_values"}}).load("train");
    CHECK(values->annotations().factors.size(1) == 6);
    CHECK(values->annotations().factor_names.empty());
    CHECK(contains(error_of_numpy(file, {{"labels", "metadata"}}), "holds Python's objects"));
  }
  SECTION("of anyone") {
    write_npz(file, {{"a.npy", images(3)}, {"b.npy", numbers}, {"readme.txt", "hello"}}, is_packed);
    const auto samples = LoadedNumpy(file, {{"images", "a"}, {"labels", "b"}}).load("train");
    CHECK(samples->annotations().labels.equal(at::arange(3)));
    CHECK(error_of_numpy(file) ==
          file.string() + ": which array holds the images? Set 'images'. It has a, b.");
    CHECK(contains(error_of_numpy(file, {{"images", "c"}}), "has no array 'c'. "));
    write_npz(file, {{"a.npy", images(3)}}, is_packed);
    CHECK(LoadedNumpy(file, {}).load("train")->size() == 3);
    write_npz(file, {{"readme.txt", "hello"}}, is_packed);
    CHECK(contains(error_of_numpy(file), "has no arrays."));
  }
}

TEST_CASE("labels may be in a .npy file of their own, which is a part of the digest") {
  const TemporaryFolder folder;
  write_file(folder / "x.npy", npy_bytes("<f4", "(3, 2)", bytes_of(ramp<float>(6))));
  write_file(folder / "y.npy", npy_bytes("<i4", "(3, 1)", bytes_of(ramp<std::int32_t>(3))));
  const LoadedNumpy data(folder / "x.npy", {{"labels", (folder / "y.npy").string()}});
  CHECK(data.load("train")->annotations().labels.equal(at::arange(3)));
  CHECK(data.likelihood() == "gaussian");
  const auto before = data.digest();
  write_file(folder / "y.npy", npy_bytes("<i4", "(3, 1)", bytes_of<std::int32_t>({0, 1, 1})));
  CHECK(data.digest() != before);
  CHECK(contains(error_of_numpy(folder / "x.npy", {{"labels", "y"}}),
                 "is a .npy file, which has one array, and none that is called 'y'"));
}

TEST_CASE("a file that is not one of NumPy is an error that names it") {
  const TemporaryFolder folder;
  const auto file = folder / "a.npz";
  write_file(file, "hello");
  CHECK(contains(error_of_numpy(file), "is not a file of NumPy: a .npy file begins with"));
  write_file(file, "PK hello");
  CHECK(contains(error_of_numpy(file), "cannot be opened as a .npz file, a zip archive: "));
  CHECK(contains(error_of_numpy(folder / "missing"), "No such file"));
  CHECK(contains(error_of_numpy(folder.path()), "found a folder"));
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(contains(error_of_numpy(folder / "pipe"), "found a pipe"));

  write_npz(file, {{"x.npy", npy_bytes("<f4", "(300, 2)", bytes_of(ramp<float>(600)))}});
  fs::resize_file(file, fs::file_size(file) - 10);
  CHECK(contains(error_of_numpy(file), "Is the file cut short?"));
  write_file(file, npy_bytes("<f4", "(300, 2)", bytes_of(ramp<float>(600))));
  fs::resize_file(file, fs::file_size(file) - 10);
  CHECK(contains(error_of_numpy(file), "its header says [300, 2] values of 4 bytes, but 2390"));
}

TEST_CASE("arrays of a .npz file that do not fit are errors that name both") {
  const TemporaryFolder folder;
  const auto file = folder / "a.npz";
  write_npz(file, {{"x.npy", npy_bytes("<f4", "(3, 2)", bytes_of(ramp<float>(6)))},
                   {"y.npy", npy_bytes("<i4", "(2,)", bytes_of(ramp<std::int32_t>(2)))},
                   {"float.npy", npy_bytes("<f4", "(3,)", bytes_of(ramp<float>(3)))},
                   {"none.npy", npy_bytes("<f4", "(0, 2)", "")},
                   {"single.npy", npy_bytes("<f4", "()", bytes_of(ramp<float>(1)))},
                   {"short.npy", npy_bytes("<f4", "(9,)", bytes_of(ramp<float>(3)))},
                   {"large.npy", npy_bytes("<u8", "(3,)", bytes_of<std::uint64_t>({0, 1, ~0ULL}))},
                   {"text.npy", "hello"}});
  const auto labels = [&](const std::string& name) {
    return error_of_numpy(file, {{"images", "x"}, {"labels", name}});
  };
  const auto path = file.string();
  CHECK(labels("y") == path + ": y: has 2 rows for the 3 images of " + path + ": x.");
  CHECK(contains(labels("float"), "float: expected labels that are whole numbers"));
  CHECK(contains(labels("none"), "none: has 0 entries along axis 0"));
  CHECK(contains(labels("single"), "single: is a single number, not an array"));
  CHECK(contains(labels("short"), "short: its header says [9] values of 4 bytes, but 12 bytes"));
  CHECK(contains(labels("large"), "large: expected labels from 0 to 1000000, found 9223372036854"));
  CHECK(contains(labels("text"), "text: is not a .npy file of NumPy"));
}

TEST_CASE("an entry that claims more than its packed bytes can hold is refused before it is read") {
  const TemporaryFolder folder;
  const auto file = folder / "a.npz";
  write_npz(file, {{"x.npy", npy_bytes("<f4", "(3, 2)", bytes_of(ramp<float>(6)))}});
  auto bytes = read_whole(file);
  // The central directory is what counts: the size unpacked is 24 bytes behind its signature.
  const auto directory = bytes.find("PK\x01\x02");
  REQUIRE(directory != std::string::npos);
  bytes.replace(directory + 24, 4, "\xff\xff\xff\x7f", 4);
  write_file(file, bytes);
  CHECK(contains(error_of_numpy(file), "x.npy: claims to have 2147483647 bytes, more than "));
}

TEST_CASE("a damaged .npz file gives the right numbers or an error") {
  const TemporaryFolder folder;
  const auto file = folder / "a.npz";
  const bool is_packed = GENERATE(true, false);
  write_npz(file,
            {{"x.npy", npy_bytes("<f8", "(5, 3)", bytes_of(ramp<double>(15)))},
             {"y.npy", npy_bytes("<i8", "(5,)", bytes_of(ramp<std::int64_t>(5)))}},
            is_packed);
  const Options names = {{"images", "x"}, {"labels", "y"}};
  const auto whole = read_whole(file);
  const auto expected = LoadedNumpy(file, names).load("train");
  std::mt19937 random(7);
  int refused = 0;
  constexpr int kFiles = 300;
  for (int i = 0; i < kFiles; ++i) {
    auto bytes = whole;
    for (auto changes = 1 + random() % 3; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (i % 5 == 0) bytes.resize(random() % bytes.size());
    if (i % 5 == 1) bytes.insert(random() % bytes.size(), bytes, random() % bytes.size(), 40);
    write_file(file, bytes);
    try {
      const auto samples = LoadedNumpy(file, names).load("train");
      CHECK(all_images(*samples).equal(all_images(*expected)));
      CHECK(samples->annotations().labels.equal(expected->annotations().labels));
    } catch (const DataError& error) {
      ++refused;
      CHECK_FALSE(contains(error.what(), "\n"));
    }
  }
  CHECK(refused > kFiles / 2);
}
