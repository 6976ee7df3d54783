#include "results/folder/merged_index.hpp"

#include "results/merged/results.hpp"

namespace varia::sweep {

MergedIndex read_merged_index(const ResultPaths& paths) {
  MergedIndex index;
  std::error_code ignored;
  if (!std::filesystem::exists(paths.merged(), ignored)) return index;
  auto rows = results::read_merged_trials(paths.merged().string());
  index.reserve(rows.size());
  for (auto& row : rows) {
    auto id = row.id;
    index.emplace(std::move(id), std::move(row));
  }
  return index;
}

}  // namespace varia::sweep
