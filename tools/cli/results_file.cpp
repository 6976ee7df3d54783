#include "cli/results_file.hpp"

#include <filesystem>

#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".h5";

/// The results file that the name of an experiment, or a part of a path, may mean; or nothing.
std::string completed(const fs::path& given) {
  auto with_ending = given;
  with_ending += kEnding;
  std::error_code absent;
  for (const auto& path : {with_ending, "results" / given, "results" / with_ending})
    if (fs::is_regular_file(path, absent)) return path.string();
  return "";
}

/// The results file of the same folder whose name is near; or nothing.
std::string near(const fs::path& given) {
  std::vector<std::string> names;
  std::error_code error;
  const auto folder = given.has_parent_path() ? given.parent_path() : fs::path(".");
  for (fs::directory_iterator entry(folder, error), none; !error && entry != none;
       entry.increment(error))
    if (entry->path().extension() == kEnding) names.push_back(entry->path().filename().string());
  const auto name = nearest_name(given.filename().string(), names);
  return name.empty() ? "" : (given.parent_path() / name).string();
}

}  // namespace

void require_results_files(const std::vector<std::string>& files) {
  for (const auto& file : files) {
    std::error_code error;
    const auto type = fs::status(file, error).type();
    const bool is_folder = type == fs::file_type::directory;
    if (type != fs::file_type::not_found && !is_folder) continue;  // the reader tells what it is
    auto meant = completed(file);
    if (meant.empty() && !is_folder) meant = near(file);
    throw StoreError(file,
                     (is_folder ? std::string("is a folder, not a results file")
                                : std::string("cannot be opened: No such file or directory")) +
                         (meant.empty() ? "" : ". Did you mean '" + meant + "'?"));
  }
}

}  // namespace varia::cli
