#include "cli/shipped_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <system_error>

#include "files/folder_entries.hpp"
#include "varia/error.hpp"
#include "varia/host/program.hpp"

namespace varia::cli {

namespace fs = std::filesystem;

namespace {

/// @param source    the folder in the source tree, whose build/<preset>/bin has the program
/// @param installed the folder below <prefix>, whose bin has the program
/// @param what      for the message
fs::path shipped_folder(const std::string& source, const std::string& installed,
                        const std::string& what) {
  const auto bin = own_program().parent_path();
  std::string places;
  for (const auto& place : {"../../../" + source, "../" + installed}) {
    const auto folder = (bin / place).lexically_normal();
    std::error_code error;
    if (fs::is_directory(folder, error)) return folder;
    places += (places.empty() ? "" : " and ") + folder.string();
  }
  throw ConfigError(
      fmt::format("the {} are missing: looked for {}. Install Varia again.", what, places));
}

}  // namespace

fs::path template_folder() {
  return shipped_folder("tools/templates", "share/varia/templates", "templates of plugins");
}

fs::path python_package_folder() {
  return shipped_folder("tools/python/varia", "lib/python3/dist-packages/varia",
                        "modules of the Python package")
      .parent_path();
}

std::vector<fs::path> published_experiments() {
  const auto folder =
      shipped_folder("experiments/published", "share/varia/published", "published experiments");
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : files::folder_entries(folder, error))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  if (error) throw StoreError(folder.string(), "cannot be read: " + error.message());
  std::ranges::sort(files);
  return files;
}

}  // namespace varia::cli
