#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace varia::host {

/// What a plugin was built for, as its ABI tag says.
struct AbiTag {
  /// Names ("api", "torch", "compiler", "string", "stl") and values ("1", "1.13.0", "gcc-12",
  /// "cxx11", "release"), in the order of the tag.
  std::vector<std::pair<std::string, std::string>> fields;

  /// Empty if there is no such field.
  std::string value(const std::string& name) const;
};

/// The tag of this program.
AbiTag own_abi_tag();

/// Reads the tag of a plugin without opening it as a library, so that a file which cannot be used
/// here runs no code. This is the only function that knows the format of library files.
/// @throws PluginError if the file is not a regular file of sane size, is not a library of this
/// machine, is damaged, or has no tag
AbiTag read_abi_tag(const std::filesystem::path& file);

/// Every field in which the two differ, both sides named: "built for LibTorch 2.6.0, this program
/// has LibTorch 1.13.0"; empty if they agree.
std::string abi_mismatch(const AbiTag& plugin, const AbiTag& own);

/// The command that rebuilds a plugin: "cmake --build DIR --clean-first", where DIR is the CMake
/// build folder in which the file lies, if it lies in one.
std::string rebuild_command(const std::filesystem::path& file);

}  // namespace varia::host
