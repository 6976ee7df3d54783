#pragma once

#include <vector>

#include "page/page_file.hpp"

namespace varia::report {

/// What framework/report/page and framework/page hold. Written by varia_embed_page.
const std::vector<page::PageFile>& page_files();

}  // namespace varia::report
