#include "cluster/loaded_files.hpp"

#include <link.h>

#include <string>

namespace varia::cluster {
namespace {

namespace fs = std::filesystem;

int add_own_library(dl_phdr_info* info, std::size_t, void* data) {
  const fs::path file = info->dlpi_name;
  if (file.filename().string().rfind("libvaria", 0) == 0)
    static_cast<std::vector<fs::path>*>(data)->push_back(fs::canonical(file));
  return 0;
}

}  // namespace

std::vector<fs::path> program_files() {
  std::vector<fs::path> files{fs::canonical("/proc/self/exe")};
  dl_iterate_phdr(&add_own_library, &files);
  return files;
}

}  // namespace varia::cluster
