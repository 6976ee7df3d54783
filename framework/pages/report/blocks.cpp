#include "pages/report/blocks.hpp"

#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "varia/error.hpp"

namespace varia::report {

namespace {

static_assert(std::endian::native == std::endian::little, "blocks are little-endian");

template <class Number>
std::string bytes_of(const std::vector<Number>& numbers) {
  std::string bytes(numbers.size() * sizeof(Number), '\0');
  if (!numbers.empty()) std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

/// All first bytes, then all second ones, ...
std::string transposed(const std::string& bytes, std::size_t width) {
  std::string result(bytes.size(), '\0');
  const std::size_t count = bytes.size() / width;
  for (std::size_t byte = 0; byte < width; ++byte)
    for (std::size_t i = 0; i < count; ++i) result[byte * count + i] = bytes[i * width + byte];
  return result;
}

std::string deflated(const std::string& bytes) {
  auto size = compressBound(static_cast<uLong>(bytes.size()));
  std::string packed(size, '\0');
  const int status = compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                               reinterpret_cast<const Bytef*>(bytes.data()),
                               static_cast<uLong>(bytes.size()), Z_DEFAULT_COMPRESSION);
  if (status != Z_OK) throw Error("zlib cannot pack " + std::to_string(bytes.size()) + " bytes");
  packed.resize(size);
  return packed;
}

}  // namespace

std::string escape_html(std::string_view text) {
  constexpr std::string_view kMarks = "&<>\"'";
  constexpr std::array kReferences = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  std::string escaped;
  escaped.reserve(text.size());
  for (const char letter : text) {
    const auto mark = kMarks.find(letter);
    if (mark == std::string_view::npos)
      escaped += letter;
    else
      escaped += kReferences.at(mark);
  }
  return escaped;
}

std::string script_json(const nlohmann::json& document) {
  const auto text = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char letter : text) {
    if (letter == '<')
      safe += "\\u003c";
    else
      safe += letter;
  }
  return safe;
}

std::string base64(std::string_view bytes) {
  if (bytes.size() > std::numeric_limits<int>::max() / 2)
    throw Error("a block of " + std::to_string(bytes.size()) + " bytes is too large for a report");
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

nlohmann::json Blocks::add(const std::string& bytes, std::size_t width, const char* type) {
  texts_.push_back(base64(deflated(transposed(bytes, width))));
  return {{"block", texts_.size() - 1}, {"type", type}, {"count", bytes.size() / width}};
}

nlohmann::json Blocks::add_single(const std::vector<double>& numbers) {
  const std::vector<float> single(numbers.begin(), numbers.end());
  return add(bytes_of(single), sizeof(float), "f32");
}

nlohmann::json Blocks::add_double(const std::vector<double>& numbers) {
  return add(bytes_of(numbers), sizeof(double), "f64");
}

nlohmann::json Blocks::add_bytes(const std::vector<std::uint8_t>& bytes) {
  return add(bytes_of(bytes), 1, "u8");
}

std::size_t Blocks::add_text(std::string text) {
  texts_.push_back(std::move(text));
  return texts_.size() - 1;
}

}  // namespace varia::report
