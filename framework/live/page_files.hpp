#pragma once

#include <vector>

#include "page/page_file.hpp"

namespace varia::live {

/// What framework/live/page and framework/page hold, and Chart.js. Written by varia_embed_page.
const std::vector<page::PageFile>& page_files();

}  // namespace varia::live
