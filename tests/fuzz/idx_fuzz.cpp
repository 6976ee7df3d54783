// IDX files of images and of labels, as they are and packed.
#include <ATen/Functions.h>
#include <zlib.h>

#include <cstring>
#include <optional>

#include "fuzz/fuzz.hpp"
#include "images/idx_dataset.hpp"

using namespace varia;

namespace {

using Reader = Tensor (*)(const std::filesystem::path&);

/// nullopt if the file is refused.
std::optional<Tensor> read(Reader reader, const std::string& path) {
  std::optional<Tensor> values;
  fuzz::accepts<DataError>([&] { values = reader(path); });
  return values;
}

std::string packed(const std::string& bytes) {
  z_stream stream{};
  if (::deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    fuzz::fault("zlib does not start");
  std::string out(::deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

bool is_packed(const std::string& bytes) { return bytes.starts_with("\x1f\x8b"); }

void try_out(Reader reader, const std::string& bytes, std::int64_t axes) {
  const auto values = read(reader, fuzz::write_file("plain", bytes));
  if (is_packed(bytes)) return;
  if (values) {
    fuzz::require(values->dim() == axes, "images have 4 axes, and labels one");
    const auto count = static_cast<std::size_t>(values->numel());
    const auto content = values->to(at::kByte).contiguous();
    fuzz::require(
        count > 0 && count < bytes.size() &&
            std::memcmp(content.data_ptr(), bytes.data() + bytes.size() - count, count) == 0,
        "the values are those that follow the header");
  }
  const auto unpacked = read(reader, fuzz::write_file("packed", packed(bytes)));
  fuzz::require(values.has_value() == unpacked.has_value(),
                "a packed file is read as the plain one");
  fuzz::require(!values || values->equal(*unpacked),
                "a packed file has the values of the plain one");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  try_out(datasets::read_idx_images, bytes, 4);
  try_out(datasets::read_idx_labels, bytes, 1);
  return 0;
}
