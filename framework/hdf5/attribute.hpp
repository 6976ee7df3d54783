#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hdf5/hdf5.hpp"

/// Attributes of groups and data sets.
namespace varia::hdf5 {

/// Writes one text, or one number of the types of `type_of`.
template <class T>
void write_attribute(const Object& object, const std::string& name, const T& value);
void write_attribute(const Object& object, const std::string& name,
                     const std::vector<std::uint8_t>& values);
/// An attribute of fixed length, as the image specification wants.
void write_fixed_attribute(const Object& object, const std::string& name, const std::string& text);

bool has_attribute(const Object& object, const std::string& name);
/// Reads one text or one number. @throws StoreError if it is missing or of another kind
template <class T>
T read_attribute(const Object& object, const std::string& name);
/// Reads a list of whole numbers.
/// @throws StoreError or DataError if it is missing, of another kind, or has other than `count`
std::vector<std::int64_t> read_attribute_list(const Object& object, const std::string& name,
                                              std::int64_t count);

}  // namespace varia::hdf5
