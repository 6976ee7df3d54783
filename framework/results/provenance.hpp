#pragma once

#include <string>
#include <vector>

#include "varia/error.hpp"

/// What a result follows from besides its experiment: versions of the program, of its libraries and
/// of plugins. Free of HDF5 and of LibTorch.
namespace varia::results {

/// A plugin that components of a trial come from.
struct PluginVersion {
  std::string name;
  std::string version;
  std::string digest;  ///< SHA-256 of the library; "-" for components that come from no file

  auto operator<=>(const PluginVersion&) const = default;
};

/// As results files have them: "name version digest", one plugin per line.
std::string plugins_text(const std::vector<PluginVersion>& plugins);
/// Reads what `plugins_text` wrote; what a line lacks is empty.
std::vector<PluginVersion> plugins_from_text(const std::string& text);

/// The versions of the program and of the libraries that results depend on.
struct Versions {
  std::string varia;
  std::string torch;
  std::string hdf5;
  /// "OpenBLAS 0.3.21 (Zen) and oneDNN 2.6.3"; "reference BLAS" if no fast one was found
  std::string blas;
  std::string compiler;  ///< "GCC 12.2.0"

  bool operator==(const Versions&) const = default;
  /// True if trials of both count as equal: Varia and LibTorch have the same version.
  bool is_compatible(const Versions& other) const {
    return varia == other.varia && torch == other.torch;
  }
  /// "varia 0.1.0, LibTorch 1.13.1"
  std::string short_text() const;
};

/// As results files have them, on one line: "varia 0.1.0, LibTorch 1.13.1, HDF5 1.10.8, ...".
std::string versions_text(const Versions& versions);
/// Reads what `versions_text` wrote; what the text lacks is empty.
Versions versions_from_text(const std::string& text);

/// The version of the HDF5 library that is loaded: "1.10.8".
std::string hdf5_version();

/// A file of another version of its format. It may hold results of worth: it is never replaced.
class VersionError final : public StoreError {
  using StoreError::StoreError;
};

/// The machine and the program that train.
struct Environment {
  std::string host;
  /// "AMD EPYC 9B14, AVX2, loops AVX-512": LibTorch's instruction set, then that of kernels/
  std::string cpu;
  std::string gpu;  ///< "NVIDIA H200, driver 550.54.15"; empty: none
  Versions versions;
};

}  // namespace varia::results
