#include <sys/stat.h>
#include <zlib.h>

#include "fixtures.hpp"
#include "images/idx_dataset.hpp"
#include "support/catch.hpp"
#include "varia/sha256.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;
namespace fs = std::filesystem;

namespace {

void write_packed(const fs::path& path, const std::string& bytes) {
  const auto file = ::gzopen(path.c_str(), "wb");
  REQUIRE(::gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) ==
          static_cast<int>(bytes.size()));
  ::gzclose(file);
}

std::string read_whole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// 0, 1, 2, ...
std::string ramp(std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(i);
  return bytes;
}

std::string image_error(const fs::path& path) {
  return message_of([&] { read_idx_images(path); });
}

Value paths(const TemporaryFolder& folder, const std::vector<std::string>& keys) {
  auto map = Value::map();
  for (const auto& key : keys) map.set(key, Value::text((folder / key).string()));
  return map;
}

}  // namespace

TEST_CASE("an IDX file gives its images, packed or not") {
  const TemporaryFolder folder;
  const auto bytes = idx_bytes({2, 3, 4}, ramp(24));
  write_file(folder / "plain", bytes);
  write_packed(folder / "packed", bytes);
  for (const auto& name : {"plain", "packed"}) {
    const auto images = read_idx_images(folder / name);
    CHECK(images.sizes() == at::IntArrayRef({2, 1, 3, 4}));
    CHECK(images.reshape(-1).equal(at::arange(24, torch::kUInt8)));
  }
  write_file(folder / "colour", idx_bytes({1, 2, 3, 4}, ramp(24)));
  CHECK(read_idx_images(folder / "colour").sizes() == at::IntArrayRef({1, 2, 3, 4}));
}

TEST_CASE("images stay readable after everything but the tensor is gone") {
  Tensor images;
  {
    const TemporaryFolder folder;
    write_file(folder / "a", idx_bytes({1, 1, 2}, ramp(2)));
    images = read_idx_images(folder / "a");
  }
  CHECK(images.sum().item<int>() == 1);
}

TEST_CASE("a gzip file of several members is read through all of them") {
  const TemporaryFolder folder;
  const auto bytes = idx_bytes({2, 3, 4}, ramp(24));
  write_packed(folder / "a", bytes.substr(0, 20));
  write_packed(folder / "b", bytes.substr(20));
  write_file(folder / "ab", read_whole(folder / "a") + read_whole(folder / "b"));
  CHECK(read_idx_images(folder / "ab").reshape(-1).equal(at::arange(24, torch::kUInt8)));
}

TEST_CASE("bytes after the last member of a gzip file that are not gzip are an error") {
  const TemporaryFolder folder;
  write_packed(folder / "a", idx_bytes({2, 3, 4}, ramp(24)));
  const auto packed = read_whole(folder / "a");
  for (const auto& rest : {std::string("garbage"), std::string(1, '\x1f'), std::string(100, '\0'),
                           packed.substr(0, 9)}) {
    write_file(folder / "b", packed + rest);
    CHECK_FALSE(image_error(folder / "b") == "nothing");
  }
}

TEST_CASE("a damaged IDX file is an error that names the file and the damage") {
  const TemporaryFolder folder;
  const auto file = folder / "images";
  const auto error = [&](const std::string& bytes) {
    write_file(file, bytes);
    const auto message = image_error(file);
    CHECK(contains(message, file.string() + ": "));
    return message;
  };
  CHECK(contains(error("hello world"), "is not an IDX file"));
  CHECK(contains(error(std::string(2, '\0')), "is not an IDX file"));
  CHECK(contains(error(idx_bytes({2, 3, 4}, ramp(24), 0x0d)), "holds 32-bit floats"));
  CHECK(contains(error(idx_bytes({2, 3, 4}, ramp(24), 0x55)), "an unknown type"));
  CHECK(contains(error(idx_bytes({24}, ramp(24))), "this IDX file has 1"));
  CHECK(contains(error(idx_bytes({2, 3, 4}, ramp(24)).substr(0, 14)), "cut short in its header"));
  CHECK(
      contains(error(idx_bytes({2, 3, 4}, ramp(23))), "but 23 follow it. Is the file cut short?"));
  CHECK(contains(error(idx_bytes({2, 3, 4}, ramp(25))), "but 25 follow it. Is it another file?"));
  CHECK(contains(error(idx_bytes({0, 3, 4}, "")), "gives axis 0 the length 0"));
  CHECK(contains(error(idx_bytes({1, 70'000, 1}, ramp(9))), "axis 1 the length 70000"));
  CHECK(contains(error(idx_bytes({4'294'967'295U, 65'536, 65'536}, ramp(9))), "but 9 follow it"));
  CHECK(contains(error(""), "is empty"));
}

TEST_CASE("a damaged gzip file is an error, and a bomb is not unpacked") {
  const TemporaryFolder folder;
  const auto file = folder / "images";
  const auto bytes = idx_bytes({2, 3, 4}, ramp(24));
  SECTION("cut short") {
    write_packed(folder / "whole", bytes);
    const auto packed = read_whole(folder / "whole");
    write_file(file, packed.substr(0, packed.size() - 12));
    CHECK(contains(image_error(file), "is cut short"));
  }
  SECTION("broken bytes") {
    write_packed(file, bytes);
    auto packed = read_whole(file);
    packed[packed.size() - 6] ^= 1;  // of the check sum
    write_file(file, packed);
    CHECK(contains(image_error(file), "is not an intact gzip file"));
  }
  SECTION("more bytes than the header says") {
    write_packed(file, idx_bytes({1, 1, 1}, std::string(50'000'000, '\0')));
    CHECK(contains(image_error(file), "but more follow it"));
  }
  SECTION("fewer") {
    write_packed(file, idx_bytes({2, 3, 4}, ramp(20)));
    CHECK(contains(image_error(file), "but only 20 follow it"));
  }
  SECTION("a header that no gzip file of this size can fulfil") {
    write_packed(file, idx_bytes({60'000, 60'000, 60'000}, ramp(24)));
    CHECK(contains(image_error(file), "can hold"));
  }
}

TEST_CASE("a data set of IDX files has the splits that were given") {
  const TemporaryFolder folder;
  write_file(folder / "images", idx_bytes({3, 2, 2}, ramp(12)));
  write_file(folder / "labels", idx_bytes({3}, std::string("\1\0\7", 3)));
  write_file(folder / "test_images", idx_bytes({1, 2, 2}, ramp(4)));

  IdxParams params;
  SECTION("training images alone") {
    params.load(paths(folder, {"images"}), {});
    IdxDataset data(params);
    CHECK(data.load("train")->size() == 3);
    CHECK_FALSE(data.load("train")->annotations().labels.defined());
    CHECK(data.load("test") == nullptr);
  }
  SECTION("labels and a test split without labels") {
    params.load(paths(folder, {"images", "labels", "test_images"}), {});
    IdxDataset data(params);
    CHECK(data.load("train")->annotations().labels.equal(torch::tensor({1, 0, 7}, torch::kLong)));
    CHECK(data.load("test")->size() == 1);
    CHECK_FALSE(data.load("test")->annotations().labels.defined());
    CHECK(data.digest().size() == 64);
  }
  SECTION("too few labels") {
    write_file(folder / "labels", idx_bytes({2}, ramp(2)));
    params.load(paths(folder, {"images", "labels"}), {});
    IdxDataset data(params);
    CHECK(contains(message_of([&] { data.load("train"); }), "has 2 labels for the 3 images of"));
  }
  SECTION("no images at all") {
    CHECK(contains(message_of<ConfigError>([&] { params.load(Value::map(), {}); }),
                   "images: expected the path of an IDX file"));
  }
  SECTION("test labels without test images") {
    CHECK(contains(message_of<ConfigError>([&] {
                     params.load(paths(folder, {"images", "test_labels"}), {});
                   }),
                   "give 'test_images'"));
  }
}

TEST_CASE("a folder in the likeness of MNIST but with other images is refused") {
  const TemporaryFolder folder;
  const Environment data("VARIA_DATA", folder.path().string());
  fs::create_directory(folder / "mnist");
  for (const std::string part : {"train", "t10k"}) {
    write_file(folder / ("mnist/" + part + "-images-idx3-ubyte"),
               idx_bytes({1, 28, 28}, ramp(784)));
    write_file(folder / ("mnist/" + part + "-labels-idx1-ubyte"), idx_bytes({1}, ramp(1)));
  }
  MnistLikeDataset mnist("mnist", std::string(64, '0'));
  CHECK(contains(message_of([&] { mnist.load("train"); }), "is not the file of mnist"));
}

TEST_CASE("a byte that has changed in a published data set is found before training") {
  const TemporaryFolder folder;
  const Environment data("VARIA_DATA", folder.path().string());
  fs::create_directory(folder / "mnist");
  std::vector<fs::path> files;
  for (const std::string name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                 "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}) {
    files.push_back(folder / ("mnist/" + name));
    write_file(files.back(), name);
  }
  const auto published = digest_of_files(files);
  CHECK(MnistLikeDataset("mnist", published).digest() == published);
  write_file(files[2], "t10k-images-idx3-ubytf");
  CHECK(contains(message_of([&] { MnistLikeDataset("mnist", published).digest(); }),
                 "is not data set mnist as it was published"));
}

TEST_CASE("training and test images of different sizes are named with their files") {
  const TemporaryFolder folder;
  write_file(folder / "images", idx_bytes({2, 4, 4}, ramp(32)));
  write_file(folder / "test_images", idx_bytes({2, 5, 4}, ramp(40)));
  IdxParams params;
  params.load(paths(folder, {"images", "test_images"}), {});
  IdxDataset dataset(params);
  dataset.load("train");
  const auto message = message_of([&] { dataset.load("test"); });
  CHECK(contains(message, "test_images: its images are of [1, 5, 4] [C, H, W], and those of "));
  CHECK(contains(message, "images of [1, 4, 4]"));
}
