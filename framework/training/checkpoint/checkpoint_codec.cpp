#include "training/checkpoint/checkpoint_codec.hpp"

#include <ATen/Functions.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "varia/error.hpp"

namespace varia::training {

namespace {

constexpr std::size_t kMagicSize = 8;
constexpr char kMagic[kMagicSize + 1] = "VariaCkp";
constexpr std::size_t kLengthAt = kMagicSize;
constexpr std::size_t kChecksumAt = kLengthAt + sizeof(std::uint64_t);
constexpr std::size_t kContentAt = kChecksumAt + sizeof(XXH128_canonical_t);
constexpr std::int64_t kVersion = 3;
constexpr std::size_t kMaxDimensions = 64;

XXH128_canonical_t checksum_of(const std::string& file) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical,
                           XXH3_128bits(file.data() + kContentAt, file.size() - kContentAt));
  return canonical;
}

/// The element types that tensors of components have; their numbers are LibTorch's.
bool is_known(std::int64_t type) {
  switch (static_cast<at::ScalarType>(type)) {
    case at::kByte:
    case at::kChar:
    case at::kShort:
    case at::kInt:
    case at::kLong:
    case at::kHalf:
    case at::kFloat:
    case at::kDouble:
    case at::kComplexFloat:
    case at::kComplexDouble:
    case at::kBool:
    case at::kBFloat16:
      return true;
    default:
      return false;
  }
}

}  // namespace

CheckpointWriter::CheckpointWriter() : file_(kContentAt, '\0') { put(kVersion); }

void CheckpointWriter::bytes(const void* data, std::size_t size) {
  file_.append(static_cast<const char*>(data), size);
}

void CheckpointWriter::put(const std::string& value) {
  put(static_cast<std::int64_t>(value.size()));
  bytes(value.data(), value.size());
}

void CheckpointWriter::put_tensor(const std::string& name, const Tensor& tensor) {
  const auto type = static_cast<std::int64_t>(tensor.scalar_type());
  if (!is_known(type))
    throw TrialError("'" + name + "' is of the type " + toString(tensor.scalar_type()) +
                     ", which a checkpoint cannot hold");
  const auto packed = tensor.contiguous();
  (*this)(name, type, packed.sizes().vec());
  bytes(packed.data_ptr(), packed.nbytes());
}

std::string CheckpointWriter::sealed() {
  std::memcpy(file_.data(), kMagic, kMagicSize);
  const std::uint64_t length = file_.size() - kContentAt;
  std::memcpy(file_.data() + kLengthAt, &length, sizeof length);
  const auto checksum = checksum_of(file_);
  std::memcpy(file_.data() + kChecksumAt, &checksum, sizeof checksum);
  return std::exchange(file_, {});
}

CheckpointReader::CheckpointReader(std::string path, std::string file)
    : path_(std::move(path)), file_(std::move(file)), at_(kContentAt) {
  if (file_.size() < kContentAt || std::memcmp(file_.data(), kMagic, kMagicSize) != 0)
    fail("is not a checkpoint");
  std::uint64_t length = 0;
  std::memcpy(&length, file_.data() + kLengthAt, sizeof length);
  const auto checksum = checksum_of(file_);
  if (length != file_.size() - kContentAt ||
      std::memcmp(&checksum, file_.data() + kChecksumAt, sizeof checksum) != 0)
    fail("is damaged: its checksum is not that of its content");
  std::int64_t version = 0;
  get(version);
  if (version != kVersion)
    fail("has format version " + std::to_string(version) + "; expected " +
         std::to_string(kVersion));
}

void CheckpointReader::fail(const std::string& what) const { throw StoreError(path_, what); }

const char* CheckpointReader::take(std::size_t size) {
  if (size > file_.size() - at_) fail("ends early");
  const auto* data = file_.data() + at_;
  at_ += size;
  return data;
}

void CheckpointReader::get(std::int64_t& value) {
  std::memcpy(&value, take(sizeof value), sizeof value);
}

void CheckpointReader::get(double& value) { std::memcpy(&value, take(sizeof value), sizeof value); }

std::size_t CheckpointReader::count() {
  std::int64_t value = 0;
  get(value);
  if (value < 0 || static_cast<std::uint64_t>(value) > file_.size() - at_)
    fail("has a count of " + std::to_string(value) + ", more than the rest of it");
  return static_cast<std::size_t>(value);
}

void CheckpointReader::get(std::string& value) {
  const auto size = count();
  value.assign(take(size), size);
}

void CheckpointReader::get(Tensor& value) {
  std::int64_t type = 0;
  std::vector<std::int64_t> sizes;
  (*this)(type, sizes);
  if (!is_known(type) || sizes.size() > kMaxDimensions) fail("has no such tensor");
  if (std::ranges::any_of(sizes, [](std::int64_t size) { return size < 0; }))
    fail("has a tensor of a negative size");
  const auto options = at::TensorOptions(static_cast<at::ScalarType>(type));
  const bool is_empty = std::ranges::count(sizes, 0) > 0;
  // LibTorch multiplies the other sizes of an empty tensor all the same.
  const std::uint64_t room =
      is_empty ? std::numeric_limits<std::int64_t>::max() : file_.size() - at_;
  std::uint64_t bytes = options.dtype().itemsize();
  for (const auto size : sizes) {
    if (size == 0) continue;
    if (static_cast<std::uint64_t>(size) > room / bytes)
      fail("has a tensor larger than the rest of it");
    bytes *= static_cast<std::uint64_t>(size);
  }
  if (is_empty) bytes = 0;
  const auto* data = take(bytes);
  value = at::empty(sizes, options);
  if (bytes > 0) std::memcpy(value.data_ptr(), data, bytes);
}

void CheckpointReader::expect_end() const {
  if (at_ != file_.size()) fail("goes on after its end");
}

}  // namespace varia::training
