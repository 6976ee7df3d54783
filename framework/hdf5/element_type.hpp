#pragma once

#include "hdf5/hdf5.hpp"

/// What the elements of a data set are in the file.
namespace varia::hdf5 {

/// Their class: H5T_INTEGER, H5T_FLOAT, H5T_STRING, ...
H5T_class_t class_of(const Object& dataset);
/// Whether they are uint8.
bool is_byte(const Object& dataset);
/// Whether they are the enumeration of one byte FALSE = 0, TRUE = 1, as h5py stores booleans.
bool is_boolean(const Object& dataset);
/// Whether they are float32 as in this machine's memory.
bool is_native_float(const Object& dataset);

}  // namespace varia::hdf5
