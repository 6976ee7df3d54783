#include "cluster/frozen_files.hpp"

#include <fmt/format.h>
#include <link.h>

#include <algorithm>
#include <set>

#include "varia/data_folder.hpp"
#include "varia/host/program.hpp"

namespace varia::cluster {
namespace {

namespace fs = std::filesystem;

/// Adds the files that the parameters of a section name, at any depth.
void add_files(const Value& value, std::vector<FrozenFile>& files) {
  for (const Value& item : value.items()) add_files(item, files);
  if (!value.is_map()) return;
  for (const auto& entry : value.entries()) {
    const Value* digest = value.find(entry.key + "_sha256");
    if (digest && digest->is_scalar() && entry.value.is_scalar()) {
      const auto file = fs::absolute(written_path(entry.value)).lexically_normal();
      if (std::ranges::find(files, file, &FrozenFile::file) == files.end())
        files.push_back({file, digest->text(), "files" / file.relative_path()});
    }
    add_files(entry.value, files);
  }
}

int add_own_library(dl_phdr_info* info, std::size_t, void* data) {
  const fs::path file = info->dlpi_name;
  if (file.filename().string().starts_with("libvaria"))
    static_cast<std::vector<fs::path>*>(data)->push_back(fs::canonical(file));
  return 0;
}

}  // namespace

void add_plugin(std::vector<FrozenFile>& plugins, const std::string& name,
                const std::string& version, const fs::path& file, const std::string& digest) {
  const auto count = 1 + std::ranges::count(plugins, file.filename(), [](const auto& plugin) {
                       return plugin.file.filename();
                     });
  const auto copy =
      count > 1 ? fmt::format("{}-{}.so", file.stem().string(), count) : file.filename().string();
  plugins.push_back({file, digest, fs::path("plugins") / copy, name, version});
}

std::vector<FrozenFile> parameter_files(const experiment::Plan& plan,
                                        const std::vector<std::string>& ids) {
  const std::set<std::string> chosen(ids.begin(), ids.end());
  std::vector<FrozenFile> files;
  std::set<const void*> seen;  // trials share what they have in common
  for (const auto& trial : plan.trials) {
    if (!chosen.contains(trial.id)) continue;
    for (const auto& [key, kind, section, use] : experiment::kComponentSections)
      if (const auto& value = trial.*section; value && seen.insert(value.get()).second)
        add_files(*value, files);
    for (const auto& [key, kind, section, use] : experiment::kEntrySections)
      if (const auto& entries = trial.*section; entries && seen.insert(entries.get()).second)
        for (const auto& entry : *entries) add_files(entry.params, files);
  }
  return files;
}

std::vector<fs::path> program_files() {
  std::vector<fs::path> files{own_program()};
  dl_iterate_phdr(&add_own_library, &files);
  return files;
}

}  // namespace varia::cluster
