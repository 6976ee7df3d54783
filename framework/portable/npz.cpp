#include "portable/npz.hpp"

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <limits>

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

/// What both headers of a member of a zip archive say of it.
std::string member_fields(const std::string& name, const std::string& content) {
  std::string fields;
  append(fields, std::uint16_t{20});          // version needed
  append(fields, std::uint16_t{0x0800});      // names are UTF-8
  append(fields, std::uint16_t{0});           // stored
  append(fields, std::uint32_t{0x00210000});  // 1980-01-01, so that equal tensors give equal bytes
  append(fields, static_cast<std::uint32_t>(
                     crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size())));
  append(fields, static_cast<std::uint32_t>(content.size()));
  append(fields, static_cast<std::uint32_t>(content.size()));
  append(fields, static_cast<std::uint16_t>(name.size()));
  append(fields, std::uint16_t{0});  // no more fields
  return fields;
}

}  // namespace

std::string npz_of(const NamedTensors& tensors) {
  std::string archive, directory;
  for (const auto& [name, tensor] : tensors) {
    const auto content = npy_of(tensor.detach().to(at::kCPU).contiguous());
    const auto file = name + ".npy";
    if (archive.size() + content.size() > std::numeric_limits<std::uint32_t>::max() - (1 << 20))
      throw Error("a .npz file has less than 4 GiB; write HDF5");
    const auto fields = member_fields(file, content);
    const auto offset = static_cast<std::uint32_t>(archive.size());
    archive += std::string("PK\x03\x04", 4) + fields + file + content;
    directory += std::string("PK\x01\x02\x14\x00", 6) + fields;  // written by version 2.0
    directory.append(10, '\0');  // no comment, first disk, no attributes
    append(directory, offset);
    directory += file;
  }
  std::string end("PK\x05\x06\x00\x00\x00\x00", 8);
  append(end, static_cast<std::uint16_t>(tensors.size()));
  append(end, static_cast<std::uint16_t>(tensors.size()));
  append(end, static_cast<std::uint32_t>(directory.size()));
  append(end, static_cast<std::uint32_t>(archive.size()));
  append(end, std::uint16_t{0});  // no comment
  return archive + directory + end;
}

}  // namespace varia::portable
