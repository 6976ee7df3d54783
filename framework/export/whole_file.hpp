#pragma once

#include <string>

namespace varia::exporting {

/// Writes a file that appears at its path whole or not at all (`<path>.tmp`, then rename). The
/// folder is created where it does not exist.
/// @throws StoreError with the path and the reason; a file that was there before stays then
void write_whole_file(const std::string& path, const std::string& bytes);

}  // namespace varia::exporting
