#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace varia::results {

enum class ElementType { f32, f64, i64, u8 };

std::size_t element_size(ElementType type);

/// A tensor by name, contiguous and row-major, little-endian.
struct NamedTensor {
  std::string name;  ///< checked as check_name: "encoder.0.weight"
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;
};

/// Writes the tensors as data sets of these names, in this order, under a temporary name and by a
/// rename.
/// @param temporary that name, in the same file system; "": `<path>.tmp`. Two processes that may
///                  write one file at once need two.
/// @param trial     id of the trial whose parameters they are; "": of none
/// @throws StoreError: a name twice, bytes that do not match the shape, a disk that is full
void save_tensors(const std::string& path, const std::vector<NamedTensor>& tensors,
                  const std::string& temporary = "", const std::string& trial = "");

/// Reads them back, in order. Nothing is allocated beyond what the file really holds.
/// @param trial that they must be of; "": of any. A file that names no trial, as older versions
///              wrote it, is taken.
/// @throws StoreError: not there, not such a file, of another trial, a type that is none of
///         ElementType, damaged
std::vector<NamedTensor> load_tensors(const std::string& path, const std::string& trial = "");

}  // namespace varia::results
