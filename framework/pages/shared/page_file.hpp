#pragma once

#include <string_view>

/// What the live page and the report share; the page's own files are beside it.
namespace varia::pages {

/// A file of a page, held by the program.
struct PageFile {
  std::string_view path;  ///< "/page.js"; "/" for index.html
  std::string_view type;  ///< media type
  std::string_view content;
};

}  // namespace varia::pages
