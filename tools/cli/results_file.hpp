#pragma once

#include <string>
#include <vector>

namespace varia::cli {

/// @throws StoreError where one of these results files is not there, with the file that may be
///         meant: `mine` for results/mine.h5, or a name that is near
void require_results_files(const std::vector<std::string>& files);

}  // namespace varia::cli
