#pragma once

#include <filesystem>
#include <string>

namespace varia {
class Registry;
}

namespace varia::host {

/// An opened plugin. It stays open to the end of the process, whatever happens to this object:
/// LibTorch keeps pointers into libraries, and registered components have their code there.
struct PluginLibrary {
  std::string name;
  std::string version;
  void (*register_components)(Registry& registry) = nullptr;
};

/// Opens a library whose ABI tag fits.
/// @throws PluginError where a symbol or another library is missing.
PluginLibrary open_library(const std::filesystem::path& file);

}  // namespace varia::host
