#pragma once

#include <string>

namespace varia::hdf5 {
struct Object;
}

/// The format of an HDF5 file, by the attributes `format` and `version` of its root.
namespace varia::results {

/// The format that a file says it has; empty if it says none. @throws StoreError
std::string format_of(const std::string& path);

/// @param remedy what to do about a file of another version
/// @throws StoreError if the file has another format
/// @throws VersionError if it has another version than kFormatVersion (file_frame.hpp)
void require_format(const hdf5::Object& root, const std::string& format, const std::string& remedy);

}  // namespace varia::results
