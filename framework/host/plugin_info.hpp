#pragma once

#include <filesystem>
#include <string>

namespace varia::host {

/// A loaded plugin.
struct PluginInfo {
  std::string name;            ///< as VARIA_PLUGIN says
  std::string version;         ///< as VARIA_PLUGIN says
  std::filesystem::path file;  ///< canonical

  /// SHA-256 of the file in hexadecimal digits, as library_digest (varia/sha256.hpp).
  /// @throws PluginError where the file cannot be read any more.
  std::string digest() const;
};

}  // namespace varia::host
