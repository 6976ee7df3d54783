#pragma once

#include <cstdint>
#include <string>

#include "hdf5/hdf5.hpp"

/// Data sets of one axis in an AnnData file.
namespace varia::datasets {

/// "file: path", for messages.
std::string place_of(const hdf5::Object& object);

/// @throws DataError if there is no such data set, it has another number of axes, or not all of its
///         values are in this file
hdf5::Object open_list(const hdf5::Object& parent, const std::string& name);

std::int64_t length_of(const hdf5::Object& list);

}  // namespace varia::datasets
