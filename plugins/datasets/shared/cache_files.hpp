#pragma once

#include <filesystem>

/// Files below data_folder() that only save time: each can be made again from a user's files, and
/// is keyed by them. Whoever uses one marks it, and one that has not been used for a week is
/// removed when another is written beside it.
namespace varia::datasets {

/// Sets the time of last use (atime) of a cache file to now, if this process may.
void mark_used(const std::filesystem::path& path);

/// Marks a cache file as used, and keeps it from being removed by remove_unused_caches of any
/// process for as long as this lives: for files that are mapped (flock).
class CacheLock {
 public:
  explicit CacheLock(const std::filesystem::path& path);
  ~CacheLock();
  CacheLock(const CacheLock&) = delete;
  CacheLock& operator=(const CacheLock&) = delete;

 private:
  int file_ = -1;
};

/// Removes what lies in the folder of a file that was written just now, ends in .pixels, .index or
/// .checked, was not used for a week before (by the clock of the file system), and is not locked;
/// also what processes that died left while they wrote. What cannot be removed stays.
void remove_unused_caches(const std::filesystem::path& newest);

}  // namespace varia::datasets
