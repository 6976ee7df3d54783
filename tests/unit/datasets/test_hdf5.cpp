#include <hdf5.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "fixtures.hpp"
#include "hdf5_array.hpp"
#include "hdf5_dataset.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;
namespace fs = std::filesystem;

namespace {

enum class Storage { contiguous, chunked };

class Writer {
 public:
  explicit Writer(const fs::path& path)
      : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose) {}

  /// Writes `values`, or no values where they are undefined: a large array takes no space then.
  void array(const std::string& name, hid_t type, const std::vector<hsize_t>& sizes,
             const Tensor& values, Storage storage = Storage::contiguous,
             const std::vector<hsize_t>& chunk = {}) {
    const Hdf5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links.id(), 1);
    const Hdf5Handle plan(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    if (storage == Storage::chunked) {
      H5Pset_chunk(plan.id(), static_cast<int>(chunk.size()), chunk.data());
      H5Pset_deflate(plan.id(), 4);
    }
    const Hdf5Handle space(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr),
                           H5Sclose);
    const Hdf5Handle array(
        H5Dcreate2(file_.id(), name.c_str(), type, space.id(), links.id(), plan.id(), H5P_DEFAULT),
        H5Dclose);
    REQUIRE(array.good());
    if (!values.defined()) return;
    const auto found = values.scalar_type();
    const hid_t memory = found == torch::kUInt8   ? H5T_NATIVE_UINT8
                         : found == torch::kLong  ? H5T_NATIVE_INT64
                         : found == torch::kFloat ? H5T_NATIVE_FLOAT
                                                  : H5T_NATIVE_DOUBLE;
    REQUIRE(H5Dwrite(array.id(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                     values.contiguous().data_ptr()) >= 0);
  }

 private:
  Hdf5Handle file_;
};

std::vector<hsize_t> extents(const Tensor& values) {
  return {values.sizes().begin(), values.sizes().end()};
}

/// Small images that differ; image i begins with the bytes of i.
Tensor images_of(at::IntArrayRef sizes, std::int64_t most = 256) {
  auto images = at::arange(c10::multiply_integers(sizes)).remainder(most).to(torch::kUInt8);
  images = images.reshape(sizes);
  const auto number = at::arange(sizes[0]);
  auto flat = images.reshape({sizes[0], -1});
  flat.select(1, 0).copy_(number.remainder(most));
  return images;
}

/// Loads parameters from pairs of key and text.
class Loaded {
 public:
  Loaded(const fs::path& file, const std::vector<std::pair<std::string, std::string>>& given) {
    auto map = Value::map();
    map.set("file", Value::text(file.string()));
    for (const auto& [key, text] : given)
      map.set(key, Value::scalar(text, false, {"x.yaml", 2, 3}));
    params_.load(map, {nullptr, "dataset hdf5", {"x.yaml", 1, 1}, 0});
  }
  Hdf5Dataset make() const { return Hdf5Dataset(params_); }

 private:
  Hdf5Params params_;
};

std::shared_ptr<const Samples> train_of(
    const fs::path& file, const std::vector<std::pair<std::string, std::string>>& given = {}) {
  return Loaded(file, given).make().load("train");
}

std::string error_of(const fs::path& file,
                     const std::vector<std::pair<std::string, std::string>>& given = {}) {
  return message_of([&] { train_of(file, given); });
}

Tensor all_images(const Samples& samples) { return samples.images(at::arange(samples.size())); }

}  // namespace

TEST_CASE("a file laid out as the official dSprites one loads by naming its arrays") {
  const TemporaryFolder folder;
  const auto file = folder / "dsprites.hdf5";
  const auto images = images_of({12, 64, 64}, 2);
  const auto values = at::arange(72).to(torch::kDouble).div(7).reshape({12, 6});
  const auto storage = GENERATE(Storage::contiguous, Storage::chunked);
  {
    Writer writer(file);
    writer.array("imgs", H5T_STD_U8LE, extents(images), images, storage, {5, 64, 64});
    writer.array("latents/classes", H5T_STD_I64LE, {12, 6}, at::arange(72).reshape({12, 6}));
    writer.array("latents/values", H5T_IEEE_F64LE, {12, 6}, values);
  }
  const auto samples = train_of(file, {{"images", "imgs"}, {"factors", "latents/values"}});
  CHECK(samples->size() == 12);
  CHECK(samples->image_shape() == std::vector<std::int64_t>{1, 64, 64});
  CHECK(all_images(*samples).equal(images.unsqueeze(1).to(torch::kFloat)));
  CHECK(samples->factors().equal(values.to(torch::kFloat)));
  CHECK_FALSE(samples->labels().defined());
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
    Writer writer(file);
    writer.array("images", H5T_STD_U8LE, extents(images), images, storage, {4, 32, 64, 3});
    writer.array("labels", H5T_IEEE_F64LE, {10, 6}, labels);
  }
  const auto samples = train_of(file, {{"factors", "labels"}});
  CHECK(samples->image_shape() == std::vector<std::int64_t>{3, 64, 64});
  CHECK(all_images(*samples).equal(
      images.permute({0, 3, 1, 2}).to(torch::kDouble).div(255).to(torch::kFloat)));
  CHECK(samples->factors().equal(labels.to(torch::kFloat)));
}

TEST_CASE("limit reads the first images alone from chunks") {
  const TemporaryFolder folder;
  const auto images = images_of({300, 8, 8});
  Writer(folder / "a")
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
    Writer writer(folder / "a");
    writer.array("images", H5T_STD_U8LE, extents(images), images, storage, {7, 4, 4});
    writer.array("y", H5T_STD_U16BE, {200}, at::arange(200));
  }
  auto options =
      std::vector<std::pair<std::string, std::string>>{{"labels", "y"}, {"test", "0.25"}};
  if (limited) options.push_back({"limit", "20"});
  const Loaded loaded(folder / "a", options);
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
    CHECK(numbers.to(torch::kLong).equal(part->labels()));
    CHECK(part->labels().diff().gt(0).all().item<bool>());
    for (std::int64_t i = 0; i < part->size(); ++i)
      CHECK(seen.insert(part->labels()[i].item<std::int64_t>()).second);
  }
}

TEST_CASE("test images may have arrays of their own") {
  const TemporaryFolder folder;
  const auto images = images_of({6, 4, 4});
  {
    Writer writer(folder / "a");
    writer.array("train/x", H5T_STD_U8LE, extents(images), images);
    writer.array("test/x", H5T_STD_U8LE, {2, 4, 4}, images.slice(0, 0, 2));
    writer.array("test/y", H5T_STD_I32LE, {2, 1}, at::arange(2));
  }
  const Loaded loaded(
      folder / "a", {{"images", "train/x"}, {"test_images", "test/x"}, {"test_labels", "test/y"}});
  auto data = loaded.make();
  CHECK(data.load("train")->size() == 6);
  CHECK(data.load("test")->labels().equal(at::arange(2)));
}

TEST_CASE("the layout follows from the axes, or is asked for") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  const auto shape = [&](const std::vector<hsize_t>& sizes, const std::string& layout) {
    const std::vector<std::int64_t> signed_sizes(sizes.begin(), sizes.end());
    Writer(file).array("images", H5T_STD_U8LE, sizes, images_of(signed_sizes));
    return train_of(file, {{"layout", layout}})->image_shape();
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
  CHECK(contains(message_of([&] { shape({5, 8}, "auto"); }), "expected images [N, H, W]"));
}

TEST_CASE("an array that is not what it is used as is an error that names it") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  const auto images = images_of({5, 4, 4});
  const auto nan = at::full({5, 2}, std::numeric_limits<double>::quiet_NaN());
  {
    Writer writer(file);
    writer.array("images", H5T_STD_U8LE, extents(images), images);
    writer.array("floats", H5T_IEEE_F32LE, extents(images), images.to(torch::kFloat));
    writer.array("short", H5T_STD_I32LE, {4}, at::arange(4));
    writer.array("negative", H5T_STD_I8LE, {5}, at::arange(5) - 1);
    writer.array("large", H5T_STD_U64LE, {5}, at::arange(5) * 1'000'000);
    writer.array("real", H5T_IEEE_F64LE, {5}, at::arange(5).to(torch::kDouble));
    writer.array("nan", H5T_IEEE_F64LE, {5, 2}, nan);
    writer.array("cube", H5T_IEEE_F64LE, {5, 2, 2}, at::zeros({5, 2, 2}, torch::kDouble));
    writer.array("text", H5T_C_S1, {5}, {});
    writer.array("none", H5T_STD_U8LE, {0, 4, 4}, {});
    writer.array("never", H5T_STD_U8LE, {5, 4, 4}, {});
  }
  const auto labels = [&](const std::string& name) { return error_of(file, {{"labels", name}}); };
  CHECK(labels("short") ==
        file.string() + ": short: has 4 rows for the 5 images of " + file.string() + ": images.");
  CHECK(contains(labels("negative"), "expected labels from 0 to 1000000, found -1"));
  CHECK(contains(labels("large"), "found 4000000"));
  CHECK(contains(labels("real"), "whole numbers, found floats"));
  CHECK(contains(labels("text"), "holds no numbers"));
  CHECK(contains(labels("missing"), "has no array 'missing'"));
  CHECK(contains(error_of(file, {{"factors", "nan"}}), "not finite"));
  CHECK(contains(error_of(file, {{"factors", "cube"}}), "expected factors [N, F]"));
  CHECK(contains(error_of(file, {{"images", "floats"}}), "expected images of unsigned bytes"));
  CHECK(contains(error_of(file, {{"images", "none"}}), "has 0 entries along axis 0"));
  // Never written: the library gives zeros.
  CHECK(all_images(*train_of(file, {{"images", "never"}})).sum().item<float>() == 0);
}

TEST_CASE("images that need too much memory are an error that names limit") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  {
    Writer writer(file);
    writer.array("images", H5T_STD_U8LE, {50'000'000, 512, 512}, {}, Storage::chunked,
                 {1, 512, 512});
    writer.array("wide", H5T_STD_U8LE, {2, 1'000'000, 1'000'000}, {}, Storage::chunked, {1, 8, 8});
  }
  CHECK(contains(error_of(file),
                 "takes more than half of this machine's memory. Read fewer by 'limit'"));
  CHECK(train_of(file, {{"limit", "3"}})->size() == 3);
  CHECK(contains(error_of(file, {{"images", "wide"}}), "entries along axis 2"));
}

TEST_CASE("what is no intact HDF5 file is an error, and a pipe does not block") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  write_file(file, "hello");
  CHECK(contains(error_of(file), "is no intact HDF5 file"));
  write_file(file, "");
  CHECK(contains(error_of(file), "is no intact HDF5 file"));
  CHECK(contains(error_of(folder / "missing"), "No such file"));
  CHECK(contains(error_of(folder.path()), "found a folder"));
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(contains(error_of(folder / "pipe"), "found a pipe"));

  const auto images = images_of({50, 28, 28});
  Writer(file).array("images", H5T_STD_U8LE, extents(images), images);
  fs::resize_file(file, fs::file_size(file) - 10'000);
  CHECK(contains(error_of(file), "is no intact HDF5 file"));
}

TEST_CASE("a packed chunk that is damaged is an error") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  const auto images = images_of({200, 28, 28});
  Writer(file).array("images", H5T_STD_U8LE, extents(images), images, Storage::chunked,
                     {200, 28, 28});
  {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(fs::file_size(file)) - 300);
    stream << std::string(200, 'x');
  }
  CHECK(contains(error_of(file), "cannot be read"));
}

TEST_CASE("options of an HDF5 data set that contradict each other are errors") {
  const auto error = [](const std::vector<std::pair<std::string, std::string>>& given) {
    return message_of<ConfigError>([&] { Loaded("a", given); });
  };
  CHECK(contains(error({{"test", "0.1"}, {"test_images", "x"}}), "give one of the two"));
  CHECK(contains(error({{"test_labels", "x"}}), "give 'test_images'"));
  Hdf5Params params;
  CHECK(contains(message_of<ConfigError>([&] { params.load(Value::map(), {}); }),
                 "expected the path of an HDF5 file"));
}

TEST_CASE("names of factors must be as many as the factors") {
  const TemporaryFolder folder;
  const auto images = images_of({5, 4, 4});
  {
    Writer writer(folder / "a");
    writer.array("images", H5T_STD_U8LE, extents(images), images);
    writer.array("f", H5T_IEEE_F64LE, {5, 2}, at::zeros({5, 2}, torch::kDouble));
  }
  const auto load = [&](std::vector<Value> names) {
    auto map = Value::map();
    map.set("file", Value::text((folder / "a").string()));
    map.set("factors", Value::text("f"));
    map.set("factor_names", Value::list(std::move(names)));
    Hdf5Params params;
    params.load(map, {});
    return Hdf5Dataset(params).load("train")->factor_names();
  };
  CHECK(load({Value::text("x"), Value::text("y")}) == std::vector<std::string>{"x", "y"});
  CHECK(contains(message_of([&] { load({Value::text("x")}); }),
                 "has 2 factors, but 1 'factor_names'"));
}
