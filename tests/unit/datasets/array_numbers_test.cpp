#include <cmath>
#include <limits>

#include "fixtures.hpp"
#include "hdf5_files.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Rows of floats that are not in [0, 1]: [6, 3] float32.
Tensor rows_of_numbers() { return at::arange(18).to(torch::kFloat).sub(5.5).reshape({6, 3}); }

void write_rows(const std::filesystem::path& file, const Tensor& rows,
                Storage storage = Storage::contiguous) {
  Hdf5Writer(file).array("images", H5T_IEEE_F64LE, extents(rows), rows, storage, {2, 3});
}

std::string likelihood_of(const std::filesystem::path& file, const Options& given = {}) {
  return LoadedParams(file, given).params().default_likelihood();
}

bool is_one_block(const Samples& samples, Domain domain, std::int64_t size) {
  return samples.annotations().blocks == std::vector<DataBlock>{{domain, size}};
}

Value resolved_of(const Options& given) { return LoadedParams("a", given).params().resolved(); }

}  // namespace

TEST_CASE("rows of floats are real numbers, whose likelihood is gaussian") {
  const TemporaryFolder folder;
  const auto rows = rows_of_numbers();
  const auto storage = GENERATE(Storage::contiguous, Storage::chunked);
  for (const hid_t type : {H5T_IEEE_F32LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE}) {
    Hdf5Writer(folder / "a").array("images", type, extents(rows), rows, storage, {4, 2});
    const auto samples = train_of(folder / "a");
    CHECK(samples->event() == std::vector<std::int64_t>{3});
    CHECK(is_one_block(*samples, Domain::real, 3));
    CHECK(all_images(*samples).equal(rows));
    CHECK(likelihood_of(folder / "a") == "gaussian");
  }
}

TEST_CASE("a range is mapped to [0, 1], of bytes as well, with bernoulli as the likelihood") {
  const TemporaryFolder folder;
  const auto bytes = at::tensor({0, 4, 8, 16}, torch::kUInt8).reshape({2, 2});
  Hdf5Writer(folder / "a").array("images", H5T_STD_U8LE, {2, 2}, bytes);
  const LoadedParams loaded(folder / "a", {{"range", "[0, 16]"}});
  CHECK(all_images(*loaded.make().load("train"))
            .equal(at::tensor({0.0F, 0.25F, 0.5F, 1.0F}).view({2, 2})));
  CHECK(loaded.params().default_likelihood() == "bernoulli");
  CHECK(contains(error_of(folder / "a", {{"range", "[0, 8]"}}),
                 "a: images: row 1 holds a number that 'range' maps to 2; expected numbers in the "
                 "range."));

  // In float64: 1e6 + 1/16 is 1e6 as float32.
  write_rows(folder / "b", at::full({1, 3}, 1e6 + 0.0625, torch::kDouble));
  CHECK(all_images(*train_of(folder / "b", {{"range", "[1e6, 1000001]"}}))
            .equal(at::full({1, 3}, 0.0625F)));
}

TEST_CASE("counts are whole and not negative, and their likelihood is negative_binomial") {
  const TemporaryFolder folder;
  const Options counts = {{"domain", "count"}};
  const auto error = [&](double number) {
    const auto rows = at::zeros({4, 3}, torch::kDouble);
    rows[2][1] = number;
    write_rows(folder / "a", rows);
    return error_of(folder / "a", counts);
  };
  const auto place = (folder / "a").string() + ": images: row 2 holds ";
  CHECK(error(0.5) == place + "0.5; expected counts, whole numbers from 0 to 16777215.");
  CHECK(contains(error(-1), "row 2 holds -1; expected counts"));
  CHECK(contains(error(16777218), "row 2 holds 16777218; expected counts"));
  CHECK(contains(error(kNan), "row 2 holds NaN"));
  // As a float32 it is 16777216.
  CHECK(contains(error(16777217), "row 2 holds 16777216; expected counts"));
  CHECK(error(16777215) == "nothing");
  CHECK(is_one_block(*train_of(folder / "a", counts), Domain::count, 3));
  CHECK(likelihood_of(folder / "a", counts) == "negative_binomial");
  // Bytes as counts are not divided by 255.
  Hdf5Writer(folder / "b").array("images", H5T_STD_U8LE, {2, 2}, images_of({2, 2}));
  CHECK(all_images(*train_of(folder / "b", counts)).max().item<float>() == 3);
}

TEST_CASE("NaN is a missing value if 'missing: nan' says so, else an error with its row") {
  const TemporaryFolder folder;
  const auto rows = rows_of_numbers();
  rows[4][1] = kNan;
  const auto storage = GENERATE(Storage::contiguous, Storage::chunked);
  write_rows(folder / "a", rows, storage);
  CHECK(error_of(folder / "a") == (folder / "a").string() +
                                      ": images: row 4 holds NaN. If that is a value that was not "
                                      "observed, set 'missing: nan'.");
  const auto samples = train_of(folder / "a", {{"missing", "nan"}});
  CHECK(samples->annotations().has_missing);
  CHECK(samples->annotations().bounds->min == -5.5);
  CHECK(samples->annotations().bounds->max == 11.5);
  CHECK(at::allclose(all_images(*samples), rows, 0, 0, /*equal_nan=*/true));

  rows[4][1] = 0;
  write_rows(folder / "a", rows, storage);
  CHECK_FALSE(train_of(folder / "a", {{"missing", "nan"}})->annotations().has_missing);
  rows[5][2] = std::numeric_limits<double>::infinity();
  write_rows(folder / "a", rows, storage);
  CHECK(contains(error_of(folder / "a", {{"missing", "nan"}}), "row 5 holds inf; expected"));
}

TEST_CASE("a row that 'limit' or 'test' leaves in a compressed file is named by its place there") {
  const TemporaryFolder folder;
  const auto rows = at::zeros({50, 3}, torch::kDouble);
  rows[49][0] = kNan;
  write_rows(folder / "a", rows, Storage::chunked);
  CHECK(contains(error_of(folder / "a", {{"test", "0.5"}}), "row 49 holds NaN"));
  CHECK(error_of(folder / "a", {{"limit", "49"}}) == "nothing");
}

TEST_CASE("the default likelihood follows the domain, and is read from the file only for auto") {
  const TemporaryFolder folder;
  Hdf5Writer(folder / "a").array("images", H5T_STD_U8LE, {5, 4, 4}, images_of({5, 4, 4}));
  CHECK(likelihood_of(folder / "a") == "bernoulli");
  CHECK(likelihood_of(folder / "missing", {{"domain", "real"}}) == "gaussian");
  CHECK(contains(message_of([&] { likelihood_of(folder / "missing"); }), "No such file"));
}

TEST_CASE("training and test samples are of one domain") {
  const TemporaryFolder folder;
  {
    Hdf5Writer writer(folder / "a");
    writer.array("images", H5T_IEEE_F32LE, {5, 4}, at::zeros({5, 4}));
    writer.array("more", H5T_STD_U8LE, {5, 4}, images_of({5, 4}));
  }
  const LoadedParams loaded(folder / "a", {{"test_images", "more"}});
  CHECK(
      contains(message_of([&] { loaded.make().load("test"); }),
               "the images of more are of numbers in [0, 1], and those of images of real numbers. "
               "Set 'domain' to what both are."));
}

TEST_CASE("options of numbers that contradict each other are errors") {
  const auto error = [](const Options& given) {
    return message_of<ConfigError>([&] { LoadedParams("a", given); });
  };
  CHECK(contains(error({{"range", "[1, 1]"}}), "the second is greater"));
  CHECK(contains(error({{"range", "[1]"}}), "expected [low, high]"));
  CHECK(
      contains(error({{"range", "[0, 1]"}, {"domain", "count"}}), "counts are taken as they are"));
  CHECK(contains(error({{"range", "[0, 1]"}, {"max", "255"}}), "give one"));
  CHECK(contains(error({{"range", "[0, 1]"}, {"scale", "2"}}), "scale: 'range' says what"));
  CHECK(contains(error({{"offset", "2"}, {"domain", "count"}}), "offset: counts are taken"));
  CHECK(contains(error({{"scale", "2"}, {"max", "255"}}), "scale: 'max' says what"));
  CHECK(contains(error({{"scale", "0"}}), "scale: expected another number than 0"));
  const TemporaryFolder folder;
  write_rows(folder / "a", rows_of_numbers());
  CHECK(contains(message_of<ConfigError>([&] {
                   train_of(folder / "a", {{"max", "255"}});
                 }),
                 "images is not read as such bytes. Remove it, or set 'range' instead."));
}

TEST_CASE("parameters that came later are no part of an older trial's identity") {
  for (const auto* key : {"domain", "range", "missing"})
    CHECK(resolved_of({}).find(key) == nullptr);
  const auto given = resolved_of({{"domain", "real"}, {"range", "[0, 2]"}, {"missing", "nan"}});
  for (const auto* key : {"domain", "range", "missing"}) CHECK(given.find(key) != nullptr);
  CHECK(resolved_of({}).find("images")->text() == "images");
}
