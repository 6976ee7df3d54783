#pragma once

#include <vector>

#include "pages/shared/page_file.hpp"

namespace varia::live {

/// What framework/pages/live/page and framework/pages/shared hold, and Chart.js. Written by
/// varia_embed_page.
const std::vector<pages::PageFile>& page_files();

}  // namespace varia::live
