#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "varia/mapped_file.hpp"

struct zip;

namespace varia::datasets {

/// True if these are the first bytes of a zip archive.
bool is_zip(std::string_view begin);

/// A zip archive, open for reading: what a .npz file is. Entries are stored or deflated.
class ZipArchive {
 public:
  /// @throws DataError if it cannot be read or is not a zip archive
  explicit ZipArchive(std::shared_ptr<const MappedFile> file);
  ~ZipArchive();
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  /// Of all entries, alphabetical.
  std::vector<std::string> names() const;
  bool has(const std::string& name) const;
  /// Bytes of an entry, unpacked: as many as its packed bytes can hold at most.
  /// @throws DataError if there is no such entry, it is encrypted, or it is packed by another
  /// method
  std::size_t size(const std::string& name) const;
  /// Unpacks the first bytes of an entry. If these are all, their checksum is compared.
  /// @param bytes at most `size`
  /// @throws DataError if the entry is damaged
  void read(const std::string& name, std::uint8_t* out, std::size_t bytes) const;

 private:
  [[noreturn]] void fail(const std::string& entry, const std::string& what) const;

  std::shared_ptr<const MappedFile> file_;
  struct zip* archive_ = nullptr;
};

}  // namespace varia::datasets
