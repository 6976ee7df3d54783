#pragma once

#include "hdf5/hdf5.hpp"
#include "results/tensors.hpp"

namespace varia::results {

/// HDF5's type of the elements of a tensor. Private to framework/results.
inline hid_t hdf5_type(ElementType type) {
  switch (type) {
    case ElementType::f32:
      return hdf5::type_of<float>();
    case ElementType::f64:
      return hdf5::type_of<double>();
    case ElementType::i64:
      return hdf5::type_of<std::int64_t>();
    case ElementType::u8:
      return hdf5::type_of<std::uint8_t>();
  }
  return H5I_INVALID_HID;
}

}  // namespace varia::results
