#include <set>

#include "fixtures.hpp"
#include "hdf5_files.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;

TEST_CASE("a file laid out as the official dSprites one loads by naming its arrays") {
  const TemporaryFolder folder;
  const auto file = folder / "dsprites.hdf5";
  const auto images = images_of({12, 64, 64}, 2);
  const auto values = at::arange(72).to(torch::kDouble).div(7).reshape({12, 6});
  const auto storage = GENERATE(Storage::contiguous, Storage::chunked);
  {
    Hdf5Writer writer(file);
    writer.array("imgs", H5T_STD_U8LE, extents(images), images, storage, {5, 64, 64});
    writer.array("latents/classes", H5T_STD_I64LE, {12, 6}, at::arange(72).reshape({12, 6}));
    writer.array("latents/values", H5T_IEEE_F64LE, {12, 6}, values);
  }
  const auto samples = train_of(file, {{"images", "imgs"}, {"factors", "latents/values"}});
  CHECK(samples->size() == 12);
  CHECK(samples->event() == std::vector<std::int64_t>{1, 64, 64});
  CHECK(all_images(*samples).equal(images.unsqueeze(1).to(torch::kFloat)));
  CHECK(samples->annotations().factors.equal(values.to(torch::kFloat)));
  CHECK_FALSE(samples->annotations().labels.defined());
  CHECK(contains(error_of(file, {{"images", "imgs"}, {"labels", "latents/classes"}}),
                 "expected one label for each image, [N], found [12, 6]"));
  CHECK(contains(error_of(file), "has no array 'images'. "));
  CHECK(contains(error_of(file), "latents/classes"));
}

TEST_CASE("a file laid out as the official 3D Shapes one loads by naming its arrays") {
  const TemporaryFolder folder;
  const auto file = folder / "3dshapes.h5";
  const auto images = images_of({10, 64, 64, 3});
  const auto labels = at::arange(60).to(torch::kDouble).div(10).reshape({10, 6});
  const auto storage = GENERATE(Storage::contiguous, Storage::chunked);
  {
    Hdf5Writer writer(file);
    writer.array("images", H5T_STD_U8LE, extents(images), images, storage, {4, 32, 64, 3});
    writer.array("labels", H5T_IEEE_F64LE, {10, 6}, labels);
  }
  const auto samples = train_of(file, {{"factors", "labels"}});
  CHECK(samples->event() == std::vector<std::int64_t>{3, 64, 64});
  CHECK(all_images(*samples).equal(
      images.permute({0, 3, 1, 2}).to(torch::kDouble).div(255).to(torch::kFloat)));
  CHECK(samples->annotations().factors.equal(labels.to(torch::kFloat)));
}

TEST_CASE("limit reads the first images alone from chunks") {
  const TemporaryFolder folder;
  const auto images = images_of({300, 8, 8});
  Hdf5Writer(folder / "a")
      .array("images", H5T_STD_U8LE, extents(images), images, Storage::chunked, {7, 8, 8});
  const auto samples = train_of(folder / "a", {{"limit", "100"}});
  CHECK(samples->size() == 100);
  CHECK(all_images(*samples).equal(
      images.slice(0, 0, 100).unsqueeze(1).to(torch::kFloat).div(255.0F)));
}

TEST_CASE("a part of the images can be set aside as the test split") {
  const TemporaryFolder folder;
  const auto images = images_of({200, 4, 4});
  const auto storage = GENERATE(Storage::contiguous, Storage::chunked);
  const bool limited = GENERATE(false, true);
  {
    Hdf5Writer writer(folder / "a");
    writer.array("images", H5T_STD_U8LE, extents(images), images, storage, {7, 4, 4});
    writer.array("y", H5T_STD_U16BE, {200}, at::arange(200));
  }
  Options options = {{"labels", "y"}, {"test", "0.25"}};
  if (limited) options.push_back({"limit", "20"});
  const LoadedParams loaded(folder / "a", options);
  auto data = loaded.make();
  const auto train = data.load("train");
  const auto test = data.load("test");
  CHECK(train->size() == (limited ? 20 : 150));
  CHECK(test->size() == (limited ? 20 : 50));
  std::set<std::int64_t> seen;
  for (const auto& part : {train, test}) {
    // The first byte of an image and its label are its number.
    const auto numbers =
        all_images(*part).reshape({part->size(), -1}).select(1, 0).mul(255).round();
    CHECK(numbers.to(torch::kLong).equal(part->annotations().labels));
    CHECK(part->annotations().labels.diff().gt(0).all().item<bool>());
    for (std::int64_t i = 0; i < part->size(); ++i)
      CHECK(seen.insert(part->annotations().labels[i].item<std::int64_t>()).second);
  }
}

TEST_CASE("test images may have arrays of their own") {
  const TemporaryFolder folder;
  const auto images = images_of({6, 4, 4});
  {
    Hdf5Writer writer(folder / "a");
    writer.array("train/x", H5T_STD_U8LE, extents(images), images);
    writer.array("test/x", H5T_STD_U8LE, {2, 4, 4}, images.slice(0, 0, 2));
    writer.array("test/y", H5T_STD_I32LE, {2, 1}, at::arange(2));
  }
  const LoadedParams loaded(
      folder / "a", {{"images", "train/x"}, {"test_images", "test/x"}, {"test_labels", "test/y"}});
  auto data = loaded.make();
  CHECK(data.load("train")->size() == 6);
  CHECK(data.load("test")->annotations().labels.equal(at::arange(2)));
}

TEST_CASE("the layout follows from the axes, or is asked for") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  const auto shape = [&](const std::vector<hsize_t>& sizes, const std::string& layout) {
    const std::vector<std::int64_t> signed_sizes(sizes.begin(), sizes.end());
    Hdf5Writer(file).array("images", H5T_STD_U8LE, sizes, images_of(signed_sizes));
    return train_of(file, {{"layout", layout}})->event();
  };
  using Shape = std::vector<std::int64_t>;
  CHECK(shape({5, 8, 9}, "auto") == Shape{1, 8, 9});
  CHECK(shape({5, 8, 9, 3}, "auto") == Shape{3, 8, 9});
  CHECK(shape({5, 3, 8, 9}, "auto") == Shape{3, 8, 9});
  CHECK(shape({5, 3, 8, 3}, "NHWC") == Shape{3, 3, 8});
  CHECK(shape({5, 3, 8, 3}, "NCHW") == Shape{3, 8, 3});
  CHECK(contains(message_of([&] {
                   shape({5, 3, 8, 3}, "auto");
                 }),
                 "which axis holds the channels?"));
  CHECK(contains(message_of([&] { shape({5, 8, 9}, "NCHW"); }), "expected images of layout NCHW"));
  CHECK(shape({5, 8}, "auto") == Shape{8});
  CHECK(shape({5, 3, 8, 9, 2}, "auto") == Shape{432});
  CHECK(shape({5, 8, 9}, "ND") == Shape{72});
  CHECK(contains(message_of([&] { shape({5}, "auto"); }),
                 "expected rows [N, D], or images [N, H, W], [N, H, W, C] or [N, C, H, W], found"));
}
