#include "portable/safetensors.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>

namespace varia::portable {

namespace {

struct ElementType {
  at::ScalarType type;
  const char* name;    // NumPy's
  const char* format;  // that of safetensors
};

constexpr ElementType kElementTypes[] = {
    {at::kFloat, "float32", "F32"}, {at::kDouble, "float64", "F64"}, {at::kLong, "int64", "I64"},
    {at::kByte, "uint8", "U8"},     {at::kBool, "bool", "BOOL"},
};

const ElementType& element_type(at::ScalarType type) {
  for (const auto& known : kElementTypes)
    if (known.type == type) return known;
  throw Error(std::string("a tensor of type ") + toString(type) + " cannot be exported");
}

}  // namespace

std::string type_name(at::ScalarType type) { return element_type(type).name; }

std::string safetensors_of(const NamedTensors& tensors) {
  auto header = nlohmann::ordered_json::object();
  std::string numbers;
  for (const auto& [name, tensor] : tensors) {
    const auto packed = tensor.detach().to(at::kCPU).contiguous();
    const auto begin = numbers.size();
    numbers.append(static_cast<const char*>(packed.data_ptr()), packed.nbytes());
    header[name] = {{"dtype", element_type(packed.scalar_type()).format},
                    {"shape", packed.sizes().vec()},
                    {"data_offsets", {begin, numbers.size()}}};
  }
  auto text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');  // so that the numbers are aligned
  std::string content;
  for (std::size_t byte = 0; byte < 8; ++byte)  // the size of the header, little-endian
    content.push_back(static_cast<char>((text.size() >> (8 * byte)) & 0xFF));
  return content + text + numbers;
}

}  // namespace varia::portable
