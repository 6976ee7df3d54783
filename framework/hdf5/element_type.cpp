#include "hdf5/element_type.hpp"

#include <cstdint>
#include <string>

namespace varia::hdf5 {

namespace {

Handle type_of_elements(const Object& dataset) { return Handle(H5Dget_type(dataset.id)); }

/// True if the member of an enumeration of one byte has this name and value.
bool has_member(hid_t type, unsigned number, const std::string& name, std::uint8_t value) {
  char* const found_name = H5Tget_member_name(type, number);
  if (found_name == nullptr) return false;
  const bool is_named = name == found_name;
  H5free_memory(found_name);
  std::uint8_t found = 0;
  return is_named && H5Tget_member_value(type, number, &found) >= 0 && found == value;
}

}  // namespace

H5T_class_t class_of(const Object& dataset) { return H5Tget_class(type_of_elements(dataset)); }

bool is_byte(const Object& dataset) {
  const Handle type = type_of_elements(dataset);
  return H5Tget_class(type) == H5T_INTEGER && H5Tget_size(type) == 1 &&
         H5Tget_sign(type) == H5T_SGN_NONE;
}

bool is_boolean(const Object& dataset) {
  const Handle type = type_of_elements(dataset);
  return H5Tget_class(type) == H5T_ENUM && H5Tget_size(type) == 1 && H5Tget_nmembers(type) == 2 &&
         has_member(type, 0, "FALSE", 0) && has_member(type, 1, "TRUE", 1);
}

bool is_native_float(const Object& dataset) {
  return H5Tequal(type_of_elements(dataset), H5T_NATIVE_FLOAT) > 0;
}

}  // namespace varia::hdf5
