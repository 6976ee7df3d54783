#pragma once

#include <filesystem>
#include <string>

namespace varia::host {

/// A loaded plugin.
struct PluginInfo {
  std::string name;            ///< as VARIA_PLUGIN says
  std::string version;         ///< as VARIA_PLUGIN says
  std::filesystem::path file;  ///< canonical

  /// SHA-256 of the file in hexadecimal digits; read at the first call, then kept.
  /// @throws PluginError where the file cannot be read any more.
  const std::string& digest() const;

 private:
  mutable std::string digest_;
};

}  // namespace varia::host
