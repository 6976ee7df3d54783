#include <sys/stat.h>

#include <limits>

#include "fixtures.hpp"
#include "hdf5_files.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;
namespace fs = std::filesystem;

TEST_CASE("an array that is not what it is used as is an error that names it") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  const auto images = images_of({5, 4, 4});
  const auto nan = at::full({5, 2}, std::numeric_limits<double>::quiet_NaN());
  {
    Hdf5Writer writer(file);
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
  }
  const auto labels = [&](const std::string& name) { return error_of(file, {{"labels", name}}); };
  CHECK(labels("short") ==
        file.string() + ": short: has 4 rows for the 5 images of " + file.string() + ": images.");
  CHECK(contains(labels("negative"), "expected labels from 0 to 1000000, found -1"));
  CHECK(contains(labels("large"), "found 4000000"));
  CHECK(contains(labels("real"), "whole numbers, found floats"));
  CHECK(contains(labels("text"), "does not hold numbers"));
  CHECK(contains(labels("missing"), "has no array 'missing'"));
  CHECK(contains(error_of(file, {{"factors", "nan"}}), "not finite"));
  CHECK(contains(error_of(file, {{"factors", "cube"}}), "expected factors [N, F]"));
  CHECK(
      contains(error_of(file, {{"images", "floats"}}),
               "a: floats: row 0 holds 2; expected numbers from 0 to 1. Set 'range: [low, high]'"));
  CHECK(contains(error_of(file, {{"images", "none"}}), "has 0 entries along axis 0"));
}

TEST_CASE("what was never written is an error, and not zeros, however large it is") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  const auto images = images_of({5, 4, 4});
  {
    Hdf5Writer writer(file);
    writer.array("images", H5T_STD_U8LE, extents(images), images);
    writer.array("whole", H5T_STD_U8LE, {5, 4, 4}, {});
    writer.array("labels", H5T_STD_I64LE, {5}, {});
    writer.array("chunks", H5T_STD_U8LE, {5, 4, 4}, {}, Storage::chunked, {2, 4, 4});
    writer.array("large", H5T_STD_U8LE, {100'000, 400, 300}, {}, Storage::chunked, {1, 400, 300});
    writer.array("begun", H5T_STD_U8LE, {50, 4, 4}, images, Storage::chunked, {2, 4, 4});
  }
  for (const std::string name : {"whole", "chunks", "large"})
    CHECK(contains(error_of(file, {{"images", name}}), name + ": was never written"));
  CHECK(contains(error_of(file, {{"labels", "labels"}}), "labels: was never written"));
  CHECK(contains(error_of(file, {{"images", "begun"}}),
                 "not all of its rows 0 to 49 were ever written"));
  CHECK(
      all_images(*train_of(file, {{"images", "begun"}, {"limit", "5"}, {"max", "255"}})).size(0) ==
      5);
  CHECK(contains(error_of(file, {{"images", "begun"}, {"limit", "7"}, {"max", "255"}}),
                 "rows 0 to 6"));
  CHECK(fs::file_size(file) < 20'000);
}

TEST_CASE("images that need too much memory are an error that names limit") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  {
    Hdf5Writer writer(file);
    writer.array("images", H5T_STD_U8LE, {500'000, 512, 512}, images_of({3, 512, 512}),
                 Storage::chunked, {1, 512, 512});
    writer.array("wide", H5T_STD_U8LE, {2, 1'000'000, 1'000'000}, {}, Storage::chunked, {1, 8, 8});
  }
  CHECK(contains(error_of(file, {{"window", "1048576"}, {"max", "255"}}),
                 "takes more than half of this machine's memory. Read fewer by 'limit', or set a "
                 "smaller 'window'"));
  CHECK(train_of(file, {{"limit", "3"}, {"max", "255"}})->size() == 3);
  CHECK(contains(error_of(file, {{"images", "wide"}}), "entries along axis 2"));
}

TEST_CASE("a file that is not intact HDF5 is an error, and a pipe does not block") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  write_file(file, "hello");
  CHECK(contains(error_of(file), "cannot be opened as HDF5"));
  write_file(file, "");
  CHECK(contains(error_of(file), "cannot be opened as HDF5"));
  CHECK(contains(error_of(folder / "missing"), "No such file"));
  CHECK(contains(error_of(folder.path()), "is a folder, not an HDF5 file"));
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(contains(error_of(folder / "pipe"), "is not a regular file"));

  const auto images = images_of({50, 28, 28});
  Hdf5Writer(file).array("images", H5T_STD_U8LE, extents(images), images);
  const auto size = fs::file_size(file);
  fs::resize_file(file, size - 10'000);
  CHECK(contains(error_of(file),
                 "cannot be opened as HDF5: it is cut short: " + std::to_string(size - 10'000) +
                     " of " + std::to_string(size) + " bytes"));
}

TEST_CASE("a group in place of an array is told, with the arrays in it") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  const auto images = images_of({5, 4, 4});
  {
    Hdf5Writer writer(file);
    writer.array("g/images", H5T_STD_U8LE, extents(images), images);
  }
  const auto error = error_of(file, {{"images", "g"}});
  CHECK(contains(error, "/g: is a group, and a data set is expected. It has: g/images"));
  CHECK_FALSE(contains(error, "damaged"));
}

TEST_CASE("an array whose values are in other files is an error") {
  const TemporaryFolder folder;
  Hdf5Writer(folder / "a").array("images", H5T_STD_U8LE, {5, 4, 4}, {}, Storage::external);
  CHECK(contains(error_of(folder / "a"), "a: images: its values are in other files"));
}

TEST_CASE(
    "a link into another file is an error that names both files, one within the file is not") {
  const TemporaryFolder folder;
  const auto images = images_of({5, 4, 4});
  const auto size = GENERATE(4, 1200);  // of the other file: below and above what is read at once
  {
    Hdf5Writer other(folder / "other");
    other.array("group/images", H5T_STD_U8LE, extents(images), images);
    other.array("rest", H5T_STD_U8LE, {1, 1000, static_cast<hsize_t>(size)},
                at::zeros({1, 1000, size}, torch::kUInt8));
  }
  {
    Hdf5Writer writer(folder / "a");
    writer.array("images", H5T_STD_U8LE, extents(images), images);
    writer.link("same", "/images");
    writer.link("direct", folder / "other", "/group/images");
    writer.link("group", folder / "other", "/group");
    writer.link("lost", folder / "nowhere", "/images");
  }
  for (const std::string name : {"direct", "group/images"}) {
    CHECK(contains(error_of(folder / "a", {{"images", name}}),
                   (folder / "a").string() + ": " + name + ": is a link into " +
                       (folder / "other").string() + "."));
    CHECK(contains(error_of(folder / "a", {{"labels", name}}), "is a link into"));
  }
  CHECK(contains(error_of(folder / "a", {{"images", "lost"}}), "lost: is a link into"));
  CHECK(all_images(*train_of(folder / "a", {{"images", "same"}}))
            .equal(all_images(*train_of(folder / "a"))));
}

TEST_CASE("a packed chunk that is damaged is an error") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  const auto images = images_of({200, 28, 28});
  Hdf5Writer(file).array("images", H5T_STD_U8LE, extents(images), images, Storage::chunked,
                         {200, 28, 28});
  {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(fs::file_size(file)) - 300);
    stream << std::string(200, 'x');
  }
  CHECK(contains(error_of(file), "cannot be read"));
}

TEST_CASE("a filter that this machine lacks is named") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  {
    const hdf5::Handle out(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    const hdf5::Handle plan(H5Pcreate(H5P_DATASET_CREATE));
    const std::vector<hsize_t> sizes = {2, 4, 4};
    H5Pset_chunk(plan, 3, sizes.data());
    H5Pset_filter(plan, 32015, H5Z_FLAG_OPTIONAL, 0, nullptr);
    const hdf5::Handle space(H5Screate_simple(3, sizes.data(), nullptr));
    const hdf5::Handle array(
        H5Dcreate2(out, "images", H5T_STD_U8LE, space, H5P_DEFAULT, plan, H5P_DEFAULT));
    const std::vector<hsize_t> first(3, 0);
    const std::string packed(11, 'x');  // as if the filter had packed it
    REQUIRE(H5Dwrite_chunk(array, H5P_DEFAULT, 0, first.data(), packed.size(), packed.data()) >= 0);
  }
  CHECK(contains(error_of(file),
                 "/images is packed by the HDF5 filter 32015, which is not on this machine"));
}

TEST_CASE("training and test images of different sizes are named with their arrays") {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  {
    Hdf5Writer writer(file);
    writer.array("images", H5T_STD_U8LE, {5, 4, 4}, images_of({5, 4, 4}));
    writer.array("more", H5T_STD_U8LE, {5, 6, 4}, images_of({5, 6, 4}));
  }
  const LoadedParams loaded(file, {{"test_images", "more"}});
  auto data = loaded.make();
  data.load("train");
  CHECK(
      contains(message_of([&] { data.load("test"); }),
               "the images of more are of [1, 6, 4] [C, H, W], and those of images of [1, 4, 4]"));
}

TEST_CASE("options of an HDF5 data set that contradict each other are errors") {
  const auto error = [](const Options& given) {
    return message_of<ConfigError>([&] { LoadedParams("a", given); });
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
    Hdf5Writer writer(folder / "a");
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
    return Hdf5Dataset(params).load("train")->annotations().factor_names;
  };
  CHECK(load({Value::text("x"), Value::text("y")}) == std::vector<std::string>{"x", "y"});
  CHECK(contains(message_of([&] { load({Value::text("x")}); }),
                 "has 2 factors, but 1 'factor_names'"));
}
