#include "images/cifar_dataset.hpp"

#include <ATen/Functions.h>

#include "fixtures.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;
namespace fs = std::filesystem;

namespace {

/// Records of labels and 3072 bytes: first, first + 1, ...
std::string record(const std::string& labels, int first) {
  auto bytes = labels;
  for (int i = 0; i < 3072; ++i) bytes += static_cast<char>(first + i);
  return bytes;
}

/// A folder with files of the official layout, and one for what is kept of them.
class Files {
 public:
  Files() : environment_("VARIA_DATA", folder_.path().string()) { fs::create_directories(root()); }
  fs::path root() const { return folder_ / "cifar10"; }
  void write(const std::string& name, const std::string& bytes) const {
    write_file(root() / name, bytes);
  }

 private:
  TemporaryFolder folder_;
  Environment environment_;
};

template <class Data>
std::shared_ptr<const Samples> load(const std::string& split, const Value& given = Value::map()) {
  typename Data::Params params;
  params.load(given, {nullptr, "dataset cifar", {"x.yaml", 1, 1}, 0});
  return Data(params).load(split);
}

Tensor pixels_of(const Samples& samples) {
  return samples.gather(at::arange(samples.size()), at::kCPU).mul(255).round().to(at::kInt);
}

void write_cifar10(const Files& files) {
  for (int i = 1; i <= 5; ++i)
    files.write("data_batch_" + std::to_string(i) + ".bin",
                record(std::string(1, static_cast<char>(i)), i) + record("\x09", 10 * i));
  files.write("test_batch.bin", record(std::string(1, '\0'), 77));
}

}  // namespace

TEST_CASE("CIFAR-10 is read from the files of its binary archive") {
  const Files files;
  write_cifar10(files);
  for (int times = 0; times < 2; ++times) {
    const auto train = load<Cifar10>("train");
    CHECK(train->event() == std::vector<std::int64_t>{3, 32, 32});
    const auto& labels = train->annotations().labels;
    CHECK(labels.equal(at::tensor({1, 9, 2, 9, 3, 9, 4, 9, 5, 9}, at::kLong)));
    const auto ramp = at::arange(3072, at::kInt).view({3, 32, 32});
    CHECK(pixels_of(*train)[2].equal((ramp + 2).remainder(256)));
    CHECK(pixels_of(*train)[9].equal((ramp + 50).remainder(256)));
    CHECK(pixels_of(*load<Cifar10>("test"))[0].equal((ramp + 77).remainder(256)));
  }
}

TEST_CASE("CIFAR-100 has fine labels and coarse ones") {
  const Files files;
  files.write("train.bin", record({'\x13', '\x63'}, 0));
  files.write("test.bin", record({'\x01', '\x02'}, 0));
  auto given = Value::map();
  given.set("folder", Value::text(files.root().string()));
  const auto label = [&] {
    return load<Cifar100>("train", given)->annotations().labels.item<std::int64_t>();
  };
  CHECK(label() == 99);
  given.set("labels", Value::text("coarse"));
  CHECK(label() == 19);
}

TEST_CASE("what is wrong with the files of CIFAR is an error that names one") {
  const Files files;
  const auto error = [&] { return message_of([&] { load<Cifar10>("train"); }); };
  CHECK(contains(error(), "cifar10: has no file data_batch_1.bin. Unpack the files of cifar-10-"));
  write_cifar10(files);
  files.write("data_batch_3.bin", record("\x01", 0).substr(1));
  CHECK(contains(error(), "data_batch_3.bin: has 3072 bytes; expected records of 3073 bytes."));
  files.write("data_batch_3.bin", record("\x0a", 0));
  CHECK(contains(error(), "data_batch_3.bin: has a label of 10; expected 0 to 9."));
  files.write("data_batch_3.bin", "");
  CHECK(contains(error(), "data_batch_3.bin: is empty."));
}
