#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hdf5/hdf5.hpp"

/// Data sets of files that others wrote: what they hold and how they are stored.
namespace varia::hdf5 {

struct DatasetInfo {
  Shape shape;
  H5T_class_t type_class = H5T_NO_CLASS;
  bool is_uint8 = false;
  bool is_in_other_files = false;  ///< external or virtual storage
  std::int64_t chunk_rows = 1;     ///< along the first axis; 1 if it is not stored in chunks
  /// Of the values in the file; nullopt if they are in chunks or were never written.
  std::optional<std::size_t> offset;
};

/// @throws StoreError if an axis is longer than 2^40
DatasetInfo info_of(const Object& dataset);

/// The paths of the data sets below a group, at most `most`.
std::vector<std::string> dataset_names(const Object& group, std::size_t most);

}  // namespace varia::hdf5
