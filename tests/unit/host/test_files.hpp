#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "support/temporary_folder.hpp"

/// The folder of the libraries that tests/broken_plugins builds.
inline std::filesystem::path broken_plugins() {
  const char* const build = std::getenv("VARIA_BUILD_DIR");
  return std::filesystem::canonical(std::filesystem::path(build ? build : ".") / "broken_plugins");
}

using varia::testing::TemporaryFolder;

inline void write_file(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}
