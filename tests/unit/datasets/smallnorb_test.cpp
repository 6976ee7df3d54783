#include "images/smallnorb_dataset.hpp"

#include <ATen/Functions.h>

#include "fixtures.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;

namespace {

std::string little(std::uint32_t number) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(number >> (8 * i));
  return bytes;
}

/// A file of the data set: type, axes, lengths of at least three of them, values.
std::string matrix(std::uint32_t type, std::vector<std::uint32_t> sizes,
                   const std::string& values) {
  auto bytes = little(type) + little(static_cast<std::uint32_t>(sizes.size()));
  sizes.resize(std::max<std::size_t>(sizes.size(), 3), 1);
  for (const auto size : sizes) bytes += little(size);
  return bytes + values;
}

constexpr std::uint32_t kBytes = 0x1e3d4c55;
constexpr std::uint32_t kIntegers = 0x1e3d4c54;

std::string integers(const std::vector<std::uint32_t>& numbers) {
  std::string bytes;
  for (const auto number : numbers) bytes += little(number);
  return bytes;
}

std::string ramp(int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(i);
  return bytes;
}

class Files {
 public:
  /// Three pairs of images of 2 by 4 pixels.
  Files() {
    write("dat", matrix(kBytes, {3, 2, 2, 4}, ramp(48)));
    write("cat", matrix(kIntegers, {3}, integers({0, 4, 2})));
    write("info", matrix(kIntegers, {3, 4}, integers({4, 0, 0, 5, 6, 8, 34, 0, 9, 3, 2, 1})));
  }
  void write(const std::string& part, const std::string& bytes) const {
    write_file(folder_ / ("smallnorb-5x46789x9x18x6x2x96x96-training-" + part + ".mat"), bytes);
  }
  std::shared_ptr<const Samples> load(const std::string& camera = "left",
                                      const std::string& split = "train") const {
    auto given = Value::map();
    given.set("folder", Value::text(folder_.path().string()));
    given.set("camera", Value::text(camera));
    SmallNorbParams params;
    params.load(given, {nullptr, "dataset smallnorb", {"x.yaml", 1, 1}, 0});
    return SmallNorb(params).load(split);
  }
  std::string error() const {
    return message_of([&] { load(); });
  }

 private:
  TemporaryFolder folder_;
};

Tensor pixels_of(const Samples& samples) {
  return samples.gather(at::arange(samples.size()), at::kCPU).mul(255).round().to(at::kInt);
}

}  // namespace

TEST_CASE("small NORB is read from its files, from either camera, with its factors") {
  const Files files;
  const auto pairs = at::arange(48, at::kInt).view({3, 2, 1, 2, 4});
  const auto factors = at::tensor({0, 4, 0, 0, 5, 4, 6, 8, 17, 0, 2, 9, 3, 1, 1}).view({3, 5});
  const auto left = files.load();
  CHECK(left->event() == std::vector<std::int64_t>{1, 2, 4});
  CHECK(pixels_of(*left).equal(pairs.select(1, 0)));
  CHECK(left->annotations().labels.equal(at::tensor({0, 4, 2}, at::kLong)));
  CHECK(left->annotations().factors.equal(factors.to(at::kFloat)));
  CHECK(left->annotations().factor_names.size() == 5);
  CHECK(pixels_of(*files.load("right")).equal(pairs.select(1, 1)));

  const auto both = files.load("both");
  CHECK(pixels_of(*both).equal(pairs.flatten(0, 1)));
  CHECK(both->annotations().factors.select(1, 5).equal(at::tensor({0.F, 1.F, 0.F, 1.F, 0.F, 1.F})));
  CHECK(both->annotations().factor_names.back() == "camera");
}

TEST_CASE("what is wrong with the files of small NORB is an error that names one") {
  const Files files;
  CHECK(
      contains(message_of([&] { files.load("left", "test"); }), "has no file smallnorb-5x01235x9"));
  files.write("dat", "\x1f\x8b packed");
  CHECK(
      contains(files.error(), "training-dat.mat: is not a file of small NORB: expected a matrix"));
  files.write("dat", matrix(kIntegers, {3, 2, 2, 4}, ramp(48)));
  CHECK(contains(files.error(), "expected a matrix of 4 axes of bytes"));
  files.write("dat", matrix(kBytes, {3, 3, 2, 4}, ramp(72)));
  CHECK(contains(files.error(), "its axis 1 has the length 3; expected 2."));
  files.write("dat", matrix(kBytes, {3, 2, 2, 4}, ramp(47)));
  CHECK(contains(files.error(), "its header says [3, 2, 2, 4] values, but 47 follow it."));
  files.write("dat", matrix(kBytes, {0xffffffff, 2, 0xffffffff, 0xffffffff}, ramp(48)));
  CHECK(contains(files.error(), "training-dat.mat: "));
  files.write("dat", matrix(kBytes, {2, 2, 2, 4}, ramp(32)));
  CHECK(contains(files.error(), "training-cat.mat: has 3 rows for the 2 pairs of images"));
  files.write("cat", matrix(kIntegers, {2}, integers({0, 0x80000000})));
  files.write("info", matrix(kIntegers, {2, 4}, integers({0, 0, 0, 0, 0, 0, 0, 0})));
  CHECK(contains(files.error(), "training-cat.mat: has the number 2147483648 in row 1."));
}
