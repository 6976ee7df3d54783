#include "results/folder/merged_index.hpp"

#include "results/merged/merged_glances.hpp"

namespace varia::results {

MergedIndex read_merged_index(const ResultPaths& paths) {
  MergedIndex index;
  std::error_code ignored;
  if (!std::filesystem::exists(paths.merged(), ignored)) return index;
  auto glances = read_merged_glances(paths.merged().string());
  index.reserve(glances.size());
  for (auto& glance : glances) {
    auto id = glance.id;
    index.emplace(std::move(id), std::move(glance));
  }
  return index;
}

}  // namespace varia::results
