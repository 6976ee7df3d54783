#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace varia::host {

/// What a plugin was built for, as its ABI tag says.
struct AbiTag {
  struct Field {
    std::string name;   ///< "api", "torch", "compiler", "string", "stl"
    std::string value;  ///< "1", "1.13.0", "gcc-12", "cxx11", "release"
  };
  std::vector<Field> fields;  ///< in the order of the tag

  /// Empty where there is no such field.
  std::string value(const std::string& name) const;
};

/// The tag of this program.
AbiTag own_abi_tag();

/// Reads the tag of a plugin without opening it as a library, so that a file which cannot be used
/// here runs no code. This is the only function that knows the format of library files.
/// @throws PluginError where the file is no regular file of sane size, no library of this machine,
/// damaged, or a library without a tag.
AbiTag read_abi_tag(const std::filesystem::path& file);

/// Every field in which the two differ, both sides named: "built for LibTorch 2.6.0, this program
/// has LibTorch 1.13.0"; empty where they agree.
std::string abi_mismatch(const AbiTag& plugin, const AbiTag& own);

/// The command that rebuilds a plugin: "cmake --build DIR --clean-first", where DIR is the CMake
/// build folder in which the file lies, if it lies in one.
std::string rebuild_command(const std::filesystem::path& file);

}  // namespace varia::host
