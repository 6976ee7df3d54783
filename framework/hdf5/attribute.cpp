#include "hdf5/attribute.hpp"

#include <type_traits>

#include "hdf5/text.hpp"

namespace varia::hdf5 {

namespace {

Handle open_attribute(const Object& object, const std::string& name) {
  Handle attribute(H5Aopen(object.id, name.c_str(), H5P_DEFAULT));
  if (!attribute.valid()) damaged(object, "it has no attribute '" + name + "'");
  return attribute;
}

void write_attribute_of(const Object& object, const std::string& name, hid_t file_type,
                        hid_t memory_type, const Shape& shape, const void* value) {
  const Handle space = make_space(object, shape);
  const Handle attribute(
      H5Acreate2(object.id, name.c_str(), file_type, space, H5P_DEFAULT, H5P_DEFAULT));
  if (!attribute.valid() || H5Awrite(attribute, memory_type, value) < 0) {
    fail(*object.file, "attribute '" + name + "' of " + object.name + " cannot be written");
  }
}

template <class T>
T read_scalar_attribute(const Object& object, const std::string& name) {
  const Handle attribute = open_attribute(object, name);
  const Handle type(H5Aget_type(attribute));
  const Handle space(H5Aget_space(attribute));
  T value{};
  constexpr bool is_real = std::is_floating_point_v<T>;
  if (H5Tget_class(type) != (is_real ? H5T_FLOAT : H5T_INTEGER) ||
      H5Sget_simple_extent_npoints(space) != 1) {
    damaged(object, "attribute '" + name + "' is not one " + (is_real ? "" : "whole ") + "number");
  }
  if (H5Aread(attribute, memory_type<T>(), &value) < 0) {
    fail(*object.file, "attribute '" + name + "' of " + object.name + " cannot be read");
  }
  return value;
}

}  // namespace

void write_attribute(const Object& object, const std::string& name, const std::string& text) {
  const char* pointer = text.c_str();
  const Handle type = text_type();
  write_attribute_of(object, name, type, type, {}, &pointer);
}

void write_attribute(const Object& object, const std::string& name, std::int64_t value) {
  write_attribute_of(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, {}, &value);
}

void write_attribute(const Object& object, const std::string& name,
                     const std::vector<std::uint8_t>& values) {
  write_attribute_of(object, name, H5T_STD_U8LE, H5T_NATIVE_UINT8,
                     {static_cast<std::int64_t>(values.size())}, values.data());
}

void write_attribute(const Object& object, const std::string& name,
                     const std::vector<std::string>& texts) {
  const Handle type = text_type();
  write_attribute_of(object, name, type, type, {static_cast<std::int64_t>(texts.size())},
                     pointers(texts).data());
}

void write_attribute(const Object& object, const std::string& name, std::uint64_t value) {
  write_attribute_of(object, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, {}, &value);
}

void write_attribute(const Object& object, const std::string& name, double value) {
  write_attribute_of(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {}, &value);
}

void write_fixed_attribute(const Object& object, const std::string& name, const std::string& text) {
  const Handle type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type, text.size() + 1);
  write_attribute_of(object, name, type, type, {}, text.c_str());
}

bool has_attribute(const Object& object, const std::string& name) {
  return H5Aexists(object.id, name.c_str()) > 0;
}

std::string read_text_attribute(const Object& object, const std::string& name) {
  const std::vector<std::string> texts = read_texts_attribute(object, name);
  if (texts.size() != 1) damaged(object, "attribute '" + name + "' is not one text");
  return texts.front();
}

std::vector<std::string> read_texts_attribute(const Object& object, const std::string& name) {
  const Handle attribute = open_attribute(object, name);
  const Handle type(H5Aget_type(attribute));
  const Handle space(H5Aget_space(attribute));
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (count < 0 || count > 65536) damaged(object, "attribute '" + name + "' is too large");
  return read_text(object, type, static_cast<std::size_t>(count),
                   [&](hid_t memory, void* data) { return H5Aread(attribute, memory, data); });
}

std::int64_t read_integer_attribute(const Object& object, const std::string& name) {
  return read_scalar_attribute<std::int64_t>(object, name);
}

void read_attribute(const Object& object, const std::string& name, std::string& value) {
  value = read_text_attribute(object, name);
}

void read_attribute(const Object& object, const std::string& name, std::int64_t& value) {
  value = read_scalar_attribute<std::int64_t>(object, name);
}

void read_attribute(const Object& object, const std::string& name, std::uint64_t& value) {
  value = read_scalar_attribute<std::uint64_t>(object, name);
}

void read_attribute(const Object& object, const std::string& name, double& value) {
  value = read_scalar_attribute<double>(object, name);
}

}  // namespace varia::hdf5
