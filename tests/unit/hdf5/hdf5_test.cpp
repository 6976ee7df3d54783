#include <hdf5.h>

#include <numeric>

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "varia/error.hpp"

using namespace varia::hdf5;

namespace {

/// A file that is open for writing, as other programs write theirs.
Object create_file(const std::string& path) {
  return {Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)),
          std::make_shared<const File>(File{path}), "/"};
}

std::vector<double> numbers(std::size_t count) {
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), 0.0);
  return values;
}

void write_as(const Object& root, const std::string& name, hid_t type, const Shape& shape,
              const Shape& chunk = {}) {
  const auto values = numbers(static_cast<std::size_t>(count_of(shape)));
  const Object dataset =
      create_dataset(root, name, type, shape, chunk, H5T_NATIVE_DOUBLE, values.data());
  write_all(dataset, H5T_NATIVE_DOUBLE, values.data());
}

}  // namespace

TEST_CASE("numbers of every type are read as the type that is asked for") {
  const varia::testing::TemporaryFolder folder;
  const std::string path = (folder.path() / "a.h5").string();
  {
    const Object root = create_file(path);
    write_as(root, "i8", H5T_STD_I8LE, {2, 3});
    write_as(root, "u16_big", H5T_STD_U16BE, {6});
    write_as(root, "i32_chunks", H5T_STD_I32LE, {3, 2}, {2, 2});
    write_as(root, "f32", H5T_IEEE_F32LE, {1, 2, 3});
    write_as(root, "f64_chunks", H5T_IEEE_F64BE, {6, 1}, {4, 1});
  }
  const Object root = open_file(path, true);
  for (const std::string& name : dataset_names(root, 10)) {
    const Object dataset = open_dataset(root, name);
    CHECK(read<double>(dataset) == numbers(6));
    CHECK(read<std::int64_t>(dataset) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5});
    CHECK(class_of(dataset) == (name[0] == 'f' ? H5T_FLOAT : H5T_INTEGER));
  }
  CHECK(dataset_names(root, 2) == std::vector<std::string>{"f32", "f64_chunks"});
  const Object chunks = open_dataset(root, "i32_chunks");
  CHECK(chunk_of(chunks) == Shape{2, 2});
  CHECK_FALSE(offset_of(chunks));
  std::vector<float> row(2);
  read_box(chunks, {2, 0}, {1, 2}, type_of<float>(), row.data());
  CHECK(row == std::vector<float>{4, 5});
  const Object whole = open_dataset(root, "i8");
  CHECK(chunk_of(whole).empty());
  CHECK(offset_of(whole));
  CHECK_FALSE(is_byte(whole));
  CHECK_FALSE(is_elsewhere(whole));
}

TEST_CASE("errors are of the kind of the file") {
  const varia::testing::TemporaryFolder folder;
  const std::string path = (folder.path() / "a.h5").string();
  CHECK_THROWS_AS(open_file(path, true), varia::DataError);
  CHECK_THROWS_AS(open_file(path), varia::StoreError);
  write_as(create_file(path), "x", H5T_STD_U8LE, {2});
  CHECK_THROWS_AS(open_dataset(open_file(path, true), "y"), varia::DataError);
  CHECK_THROWS_AS(open_dataset(open_file(path), "y"), varia::StoreError);
  CHECK_THROWS_AS(read_attribute<std::string>(open_file(path, true), "title"), varia::DataError);
  const Object root = open_file(path, true);
  const Object bytes = open_dataset(root, "x");
  CHECK(is_byte(bytes));
  CHECK_THROWS_AS(require(bytes, 2, H5T_INTEGER), varia::DataError);
}

TEST_CASE("values in other files are told") {
  const varia::testing::TemporaryFolder folder;
  const std::string path = (folder.path() / "a.h5").string();
  {
    const Object root = create_file(path);
    const Handle create(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_external(create, "values.bin", 0, 8);
    const Handle space = make_space(root, {1});
    const Handle dataset(
        H5Dcreate2(root.id, "x", H5T_IEEE_F64LE, space, H5P_DEFAULT, create, H5P_DEFAULT));
    REQUIRE(dataset.valid());
  }
  const Object root = open_file(path, true);
  const Object dataset = open_dataset(root, "x");
  CHECK(is_elsewhere(dataset));
  CHECK_FALSE(offset_of(dataset));
}
