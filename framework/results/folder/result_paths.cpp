#include "results/folder/result_paths.hpp"

#include <algorithm>
#include <system_error>

#include "files/folder_entries.hpp"

namespace varia::results {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kIdDigits = 16;

void add_ids(const fs::path& folder, const std::string& ending, std::vector<std::string>& ids) {
  std::error_code none;
  for (const auto& entry : files::folder_entries(folder, none)) {
    const auto name = entry.path().filename().string();
    if (name.size() != kIdDigits + ending.size() || !name.ends_with(ending)) continue;
    if (auto id = name.substr(0, kIdDigits); is_trial_id(id)) ids.push_back(std::move(id));
  }
}

}  // namespace

bool is_trial_id(const std::string& text) {
  return text.size() == kIdDigits && is_trial_id_beginning(text);
}

bool is_trial_id_beginning(const std::string& text) {
  return text.size() <= kIdDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

ResultPaths paths_of_merged(const fs::path& merged) {
  return {merged.parent_path(), merged.stem().string()};
}

std::vector<std::string> ids_in(const fs::path& folder, const std::string& ending) {
  std::vector<std::string> ids;
  add_ids(folder, ending, ids);
  std::ranges::sort(ids);
  return ids;
}

std::vector<std::string> published_ids(const ResultPaths& paths) {
  std::vector<std::string> ids;
  std::error_code none;
  for (const auto& folder : files::folder_entries(paths.trials(), none))
    add_ids(folder.path(), ".h5", ids);
  std::ranges::sort(ids);
  return ids;
}

}  // namespace varia::results
