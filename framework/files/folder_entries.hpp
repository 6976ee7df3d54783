#pragma once

#include <filesystem>
#include <system_error>
#include <vector>

namespace varia::files {

/// What lies in a folder, in no order. A range-for over a `directory_iterator` throws where the
/// folder cannot be read on, also if the iterator was made with an error code; this throws nothing.
/// @param error is set if the folder cannot be read, or not to its end: what was read is returned
std::vector<std::filesystem::directory_entry> folder_entries(const std::filesystem::path& folder,
                                                             std::error_code& error);

}  // namespace varia::files
