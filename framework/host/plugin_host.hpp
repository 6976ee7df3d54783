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
};

/// The default places of plugins: the files and folders of the environment
/// variable VARIA_PLUGIN_PATH (separated by colons), then those of the following that exist, the
/// program being in `<bin>`: `<bin>/../plugins` (a build tree) and `<bin>/../lib/varia/plugins` (an
/// installation). If VARIA_PLUGIN_FOLDER is set, that folder alone: a job on a cluster uses the
/// plugins that were submitted with it.
std::vector<std::filesystem::path> default_search_path();

/// The libraries (`*.so`) of a folder, sorted by name; subfolders are not searched.
/// @throws PluginError if the folder cannot be read
std::vector<std::filesystem::path> libraries_of(const std::filesystem::path& folder);

/// Finds, checks and opens plugins, and registers their components. Not thread-safe.
class PluginHost {
 public:
  /// @param registry  outlives the host
  explicit PluginHost(Registry& registry);

  /// Loads everything on a search path, as at the program's start. A file that cannot be used stops
  /// nothing: it is kept in `failures()`, and an unknown name mentions it.
  /// @throws PluginError if two libraries register one name: neither of them is the right one
  void load_search_path(const std::vector<std::filesystem::path>& files_and_folders);

  /// Loads a library, or all of a folder (`*.so`) in the order of their names. A file that is
  /// loaded already, by whatever path, is left alone.
  /// @throws PluginError if nothing is there, or a file is not a plugin, was built for something
  /// else, cannot be opened, throws while it registers, or registers a name that another library
  /// has. Nothing of it stays registered; what was loaded before it does.
  void load(const std::filesystem::path& file_or_folder);

  /// In the order of loading; the objects stay where they are.
  const std::vector<std::unique_ptr<PluginInfo>>& loaded() const { return loaded_; }
  /// What is wrong with the files of the search path that could not be loaded: each message starts
  /// with the file.
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  bool is_loaded(const std::filesystem::path& canonical) const;
  void commit(PluginInfo info, const Registry& staged);
  void load_file(const std::filesystem::path& file);
  void load_leniently(const std::filesystem::path& file);
  void add_failure(const std::string& message);

  Registry& registry_;
  std::vector<std::unique_ptr<PluginInfo>> loaded_;
  std::vector<std::string> failures_;
};

}  // namespace varia::host
