#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "varia/registry.hpp"

namespace varia::host {

/// A loaded plugin.
struct PluginInfo {
  std::string name;            ///< as VARIA_PLUGIN says
  std::string version;         ///< as VARIA_PLUGIN says
  std::filesystem::path file;  ///< canonical

  /// SHA-256 of the file in hexadecimal digits, as library_digest (varia/sha256.hpp).
  /// @throws PluginError if the file cannot be read any more
  std::string digest() const;
};

/// A file of the search path that could not be loaded.
struct PluginFailure {
  std::filesystem::path file;
  std::string message;  ///< of the PluginError; it starts with the file
};

/// Finds, checks and opens plugins, and registers their components. Not thread-safe.
class PluginHost {
 public:
  /// @param registry  outlives the host
  explicit PluginHost(Registry& registry);

  /// Loads everything on a search path, as at the program's start. A file that cannot be used stops
  /// nothing: it is kept in `failures()`, and an unknown name mentions it.
  /// @throws PluginError if two libraries register one name: neither of them is the right one
  void load_search_path(const std::vector<std::filesystem::path>& files_and_folders);

  /// Loads a file, or every library of a folder, that a person named (`plugins:`).
  /// @throws PluginError if nothing is there, or a file cannot be used; what was loaded before it
  /// stays
  void load(const std::filesystem::path& file_or_folder);

  /// Loads one library. A file that is loaded already, by whatever path, is left alone.
  /// @throws PluginError if it is not a plugin, was built for something else, cannot be opened,
  /// throws while it registers, or registers a name that another library has. Nothing of it stays
  /// registered.
  void load_file(const std::filesystem::path& file);

  /// Loads the libraries (`*.so`) of a folder in the order of their names.
  /// @throws PluginError as load_file does, or if there is none
  void load_folder(const std::filesystem::path& folder);

  /// In the order of loading; the objects stay where they are.
  const std::vector<std::unique_ptr<PluginInfo>>& loaded() const { return loaded_; }
  const std::vector<PluginFailure>& failures() const { return failures_; }

 private:
  bool is_loaded(const std::filesystem::path& canonical) const;
  void commit(PluginInfo info, const Registry& staged);
  void load_leniently(const std::filesystem::path& file);
  void add_failure(const std::filesystem::path& file, const std::string& message);

  Registry& registry_;
  std::vector<std::unique_ptr<PluginInfo>> loaded_;
  std::vector<PluginFailure> failures_;
};

}  // namespace varia::host
