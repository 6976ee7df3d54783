#pragma once

#include <zip.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace varia::datasets::testing {

/// A .npy file of version 1 with the given header, which is padded, and values.
inline std::string npy_with(const std::string& header, const std::string& values) {
  std::string text = header;
  while ((10 + text.size() + 1) % 64 != 0) text += ' ';
  text += '\n';
  std::string bytes = "\x93NUMPY\x01";
  bytes += '\0';
  bytes += static_cast<char>(text.size() & 0xff);
  bytes += static_cast<char>(text.size() >> 8);
  return bytes + text + values;
}

/// A .npy file as numpy.save writes it.
/// @param shape "(2, 3)"
inline std::string npy_bytes(const std::string& type, const std::string& shape,
                             const std::string& values, bool is_fortran = false) {
  return npy_with("{'descr': '" + type + "', 'fortran_order': " + (is_fortran ? "True" : "False") +
                      ", 'shape': " + shape + ", }",
                  values);
}

/// The bytes of numbers, as this machine has them.
template <class T>
std::string bytes_of(const std::vector<T>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

using Entries = std::vector<std::pair<std::string, std::string>>;  // name with .npy, and bytes

/// Writes a .npz file.
inline void write_npz(const std::filesystem::path& path, const Entries& entries,
                      bool is_packed = true) {
  zip_t* const archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  REQUIRE(archive != nullptr);
  for (const auto& [name, bytes] : entries) {
    zip_source_t* const source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    const auto place = zip_file_add(archive, name.c_str(), source, 0);
    REQUIRE(place >= 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(place),
                             is_packed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  REQUIRE(zip_close(archive) == 0);
}

}  // namespace varia::datasets::testing
