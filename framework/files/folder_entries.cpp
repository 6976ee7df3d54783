#include "files/folder_entries.hpp"

namespace varia::files {

namespace fs = std::filesystem;

std::vector<fs::directory_entry> folder_entries(const fs::path& folder, std::error_code& error) {
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator entry(folder, error), none; !error && entry != none;
       entry.increment(error))
    entries.push_back(*entry);
  return entries;
}

}  // namespace varia::files
