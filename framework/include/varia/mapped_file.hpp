#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "varia/export.hpp"

namespace varia {

/// The contents of a file, mapped into memory, read only. All processes that map one file share its
/// pages, and only what is read is loaded. If the file is cut short while it is mapped, what it
/// lacks reads as zeros: call `require_whole` after reading.
class VARIA_API MappedFile {
 public:
  /// @throws DataError if there is no such file, or it is a folder, a pipe or a device, or it is
  ///         empty or may not be read.
  explicit MappedFile(std::filesystem::path path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::uint8_t* data() const { return data_; }
  /// Bytes, at least 1.
  std::size_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }
  /// Tells the system that a part is not needed soon: it no longer counts as this process's memory,
  /// and is loaded again when it is read.
  void release(std::size_t begin, std::size_t bytes) const;

 private:
  std::filesystem::path path_;
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Protects mapped files, as `require_whole` wants it, in a forked process that has given up its
/// handlers of signals.
VARIA_API void protect_mapped_files();

/// @param data in a mapped file; any other address is fine
/// @throws DataError if the file was cut short since it was mapped, and what it lacks was read.
VARIA_API void require_whole(const void* data);

/// Path, size, inode and times of the last change: equal stamps mean an unchanged file.
/// @throws DataError if it is not a regular file.
VARIA_API std::string file_stamp(const std::filesystem::path& file);

/// What a data set may take in memory at most: half of this machine's memory, in bytes.
VARIA_API std::int64_t memory_for_data();

}  // namespace varia
