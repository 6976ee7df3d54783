#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The files that the pages are made of: their own, which the program holds, and the chart library,
/// which is read from disk.
namespace varia::pages {

struct PageFile {
  std::string_view name;  ///< "page.html"
  std::string_view type;  ///< media type
  std::string_view content;
};

/// The files of live/page, report/page, shared and shared/page. Written by varia_embed_page.
const std::vector<PageFile>& page_files();

/// @throws Error if there is no such file
const PageFile& page_file(std::string_view name);

/// page.html, the page that watches a run or shows results. Each part is put in the place of the
/// comment of its name: "scripts" replaces <!--scripts-->.
/// @throws Error if there is no such place
std::string filled_page(const std::map<std::string, std::string>& parts);

/// A file of Apache ECharts, which draws the charts of both pages: "echarts.min.js", "LICENSE" or
/// "NOTICE". It is read from share/varia/echarts of the installation that the program belongs to,
/// else from the folder of data sets, where `fetch-data echarts` puts it.
/// @returns nullopt if it is in neither
/// @throws DataError if its SHA-256 is not the one of tools/data_sets.txt
std::optional<std::string> chart_library_file(const std::string& name);

/// Runs `fetch-data echarts` if the chart library is absent. @throws DataError if that fails
void require_chart_library();

/// What a page says if the chart library is absent, with the command that fetches it.
std::string chart_library_hint();

}  // namespace varia::pages
