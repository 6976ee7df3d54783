#include <algorithm>
#include <fstream>
#include <set>
#include <tuple>

#include "arrays/streamed_samples.hpp"
#include "fixtures.hpp"
#include "hdf5_files.hpp"
#include "support/catch.hpp"
#include "varia/draw.hpp"
#include "varia/host/splits.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;

namespace {

/// With a data folder of its own.
struct StreamFolder : TemporaryFolder {
  Environment data{"VARIA_DATA", (path() / "data").string()};
};

constexpr std::int64_t kRows = 1000;
constexpr std::int64_t kChunkRows = 64;
constexpr std::int64_t kRowBytes = 2048;
constexpr std::int64_t kBlockRows = 2 * kChunkRows;  // 256 KiB
constexpr std::int64_t kBlocks = 8;
constexpr std::int64_t kWindow = 5 * kBlockRows * kRowBytes;  // three blocks that stay

/// Bytes in chunks that says which rows were read.
class CountedArray final : public NumberArray {
 public:
  explicit CountedArray(Tensor values)
      : NumberArray("counted", values.sizes().vec(), Type::byte), values_(std::move(values)) {}

  /// Of each row, since the last call: how often it was read.
  Tensor take_counts() const { return std::exchange(counts_, at::zeros({rows()}, at::kLong)); }

 private:
  std::int64_t rows_of_chunk() const override { return kChunkRows; }
  void read_values(std::int64_t begin, std::int64_t end, const Tensor& out) const override {
    out.copy_(values_.slice(0, begin, end));
    counts_.slice(0, begin, end).add_(1);
  }
  std::string remedy() const override { return "nothing"; }

  Tensor values_;
  mutable Tensor counts_ = at::zeros({values_.size(0)}, at::kLong);
};

std::shared_ptr<const CountedArray> counted_array() {
  return std::make_shared<const CountedArray>(images_of({kRows, kRowBytes}));
}

std::shared_ptr<const Samples> streamed(const std::shared_ptr<const NumberArray>& array,
                                        std::int64_t window = kWindow) {
  const SampleArray source{.array = array, .type = at::kByte, .layout = "ND"};
  return std::make_shared<StreamedSamples>(source, Annotations{}, window,
                                           std::make_shared<BlockCache>(window));
}

Tensor order_of(const Samples& samples, const Tensor& rows, std::uint64_t key) {
  Draw draw(key);
  return samples.order(rows, draw);
}

/// Gathers rows as an epoch does, batch by batch, in the order of a key.
void read_epoch(const Samples& samples, const Tensor& rows, std::uint64_t key) {
  for (const auto& batch : order_of(samples, rows, key).split(37))
    samples.gather(rows.index_select(0, batch), at::kCPU);
}

Tensor sorted(const Tensor& values) { return std::get<0>(values.sort()); }

Tensor all_rows() { return at::arange(kRows, at::kLong); }

/// Incompressible images of some MiB, labelled by their number modulo ten.
Tensor write_large(const std::filesystem::path& file) {
  const auto images = Draw(7).uniform({4000, 28, 28}).mul_(256).to(at::kByte);
  Hdf5Writer writer(file);
  writer.array("images", H5T_STD_U8LE, extents(images), images, Storage::chunked, {50, 28, 14});
  writer.array("labels", H5T_STD_I64LE, {4000}, at::arange(4000).remainder(10));
  return images;
}

/// Bytes that this process has read from files.
std::int64_t bytes_read() {
  std::ifstream file("/proc/self/io");
  std::string name;
  std::int64_t bytes = 0;
  file >> name >> bytes;
  REQUIRE(name == "rchar:");
  return bytes;
}

}  // namespace

TEST_CASE("an epoch of streamed samples reads every chunk and every sample once") {
  const auto array = counted_array();
  const auto samples = streamed(array);
  REQUIRE(samples->is_streamed());
  const auto order = order_of(*samples, all_rows(), 1);
  CHECK(sorted(order).equal(all_rows()));
  CHECK(order.equal(order_of(*samples, all_rows(), 1)));
  CHECK_FALSE(order.equal(order_of(*samples, all_rows(), 2)));
  for (const std::uint64_t key : {1, 2, 3}) {
    array->take_counts();
    read_epoch(*samples, all_rows(), key);
    // What the epoch before has left in memory is not read again.
    CHECK(array->take_counts().max().item<std::int64_t>() == 1);
  }
}

TEST_CASE("an evaluation in order reads every chunk once") {
  const auto array = counted_array();
  const auto samples = streamed(array);
  for (const auto& batch : all_rows().split(100)) samples->gather(batch, at::kCPU);
  CHECK(array->take_counts().equal(at::ones({kRows}, at::kLong)));
}

TEST_CASE("subsets of streamed samples read every chunk that they have samples in once") {
  const auto array = counted_array();
  const auto chosen = sorted(Draw(5).permutation(kRows).slice(0, 0, 300));
  const SubsetSamples subset(streamed(array), chosen);
  REQUIRE(subset.is_streamed());
  const auto part = sorted(Draw(6).permutation(300).slice(0, 0, 200));
  CHECK(sorted(order_of(subset, part, 1)).equal(at::arange(200)));
  read_epoch(subset, part, 1);
  CHECK(array->take_counts().equal(at::ones({kRows}, at::kLong)));

  const SubsetSamples first(streamed(array), at::arange(100, at::kLong));
  read_epoch(first, at::arange(100, at::kLong), 1);
  CHECK(array->take_counts().sum().item<std::int64_t>() == kBlockRows);
}

TEST_CASE("an order mixes the blocks of a window, in windows of equally many blocks") {
  const auto samples = streamed(counted_array());
  const auto blocks = order_of(*samples, all_rows(), 3).div(kBlockRows, "floor");
  std::vector<std::set<std::int64_t>> windows;
  for (std::int64_t i = 0; i < kRows; ++i) {
    const auto block = blocks[i].item<std::int64_t>();
    if (windows.empty() || (!windows.back().contains(block) && windows.back().size() == 3) ||
        std::any_of(windows.begin(), windows.end() - 1,
                    [&](const auto& window) { return window.contains(block); }))
      windows.emplace_back();
    windows.back().insert(block);
  }
  // Eight blocks, three at a time: 3, 3, 2.
  REQUIRE(windows.size() == 3);
  std::size_t total = 0;
  for (const auto& window : windows) total += window.size();
  CHECK(total == kBlocks);
  // Neighbours are of different blocks, as often as chance has it.
  const auto changes = blocks.slice(0, 1).ne(blocks.slice(0, 0, -1)).sum().item<std::int64_t>();
  CHECK(changes > kRows / 2);
  const auto one_window = streamed(counted_array(), 20 * kWindow);
  CHECK(order_of(*one_window, all_rows(), 3).equal(Draw(3).permutation(kRows)));
}

TEST_CASE("the rest of an epoch is the same if it is begun in the middle") {
  const auto samples = streamed(counted_array());
  const auto order = order_of(*samples, all_rows(), 4);
  Tensor before;
  for (const auto& batch : order.split(50)) before = samples->gather(batch, at::kCPU);
  const auto resumed = streamed(counted_array());
  const auto last = order_of(*resumed, all_rows(), 4).split(50).back();
  CHECK(resumed->gather(last, at::kCPU).equal(before));
}

TEST_CASE("blocks that were not used for the longest time make room") {
  BlockCache cache(300);
  const auto array = cache.add_array(5);
  std::vector<int> reads;
  const auto use = [&](int number) {
    return *cache.block(array, number, 50, [&](std::uint8_t* out) {
      reads.push_back(number);
      *out = static_cast<std::uint8_t>(number);
    });
  };
  for (const int number : {0, 1, 2, 3, 0, 4, 0, 1}) CHECK(use(number) == number);
  // Four of them have room, and as much as three has to be free while one is read.
  CHECK(reads == std::vector<int>{0, 1, 2, 3, 4, 1});
}

TEST_CASE("blocks of either size have all the memory while they are read") {
  BlockCache cache(300);
  const auto coarse = cache.add_array(2), fine = cache.add_array(8);
  int reads = 0;
  const auto use = [&](std::size_t array, std::int64_t number, std::int64_t bytes) {
    const auto expected = static_cast<std::uint8_t>(10 * array + number);
    CHECK(*cache.block(array, number, bytes, [&](std::uint8_t* out) {
      ++reads;
      *out = expected;
    }) == expected);
  };
  for (int pass = 0; pass < 2; ++pass) {
    use(coarse, 0, 100);
    for (int again = 0; again < 3; ++again)
      for (int number = 0; number < 8; ++number) use(fine, number, 30);
  }
  CHECK(reads == 2 * (1 + 8));
}

TEST_CASE("a streamed file has the values of one that is read into memory") {
  const StreamFolder folder;
  const auto images = write_large(folder / "a");
  const auto index = Draw(1).permutation(4000).slice(0, 0, 200);
  for (const Options& options :
       {Options{{"max", "255"}}, Options{{"range", "[0, 300]"}}, Options{{"domain", "count"}},
        Options{{"layout", "ND"}}, Options{{"labels", "labels"}, {"limit", "3000"}}}) {
    auto with_window = options;
    with_window.emplace_back("window", "1");
    const auto whole = train_of(folder / "a", options);
    const auto part = train_of(folder / "a", with_window);
    CHECK_FALSE(whole->is_streamed());
    CHECK(part->is_streamed());
    CHECK(part->event() == whole->event());
    CHECK((part->annotations().blocks == whole->annotations().blocks));
    REQUIRE(part->annotations().bounds.has_value());
    CHECK(part->annotations().bounds->max == whole->annotations().bounds->max);
    const auto some = index.index_select(0, index.lt(whole->size()).nonzero().flatten());
    CHECK(part->gather(some, at::kCPU).equal(whole->gather(some, at::kCPU)));
  }
}

TEST_CASE("an epoch reads the bytes of a file once, with folds and a test split as well") {
  const StreamFolder folder;
  write_large(folder / "a");
  const auto size = static_cast<double>(std::filesystem::file_size(folder / "a"));
  const LoadedParams loaded(
      folder / "a",
      {{"window", "1"}, {"max", "255"}, {"labels", "labels"}, {"test", "0.2"}, {"folds", "5"}});
  auto dataset = loaded.make();
  const auto splits = make_splits(dataset, loaded.params());
  CHECK(splits.train.size() == 2560);
  Draw draw(1);
  const auto order = splits.train.order(draw);
  const auto before = bytes_read();
  for (const auto& batch : order.split(128)) splits.train.batch(batch, draw);
  CHECK_THAT(static_cast<double>(bytes_read() - before), Catch::Matchers::WithinRel(size, 0.05));
}

TEST_CASE("a streamed file is checked once by all processes, and again if anything has changed") {
  const StreamFolder folder;
  auto rows = Draw(1).uniform({3000, 100}).to(at::kDouble);
  const auto write = [&] {
    Hdf5Writer(folder / "a")
        .array("images", H5T_IEEE_F64LE, extents(rows), rows, Storage::chunked, {10, 100});
  };
  write();
  const auto size = static_cast<double>(std::filesystem::file_size(folder / "a"));
  /// The part of the file that opening it reads.
  const auto part_read = [&](const Options& options = {}) {
    auto given = options;
    given.emplace_back("window", "1");
    const auto before = bytes_read();
    const auto samples = train_of(folder / "a", given);
    CHECK(samples->is_streamed());
    CHECK(samples->annotations().bounds->max == rows.to(at::kFloat).max().item<double>());
    return static_cast<double>(bytes_read() - before) / size;
  };
  CHECK(part_read() > 0.9);
  CHECK(part_read() < 0.1);
  CHECK(part_read({{"missing", "nan"}}) > 0.9);
  CHECK(part_read({{"missing", "nan"}}) < 0.1);
  for (const auto& file : std::filesystem::directory_iterator(folder / "data/arrays"))
    std::filesystem::resize_file(file, 60);
  CHECK(part_read() > 0.9);
  rows[2222][7] = 2;
  write();
  CHECK(part_read() > 0.9);
  rows[2222][7] = NAN;
  write();
  CHECK(contains(error_of(folder / "a", {{"window", "1"}}), "a: images: row 2222 holds NaN"));
  CHECK(contains(error_of(folder / "a", {{"window", "1"}}), "a: images: row 2222 holds NaN"));
}

TEST_CASE("streamed images are resized when they are gathered") {
  const StreamFolder folder;
  const auto images = write_large(folder / "a");
  const LoadedParams loaded(folder / "a", {{"window", "1"}, {"resize", "[14, 7]"}});
  auto dataset = loaded.make();
  const auto splits = make_splits(dataset, loaded.params());
  CHECK(splits.spec.event == std::vector<std::int64_t>{1, 14, 7});
  Draw draw(1);
  const auto expected = images.slice(0, 100, 110).to(at::kFloat).view({10, 1, 14, 2, 7, 4});
  CHECK(at::allclose(splits.train.slice(100, 110, draw).target,
                     expected.mean(at::IntArrayRef{3, 5}) / 255, 1e-5, 1e-6));
}

TEST_CASE("what is wrong with streamed numbers is found when the file is opened") {
  const StreamFolder folder;
  const Options streamed = {{"window", "1"}};
  const auto rows = at::zeros({3000, 200}, at::kDouble);
  const auto error = [&](double number) {
    rows[2222][7] = number;
    Hdf5Writer(folder / "a")
        .array("images", H5T_IEEE_F64LE, extents(rows), rows, Storage::chunked, {10, 200});
    return error_of(folder / "a", streamed);
  };
  CHECK(contains(error(NAN), "a: images: row 2222 holds NaN"));
  CHECK(contains(error(1e300), "a: images: row 2222 holds inf"));

  const auto bytes = at::zeros({3000, 1000}, at::kByte);
  bytes[2999][999] = 2;
  Hdf5Writer(folder / "b")
      .array("images", H5T_STD_U8LE, extents(bytes), bytes, Storage::chunked, {10, 1000});
  CHECK(contains(error_of(folder / "b", streamed),
                 "b: images: row 2999 has a pixel of 2, more than the 1 that stands for 1. Set "
                 "'max: 255'."));
  Hdf5Writer(folder / "c")
      .array("images", H5T_STD_U8LE, {4000, 1000}, bytes, Storage::chunked, {10, 1000});
  CHECK(contains(error_of(folder / "c", streamed), "were ever written"));
  Hdf5Writer(folder / "d")
      .array("images", H5T_STD_U8LE, extents(bytes), bytes, Storage::chunked, {3000, 1000});
  CHECK(contains(error_of(folder / "d", streamed),
                 "3000 of its rows are stored in chunks that can only be read together, and take 3 "
                 "MiB. Set 'window: 9' or more"));
  CHECK(train_of(folder / "d", {{"window", "3"}})->size() == 3000);
}
