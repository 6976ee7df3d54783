#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hdf5/hdf5.hpp"

/// Attributes of groups and data sets.
namespace varia::hdf5 {

void write_attribute(const Object& object, const std::string& name, const std::string& text);
void write_attribute(const Object& object, const std::string& name, std::int64_t value);
void write_attribute(const Object& object, const std::string& name,
                     const std::vector<std::uint8_t>&);
void write_attribute(const Object& object, const std::string& name,
                     const std::vector<std::string>&);
void write_attribute(const Object& object, const std::string& name, std::uint64_t value);
void write_attribute(const Object& object, const std::string& name, double value);
/// An attribute of fixed length, as the image specification wants.
void write_fixed_attribute(const Object& object, const std::string& name, const std::string& text);
bool has_attribute(const Object& object, const std::string& name);
std::string read_text_attribute(const Object& object, const std::string& name);
std::int64_t read_integer_attribute(const Object& object, const std::string& name);
/// Reads one value of the type of `value`. @throws StoreError if it is missing or of another kind
void read_attribute(const Object& object, const std::string& name, std::string& value);
void read_attribute(const Object& object, const std::string& name, std::int64_t& value);
void read_attribute(const Object& object, const std::string& name, std::uint64_t& value);
void read_attribute(const Object& object, const std::string& name, double& value);
std::vector<std::string> read_texts_attribute(const Object& object, const std::string& name);

}  // namespace varia::hdf5
