#include "host/search_path.hpp"

#define BOOST_DLL_USE_STD_FS
#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <cstdlib>
#include <sstream>
#include <string>
#include <system_error>

#include "varia/error.hpp"

namespace varia::host {

namespace fs = std::filesystem;

std::vector<fs::path> default_search_path() {
  if (const char* const only = std::getenv("VARIA_PLUGIN_FOLDER"); only != nullptr && *only != 0)
    return {only};
  std::vector<fs::path> path;
  if (const char* const variable = std::getenv("VARIA_PLUGIN_PATH")) {
    std::istringstream stream(variable);
    for (std::string entry; std::getline(stream, entry, ':');) {
      if (!entry.empty()) path.emplace_back(entry);
    }
  }
  std::error_code error;
  const auto program = boost::dll::program_location(error);
  if (error) return path;
  const auto root = program.parent_path().parent_path();
  for (const char* folder : {"plugins", "lib/varia/plugins"}) {
    if (fs::is_directory(root / folder, error)) path.push_back(root / folder);
  }
  return path;
}

std::vector<fs::path> libraries_of(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".so") files.push_back(entry->path());
  }
  if (error) throw PluginError(folder.string(), "cannot be read: " + error.message() + ".");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace varia::host
