#include "pages/report/chart_library.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "files/whole_file.hpp"
#include "pages/report/chart_library_files.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"

namespace varia::report {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kLargestFile = 16 << 20;

fs::path installed_folder() {
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  return (program.parent_path() / "../share/varia/echarts").lexically_normal();
}

fs::path library_folder() {
  std::vector<std::string> names;
  for (const auto& file : kChartLibraryFiles) names.emplace_back(file.name);
  const auto installed = installed_folder();
  std::error_code error;
  const bool there = std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return fs::is_regular_file(installed / name, error);
  });
  return there ? installed : require_data("echarts", names);
}

std::string checked(const fs::path& folder, const std::string& name) {
  const auto path = (folder / name).string();
  auto content = files::read_whole_file(path, kLargestFile);
  Sha256 hash;
  hash.update(content);
  const auto* file = std::find_if(kChartLibraryFiles.begin(), kChartLibraryFiles.end(),
                                  [&](const auto& known) { return known.name == name; });
  if (hash.digest() != file->digest)
    throw DataError(path,
                    "this is not the file of Apache ECharts that this version of Varia puts into "
                    "reports: expected SHA-256 " +
                        std::string(file->digest) + ". Remove " + folder.string() +
                        " and run again");
  return content;
}

}  // namespace

ChartLibrary chart_library() {
  const auto folder = library_folder();
  return {checked(folder, "echarts.min.js"), checked(folder, "LICENSE"), checked(folder, "NOTICE")};
}

}  // namespace varia::report
