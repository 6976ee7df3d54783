#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

/// Work on many files that takes long. Free of LibTorch.
namespace varia::datasets {

/// Calls `work(i)` once for every i in [0, count), from several threads. stderr says how far it is:
/// on a terminal in one line, from the first second on, which is removed at the end; else in a line
/// every 10 seconds.
/// @param what    "decoding images", for that line
/// @param threads at most so many; no more than there are cores
/// @throws what `work` threw for the smallest i; the rest is not worked on then
void for_each_file(const std::string& what, std::size_t count, std::size_t threads,
                   const std::function<void(std::size_t)>& work);

/// The content of an image file of at most 256 MiB.
/// @throws DataError if it cannot be read, is not a regular file, or is larger
std::string read_file(const std::filesystem::path& path);

/// Says something that is not an error: a line on stderr.
void say(const std::string& line);

}  // namespace varia::datasets
