#include "hdf5/compound.hpp"

#include <algorithm>

#include "hdf5/dataset.hpp"
#include "hdf5/text.hpp"

namespace varia::hdf5 {

namespace {

Handle type_of_field(const Object& dataset, const std::string& field) {
  const Handle type(H5Dget_type(dataset.id));
  const int place =
      H5Tget_class(type) == H5T_COMPOUND ? H5Tget_member_index(type, field.c_str()) : -1;
  if (place < 0) damaged(dataset, "it has no field '" + field + "'");
  return Handle(H5Tget_member_type(type, static_cast<unsigned>(place)));
}

/// Reads a field of all elements as the memory type.
herr_t read_field(const Object& dataset, const std::string& field, hid_t memory_type,
                  hid_t transfer, void* values) {
  const Handle type(H5Tcreate(H5T_COMPOUND, H5Tget_size(memory_type)));
  H5Tinsert(type, field.c_str(), 0, memory_type);
  // HDF5 unpacks whole elements into its buffer, all fields of them.
  const Handle own(transfer == H5P_DEFAULT ? H5Pcreate(H5P_DATASET_XFER) : H5Pcopy(transfer));
  const Handle stored(H5Dget_type(dataset.id));
  constexpr std::size_t kBuffer = std::size_t{1} << 20;
  H5Pset_buffer(own, std::max(kBuffer, H5Tget_size(stored)), nullptr, nullptr);
  return H5Dread(dataset.id, type, H5S_ALL, H5S_ALL, own, values);
}

}  // namespace

std::vector<std::string> field_names(const Object& dataset) {
  const Handle type(H5Dget_type(dataset.id));
  std::vector<std::string> names;
  if (H5Tget_class(type) != H5T_COMPOUND) return names;
  const int count = H5Tget_nmembers(type);
  for (int i = 0; i < count; ++i) {
    char* const name = H5Tget_member_name(type, static_cast<unsigned>(i));
    if (name == nullptr) continue;
    names.emplace_back(name);
    H5free_memory(name);
  }
  return names;
}

H5T_class_t class_of_field(const Object& dataset, const std::string& field) {
  return H5Tget_class(type_of_field(dataset, field));
}

std::vector<double> read_number_field(const Object& dataset, const std::string& field) {
  const H5T_class_t kind = class_of_field(dataset, field);
  if (kind != H5T_INTEGER && kind != H5T_FLOAT && kind != H5T_ENUM)
    damaged(dataset, "its field '" + field + "' is not a number");
  const std::int64_t count = count_of(shape_of(dataset));
  require_sane(dataset, count);
  std::vector<double> values(static_cast<std::size_t>(count));
  if (read_field(dataset, field, type_of<double>(), H5P_DEFAULT, values.data()) < 0)
    unreadable(*dataset.file, dataset.name);
  return values;
}

std::vector<std::string> read_text_field(const Object& dataset, const std::string& field) {
  const std::int64_t count = count_of(shape_of(dataset));
  require_sane(dataset, count);
  return read_text(dataset, type_of_field(dataset, field), static_cast<std::size_t>(count),
                   [&](hid_t memory, hid_t transfer, void* data) {
                     return read_field(dataset, field, memory, transfer, data);
                   });
}

}  // namespace varia::hdf5
