#include "pages/shared/page_assets.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include "files/whole_file.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/host/program.hpp"
#include "varia/sha256.hpp"

namespace varia::pages {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kLargestFile = 16 << 20;

/// The SHA-256 of each file of the library, as tools/data_sets.txt has them.
const std::map<std::string, std::string> kDigests = {VARIA_ECHARTS_DIGESTS};

/// <prefix> of an installation: the program is <prefix>/bin/varia.
fs::path prefix() { return own_program().parent_path().parent_path(); }

/// The folder that holds the whole library; nullopt if none does.
std::optional<fs::path> library_folder() {
  std::vector<fs::path> folders = {prefix() / "share/varia/echarts"};
  try {
    folders.push_back(data_folder() / "echarts");
  } catch (const DataError&) {  // neither VARIA_DATA nor HOME is set
  }
  for (const auto& folder : folders)
    if (std::ranges::all_of(kDigests, [&](const auto& file) {
          std::error_code error;
          return fs::is_regular_file(folder / file.first, error);
        }))
      return folder;
  return std::nullopt;
}

}  // namespace

const PageFile& page_file(std::string_view name) {
  const auto found = std::ranges::find(page_files(), name, &PageFile::name);
  if (found == page_files().end()) throw Error("the program has no page file " + std::string(name));
  return *found;
}

std::string filled_page(const std::map<std::string, std::string>& parts) {
  std::string page(page_file("page.html").content);
  for (const auto& [name, text] : parts) {
    const auto mark = "<!--" + name + "-->";
    const auto place = page.find(mark);
    if (place == std::string::npos) throw Error("the page has no place for " + mark);
    page.replace(place, mark.size(), text);
  }
  return page;
}

std::optional<std::string> chart_library_file(const std::string& name) {
  const auto folder = library_folder();
  if (!folder) return std::nullopt;
  const auto path = *folder / name;
  auto content = files::read_whole_file(path.string(), kLargestFile);
  Sha256 hash;
  hash.update(content);
  if (const auto& digest = kDigests.at(name); hash.digest() != digest)
    throw DataError(path.string(),
                    "this is not the file of Apache ECharts that this version of Varia puts into "
                    "its pages: expected SHA-256 " +
                        digest + ". Remove " + folder->string() + " and run again");
  return content;
}

void require_chart_library() {
  if (library_folder()) return;
  std::vector<std::string> names;
  for (const auto& [name, digest] : kDigests) names.push_back(name);
  require_data("echarts", names);
}

std::string chart_library_hint() {
  std::error_code error;
  const auto installed = prefix() / "libexec/varia/fetch-data";
  const auto command =
      fs::exists(installed, error) ? installed.string() : std::string("tools/fetch-data");
  return "Curves and scatter plots are drawn by Apache ECharts, which is not on the machine of "
         "this run. Run '" +
         command + " echarts' there, then load this page again.";
}

}  // namespace varia::pages
