// Checkpoints: bytes that are no checkpoint, and contents with the right checksum.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "fuzz/fuzz.hpp"
#include "training/checkpoint/checkpoint.hpp"

using namespace varia;

namespace {

constexpr std::uint64_t kLimit = 1 << 20;

template <class Number>
std::string bytes_of(const Number& number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

/// The file that has this content (checkpoint.hpp).
std::string sealed(const std::string& content) {
  XXH128_canonical_t checksum;
  XXH128_canonicalFromHash(&checksum, XXH3_128bits(content.data(), content.size()));
  return "VariaCkp" + bytes_of(std::uint64_t{content.size()}) + bytes_of(checksum) + content;
}

std::string content_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void try_out(const std::string& bytes) {
  const auto path = fuzz::write_file("checkpoint.1", bytes);
  training::Checkpoint checkpoint;
  const auto read = [&] { checkpoint = training::read_checkpoint(path, kLimit); };
  if (!fuzz::accepts<StoreError>(read)) return;
  training::write_checkpoint(path, checkpoint);
  const auto written = content_of(path);
  fuzz::require(fuzz::accepts<StoreError>(read), "a checkpoint that was written is read");
  training::write_checkpoint(path, checkpoint);
  fuzz::require(content_of(path) == written, "a checkpoint is read as it was written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  try_out(bytes);
  try_out(sealed(bytes));
  return 0;
}
