#include "portable/npz.hpp"

#include <zip.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "varia/error.hpp"

namespace varia::portable {

namespace {

const char* numpy_type(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return "<f4";
    case at::kDouble:
      return "<f8";
    case at::kLong:
      return "<i8";
    case at::kByte:
      return "|u1";
    case at::kBool:
      return "|b1";
    default:
      throw Error(std::string("a tensor of type ") + toString(type) + " cannot be written as .npz");
  }
}

/// Little-endian.
template <class Number>
void append(std::string& bytes, Number number) {
  for (std::size_t byte = 0; byte < sizeof number; ++byte)
    bytes.push_back(static_cast<char>((number >> (8 * byte)) & 0xFF));
}

std::string npy_of(const Tensor& tensor) {
  std::string shape;
  for (const auto size : tensor.sizes()) shape += std::to_string(size) + ",";
  auto header = "{'descr': '" + std::string(numpy_type(tensor.scalar_type())) +
                "', 'fortran_order': False, 'shape': (" + shape + "), }";
  constexpr std::size_t kBefore = 10;  // bytes before the header
  header.append(63 - (kBefore + header.size()) % 64, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  append(bytes, static_cast<std::uint16_t>(header.size()));
  bytes += header;
  bytes.append(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes());
  return bytes;
}

/// A zip archive that is made in memory.
class Archive {
 public:
  Archive() {
    zip_error_init(&error_);
    source_ = zip_source_buffer_create(nullptr, 0, 0, &error_);
    if (source_ == nullptr) fail();
    zip_source_keep(source_);  // what was written is read from it
    archive_ = zip_open_from_source(source_, ZIP_CREATE | ZIP_TRUNCATE, &error_);
    if (archive_ == nullptr) fail();
  }
  ~Archive() {
    if (archive_ != nullptr) zip_discard(archive_);
    if (source_ != nullptr) zip_source_free(source_);
    zip_error_fini(&error_);
  }
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  /// @param content outlives `bytes`
  void add(const std::string& name, const std::string& content) {
    constexpr zip_uint16_t kFirstOfJanuary1980 = (1U << 5U) | 1U;  // equal tensors give equal bytes
    auto* file = zip_source_buffer(archive_, content.data(), content.size(), 0);
    const auto index = zip_file_add(archive_, name.c_str(), file, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(file);
      refuse(zip_strerror(archive_));
    }
    const auto place = static_cast<zip_uint64_t>(index);
    zip_set_file_compression(archive_, place, ZIP_CM_STORE, 0);
    zip_file_set_dostime(archive_, place, 0, kFirstOfJanuary1980, 0);
  }

  /// The whole archive.
  std::string bytes() {
    if (zip_close(archive_) != 0) refuse(zip_strerror(archive_));
    archive_ = nullptr;
    zip_stat_t stat;
    if (zip_source_open(source_) != 0 || zip_source_stat(source_, &stat) != 0)
      refuse(zip_error_strerror(zip_source_error(source_)));
    std::string content(stat.size, '\0');
    const auto read = zip_source_read(source_, content.data(), content.size());
    zip_source_close(source_);
    if (read != static_cast<zip_int64_t>(content.size()))
      refuse(zip_error_strerror(zip_source_error(source_)));
    return content;
  }

 private:
  [[noreturn]] static void refuse(const std::string& reason) {
    throw Error("the .npz archive cannot be made: " + reason);
  }
  [[noreturn]] void fail() { refuse(zip_error_strerror(&error_)); }

  zip_error_t error_{};
  zip_source_t* source_ = nullptr;
  zip_t* archive_ = nullptr;
};

}  // namespace

std::string npz_of(const NamedTensors& tensors) {
  std::vector<std::string> files;
  files.reserve(tensors.size());
  Archive archive;
  for (const auto& [name, tensor] : tensors) {
    files.push_back(npy_of(tensor.detach().to(at::kCPU).contiguous()));
    archive.add(name + ".npy", files.back());
  }
  return archive.bytes();
}

}  // namespace varia::portable
