#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>

#include "varia/mapped_file.hpp"

namespace varia::datasets {

/// Whether a file begins as gzip files do.
bool is_gzip(const MappedFile& file);

/// Unpacks a gzip file step by step, so that no more memory is used than was asked for.
class GzipStream {
 public:
  explicit GzipStream(std::shared_ptr<const MappedFile> file);
  ~GzipStream();
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  /// Unpacks up to `bytes` bytes.
  /// @returns how many there were: fewer at the end of the file
  /// @throws DataError where the file is damaged or cut short.
  std::size_t read(std::uint8_t* out, std::size_t bytes);

 private:
  std::shared_ptr<const MappedFile> file_;
  std::size_t used_ = 0;  // bytes of the file that were given to zlib
  z_stream stream_{};
  bool ended_ = false;
};

}  // namespace varia::datasets
