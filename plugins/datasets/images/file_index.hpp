#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "images/image_list.hpp"
#include "pictures/image_header.hpp"

namespace varia::datasets {

/// What was found in an image file when it was read last.
struct ExaminedFile {
  std::string digest;  ///< SHA-256 of its content, 64 hexadecimal digits
  pictures::ImageHeader header;
};

/// Reads every file, but those that an index knows and that have not changed since: path, size,
/// inode, device and times are equal to the nanosecond. The index is replaced if it has changed; it
/// is a cache, so one that is missing, damaged or cannot be written costs time alone.
/// @param grain a file that was changed so shortly before it was read is not kept in the index: it
///              could change again without another time (as in git's index)
/// @returns     one for each of the files
/// @throws DataError if a file cannot be read, or is not an image (`read_header`)
std::vector<ExaminedFile> examine(const std::vector<ImageFile>& files,
                                  const std::filesystem::path& index,
                                  std::chrono::nanoseconds grain = std::chrono::seconds(2));

}  // namespace varia::datasets
