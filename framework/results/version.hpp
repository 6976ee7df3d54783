#pragma once

#include <string>

#include "varia/error.hpp"

namespace varia::results {

/// A file of another version of its format. It may hold results of worth: it is never replaced.
class VersionError final : public StoreError {
  using StoreError::StoreError;
};

/// The version of the HDF5 library that is loaded: "1.10.8".
std::string hdf5_version();

}  // namespace varia::results
