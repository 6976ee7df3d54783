#include "cluster/frozen_files.hpp"

#include <link.h>

#include <set>
#include <utility>

#include "files/process.hpp"
#include "varia/data_folder.hpp"

namespace varia::cluster {
namespace {

namespace fs = std::filesystem;

class Collector {
 public:
  void add(const experiment::SharedValue& section) {
    // Trials share what they have in common.
    if (section && seen_.insert(section.get()).second) add(*section);
  }
  void add(const experiment::SharedEntries& entries) {
    if (!entries || !seen_.insert(entries.get()).second) return;
    for (const auto& entry : *entries) add(entry.params);
  }

  std::vector<ParameterFile> files;

 private:
  void add(const Value& value) {
    for (const Value& item : value.items()) add(item);
    if (!value.is_map()) return;
    for (const auto& entry : value.entries()) {
      const Value* digest = value.find(entry.key + "_sha256");
      if (digest && digest->is_scalar() && entry.value.is_scalar())
        add(fs::absolute(written_path(entry.value)).lexically_normal(), digest->text());
      add(entry.value);
    }
  }
  void add(fs::path file, std::string digest) {
    if (paths_.insert(file).second) files.push_back({std::move(file), std::move(digest)});
  }

  std::set<const void*> seen_;
  std::set<fs::path> paths_;
};

int add_own_library(dl_phdr_info* info, std::size_t, void* data) {
  const fs::path file = info->dlpi_name;
  if (file.filename().string().starts_with("libvaria"))
    static_cast<std::vector<fs::path>*>(data)->push_back(fs::canonical(file));
  return 0;
}

}  // namespace

std::vector<ParameterFile> parameter_files(const experiment::Plan& plan,
                                           const std::vector<std::string>& ids) {
  const std::set<std::string> chosen(ids.begin(), ids.end());
  Collector collector;
  for (const auto& trial : plan.trials) {
    if (!chosen.contains(trial.id)) continue;
    for (const auto& [key, kind, section, use] : experiment::kComponentSections)
      collector.add(trial.*section);
    for (const auto& [key, kind, entries, use] : experiment::kEntrySections)
      collector.add(trial.*entries);
  }
  return std::move(collector.files);
}

std::vector<fs::path> program_files() {
  std::vector<fs::path> files{files::own_program()};
  dl_iterate_phdr(&add_own_library, &files);
  return files;
}

}  // namespace varia::cluster
