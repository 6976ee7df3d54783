#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hdf5/hdf5.hpp"

/// Data sets of numbers and texts: whole ones and boxes of them. Private to framework/results.
namespace varia::hdf5 {

/// How a data set is stored. Without a chunk: contiguous.
struct Storage {
  Shape chunk;
  int deflate = 0;
  bool shuffle = false;
};

/// Creates a data set filled with `fill` (in the memory type of T) where nothing is written.
Object create_dataset(const Object& parent, const std::string& name, hid_t file_type,
                      const Shape& shape, const Storage& storage, hid_t memory_type,
                      const void* fill);
template <class T>
Object create_dataset(const Object& parent, const std::string& name, const Shape& shape,
                      const Storage& storage, T fill) {
  return create_dataset(parent, name, Type<T>::file(), shape, storage, Type<T>::memory(), &fill);
}
void write_all(const Object& dataset, hid_t memory_type, const void* values);
/// Writes the box of `count` elements from `start`.
void write_box(const Object& dataset, const Shape& start, const Shape& count, hid_t memory_type,
               const void* values);

template <class T>
Object write(const Object& parent, const std::string& name, const Shape& shape, const T* values,
             const Storage& storage = {}) {
  Object dataset = create_dataset<T>(parent, name, shape, storage, T{});
  write_all(dataset, Type<T>::memory(), values);
  return dataset;
}
/// Variable-length UTF-8.
Object write_texts(const Object& parent, const std::string& name, const Shape& shape,
                   const std::vector<std::string>& texts);

Object open_dataset(const Object& parent, const std::string& name);
Shape shape_of(const Object& dataset);
/// Throws unless the data set has `rank` axes and numbers of the given class.
void require(const Object& dataset, int rank, H5T_class_t type_class);
void read_all(const Object& dataset, hid_t memory_type, void* values);
void read_box(const Object& dataset, const Shape& start, const Shape& count, hid_t memory_type,
              void* values);
/// Throws when `elements` of this data set are more than one read may give, or, for a contiguous
/// data set, more than the file holds.
void require_sane(const Object& dataset, std::int64_t elements);
/// Throws unless the data set is contiguous and the file holds all its `elements`.
void require_stored(const Object& dataset, std::int64_t elements);

template <class T>
std::vector<T> read(const Object& dataset) {
  const std::int64_t count = count_of(shape_of(dataset));
  require_sane(dataset, count);
  std::vector<T> values(static_cast<std::size_t>(count));
  read_all(dataset, Type<T>::memory(), values.data());
  return values;
}
template <class T>
std::vector<T> read(const Object& dataset, const Shape& start, const Shape& count) {
  const std::int64_t elements = count_of(count);
  if (elements > kMaxElements) damaged(dataset, "too large to be read at once");
  std::vector<T> values(static_cast<std::size_t>(elements));
  read_box(dataset, start, count, Type<T>::memory(), values.data());
  return values;
}
std::vector<std::string> read_texts(const Object& dataset);
std::vector<std::string> read_texts(const Object& dataset, const Shape& start, const Shape& count);

}  // namespace varia::hdf5
