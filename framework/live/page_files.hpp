#pragma once

#include <string_view>
#include <vector>

namespace varia::live {

/// A file of the page, held by the program.
struct PageFile {
  std::string_view path;  ///< "/page.js"
  std::string_view type;  ///< media type
  std::string_view content;
};

/// What framework/live/page holds, and Chart.js. Written by embed_page.cmake.
const std::vector<PageFile>& page_files();

}  // namespace varia::live
