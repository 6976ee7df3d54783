#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hdf5/element_type.hpp"
#include "hdf5/hdf5.hpp"

/// Data sets of numbers and texts, of any rank: whole ones and boxes of them. HDF5 converts between
/// the numbers of a file and those in memory.
namespace varia::hdf5 {

/// Creates a data set filled with `fill`, which has the memory type, until values are written.
/// @param chunk of this shape are stored together, compressed and with a checksum; empty:
///              contiguous
Object create_dataset(const Object& parent, const std::string& name, hid_t type, const Shape& shape,
                      const Shape& chunk, hid_t memory_type, const void* fill);
template <class T>
Object create_dataset(const Object& parent, const std::string& name, const Shape& shape,
                      const Shape& chunk = {}, T fill = {}) {
  return create_dataset(parent, name, type_of<T>(), shape, chunk, type_of<T>(), &fill);
}
void write_all(const Object& dataset, hid_t memory_type, const void* values);
/// Writes the box of `count` elements from `start`.
void write_box(const Object& dataset, const Shape& start, const Shape& count, hid_t memory_type,
               const void* values);
template <class T>
void write_box(const Object& dataset, const Shape& start, const Shape& count, const T* values) {
  write_box(dataset, start, count, type_of<T>(), values);
}

template <class T>
Object write(const Object& parent, const std::string& name, const Shape& shape, const T* values,
             const Shape& chunk = {}) {
  Object dataset = create_dataset<T>(parent, name, shape, chunk);
  write_all(dataset, type_of<T>(), values);
  return dataset;
}
/// Variable-length UTF-8.
Object write_texts(const Object& parent, const std::string& name, const Shape& shape,
                   const std::vector<std::string>& texts);

Object open_dataset(const Object& parent, const std::string& name);
Shape shape_of(const Object& dataset);
/// The shape of its chunks; empty if it is not stored in chunks.
Shape chunk_of(const Object& dataset);
/// Whether its values lie in other files: external or virtual ones.
bool is_elsewhere(const Object& dataset);
/// Where its values start in the file, byte by byte as in memory; nullopt if they are compressed,
/// in chunks, in other files, or were never written.
std::optional<std::uint64_t> offset_of(const Object& dataset);
/// Whether the file holds the values of a box. Where it has none, HDF5 gives zeros.
bool is_written(const Object& dataset, const Shape& start, const Shape& count);
/// The paths of the data sets in a group and in those below it, `most` at most; alphabetical.
std::vector<std::string> dataset_names(const Object& group, std::size_t most);
/// Throws unless the data set has `rank` axes and numbers of the given class.
void require(const Object& dataset, int rank, H5T_class_t type_class);
void read_all(const Object& dataset, hid_t memory_type, void* values);
void read_box(const Object& dataset, const Shape& start, const Shape& count, hid_t memory_type,
              void* values);
/// Throws if `elements` of this data set are more than one read may give, or more than what the
/// file holds of it can unpack to: values that were never written are not read as zeros.
void require_sane(const Object& dataset, std::int64_t elements);
/// Throws unless the data set is contiguous and the file holds all its `elements`.
void require_stored(const Object& dataset, std::int64_t elements);

template <class T>
std::vector<T> read(const Object& dataset) {
  const std::int64_t count = count_of(shape_of(dataset));
  require_sane(dataset, count);
  std::vector<T> values(static_cast<std::size_t>(count));
  read_all(dataset, type_of<T>(), values.data());
  return values;
}
template <class T>
std::vector<T> read(const Object& dataset, const Shape& start, const Shape& count) {
  const std::int64_t elements = count_of(count);
  if (elements > kMaxElements) damaged(dataset, "too large to be read at once");
  std::vector<T> values(static_cast<std::size_t>(elements));
  read_box(dataset, start, count, type_of<T>(), values.data());
  return values;
}
std::vector<std::string> read_texts(const Object& dataset);
std::vector<std::string> read_texts(const Object& dataset, const Shape& start, const Shape& count);

/// Copies a whole data set with its attributes.
void copy_dataset(const Object& dataset, const Object& parent, const std::string& name);
/// Copies the chunk of `from` at one offset, still compressed, to the chunk of `to` at another.
/// @returns false, having done nothing, if their types, chunks or filters differ
bool copy_chunk(const Object& from, const Shape& from_offset, const Object& to,
                const Shape& to_offset);

}  // namespace varia::hdf5
