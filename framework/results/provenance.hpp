#pragma once

#include <string>
#include <vector>

/// What a trial was made with, as its file says it in `versions` and `plugins`.
namespace varia::results {

/// The versions that results depend on. Those of HDF5, BLAS and the compiler are recorded beside
/// them for people alone.
struct ProgramVersions {
  std::string varia;
  std::string torch;

  /// "varia 1.2.0, LibTorch 2.6.0"
  std::string text() const;
  bool operator==(const ProgramVersions&) const = default;
};

/// Reads the beginning of `versions`. What another program wrote gives empty versions.
ProgramVersions read_versions(const std::string& versions);

/// A plugin of a trial's components.
struct PluginBuild {
  std::string name;
  std::string version;
  std::string digest;  ///< SHA-256 of the library; "-" for components that come from no file

  bool operator==(const PluginBuild&) const = default;
};

/// Reads `plugins`: "name version digest", one per line.
std::vector<PluginBuild> read_plugins(const std::string& plugins);

}  // namespace varia::results
