#include "gzip_stream.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "varia/error.hpp"

namespace varia::datasets {
namespace {
constexpr int kGzipWindow = 16 + MAX_WBITS;
constexpr std::size_t kPiece = std::size_t{1} << 30;  // zlib counts in 32 bits
}  // namespace

bool is_gzip(const MappedFile& file) {
  return file.size() > 2 && file.data()[0] == 0x1f && file.data()[1] == 0x8b;
}

GzipStream::GzipStream(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {
  if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::bad_alloc();
}

GzipStream::~GzipStream() { inflateEnd(&stream_); }

std::size_t GzipStream::read(std::uint8_t* out, std::size_t bytes) {
  std::size_t done = 0;
  while (done < bytes && !ended_) {
    if (stream_.avail_in == 0) {
      const auto piece = std::min(kPiece, file_->size() - used_);
      if (piece == 0) throw DataError(file_->path().string(), "is cut short.");
      // zlib does not write to its input; its interface is older than const.
      stream_.next_in = const_cast<Bytef*>(file_->data() + used_);
      stream_.avail_in = static_cast<uInt>(piece);
      used_ += piece;
    }
    const auto room = std::min(kPiece, bytes - done);
    stream_.next_out = out + done;
    stream_.avail_out = static_cast<uInt>(room);
    const int result = inflate(&stream_, Z_NO_FLUSH);
    done += room - stream_.avail_out;
    if (result == Z_STREAM_END) {
      // A gzip file may be several, one after the other.
      ended_ = stream_.avail_in == 0 && used_ == file_->size();
      if (!ended_) inflateReset(&stream_);
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      throw DataError(file_->path().string(),
                      std::string("is no intact gzip file: ") +
                          (stream_.msg ? stream_.msg : "it cannot be unpacked") + ".");
    }
  }
  return done;
}

}  // namespace varia::datasets
