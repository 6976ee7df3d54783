#include "hdf5/attribute.hpp"

#include <type_traits>

#include "hdf5/text.hpp"

namespace varia::hdf5 {

namespace {

void write_values(const Object& object, const std::string& name, hid_t type, const Shape& shape,
                  const void* values) {
  const Handle space = make_space(object, shape);
  const Handle attribute(
      H5Acreate2(object.id, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT));
  if (!attribute.valid() || H5Awrite(attribute, type, values) < 0) {
    fail(*object.file, "attribute '" + name + "' of " + object.name + " cannot be written");
  }
}

Handle open_attribute(const Object& object, const std::string& name) {
  Handle attribute(H5Aopen(object.id, name.c_str(), H5P_DEFAULT));
  if (!attribute.valid()) damaged(object, "it has no attribute '" + name + "'");
  return attribute;
}

}  // namespace

template <class T>
void write_attribute(const Object& object, const std::string& name, const T& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    const char* text = value.c_str();
    write_values(object, name, text_type(), {}, &text);
  } else {
    write_values(object, name, type_of<T>(), {}, &value);
  }
}

void write_attribute(const Object& object, const std::string& name,
                     const std::vector<std::uint8_t>& values) {
  write_values(object, name, type_of<std::uint8_t>(), {static_cast<std::int64_t>(values.size())},
               values.data());
}

void write_fixed_attribute(const Object& object, const std::string& name, const std::string& text) {
  const Handle type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type, text.size() + 1);
  write_values(object, name, type, {}, text.c_str());
}

bool has_attribute(const Object& object, const std::string& name) {
  return H5Aexists(object.id, name.c_str()) > 0;
}

template <class T>
T read_attribute(const Object& object, const std::string& name) {
  const Handle attribute = open_attribute(object, name);
  const auto damaged_unless_one = [&](bool is_good, const char* what) {
    const Handle space(H5Aget_space(attribute));
    if (is_good && H5Sget_simple_extent_npoints(space) == 1) return;
    damaged(object, "attribute '" + name + "' is not one " + what);
  };
  const Handle type(H5Aget_type(attribute));
  const H5T_class_t kind = H5Tget_class(type);
  if constexpr (std::is_same_v<T, std::string>) {
    damaged_unless_one(kind == H5T_STRING, "text");
    return read_text(object, type, 1, [&](hid_t memory, hid_t, void* data) {
      return H5Aread(attribute, memory, data);
    })[0];
  } else {
    constexpr bool kIsReal = std::is_floating_point_v<T>;
    damaged_unless_one(kind == (kIsReal ? H5T_FLOAT : H5T_INTEGER),
                       kIsReal ? "number" : "whole number");
    T value{};
    if (H5Aread(attribute, type_of<T>(), &value) < 0) {
      unreadable(*object.file, "attribute '" + name + "' of " + object.name);
    }
    return value;
  }
}

std::vector<std::int64_t> read_attribute_list(const Object& object, const std::string& name,
                                              std::int64_t count) {
  const Handle attribute = open_attribute(object, name);
  const Handle space(H5Aget_space(attribute));
  const Handle type(H5Aget_type(attribute));
  if (H5Tget_class(type) != H5T_INTEGER || H5Sget_simple_extent_npoints(space) != count)
    damaged(object, "attribute '" + name + "' is not " + std::to_string(count) + " whole numbers");
  std::vector<std::int64_t> values(static_cast<std::size_t>(count));
  if (H5Aread(attribute, type_of<std::int64_t>(), values.data()) < 0)
    unreadable(*object.file, "attribute '" + name + "' of " + object.name);
  return values;
}

template void write_attribute(const Object&, const std::string&, const std::string&);
template void write_attribute(const Object&, const std::string&, const std::int64_t&);
template void write_attribute(const Object&, const std::string&, const std::uint64_t&);
template void write_attribute(const Object&, const std::string&, const double&);
template std::string read_attribute(const Object&, const std::string&);
template std::int64_t read_attribute(const Object&, const std::string&);
template std::uint64_t read_attribute(const Object&, const std::string&);
template double read_attribute(const Object&, const std::string&);

}  // namespace varia::hdf5
