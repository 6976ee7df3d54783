#pragma once

#include <vector>

#include "pages/shared/page_file.hpp"

namespace varia::report {

/// What framework/pages/report/page and framework/pages/shared hold. Written by varia_embed_page.
const std::vector<pages::PageFile>& page_files();

}  // namespace varia::report
