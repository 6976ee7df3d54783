#pragma once

#include <string>
#include <vector>

#include "hdf5/hdf5.hpp"

/// Data sets of one axis whose elements have named fields (compound types).
namespace varia::hdf5 {

/// In the order of the type; empty if the elements have no fields.
std::vector<std::string> field_names(const Object& dataset);
/// What a field is: H5T_INTEGER, H5T_STRING, ...
/// @throws StoreError or DataError if there is none of that name
H5T_class_t class_of_field(const Object& dataset, const std::string& field);
/// Reads a field that is a number, or an enumeration, of all elements.
std::vector<double> read_number_field(const Object& dataset, const std::string& field);
/// Reads a field that is text of all elements.
std::vector<std::string> read_text_field(const Object& dataset, const std::string& field);

}  // namespace varia::hdf5
