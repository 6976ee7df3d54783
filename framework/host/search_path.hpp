#pragma once

#include <filesystem>
#include <vector>

namespace varia::host {

/// The default places of plugins: the files and folders of the environment
/// variable VARIA_PLUGIN_PATH (separated by colons), then those of the following that exist, the
/// program being in `<bin>`: `<bin>/../plugins` (a build tree) and `<bin>/../lib/varia/plugins` (an
/// installation). If VARIA_PLUGIN_FOLDER is set, that folder alone: a job on a cluster uses the
/// plugins that were submitted with it.
std::vector<std::filesystem::path> default_search_path();

/// The libraries (`*.so`) of a folder, sorted by name; subfolders are not searched.
/// @throws PluginError if the folder cannot be read
std::vector<std::filesystem::path> libraries_of(const std::filesystem::path& folder);

}  // namespace varia::host
