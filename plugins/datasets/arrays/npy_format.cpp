#include "arrays/npy_format.hpp"

#include <c10/util/Half.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <limits>
#include <optional>
#include <type_traits>

#include "varia/error.hpp"

namespace varia::datasets {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostAxes = 32;  // as in NumPy 1

/// " ('<U2')"; nothing if a line of text cannot show it.
std::string quoted_in_message(std::string_view type) {
  constexpr std::size_t kLongest = 20;
  const bool is_printable =
      std::ranges::all_of(type, [](char letter) { return letter >= ' ' && letter <= '~'; });
  if (!is_printable || type.size() > kLongest) return "";
  return " ('" + std::string(type) + "')";
}

/// Reads the dictionary of a header: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& place) : rest_(text), place_(place) {}

  void read(NpyHeader& header) {
    bool has_type = false;
    bool has_order = false;
    bool has_shape = false;
    require("{");
    while (!take("}")) {
      const auto key = quoted();
      require(":");
      if (key == "descr" && !has_type) {
        has_type = true;
        read_type(header);
      } else if (key == "fortran_order" && !has_order) {
        has_order = true;
        header.is_fortran = take("True");
        if (!header.is_fortran) require("False");
      } else if (key == "shape" && !has_shape) {
        has_shape = true;
        header.shape = shape();
      } else {
        fail("an unexpected key, or one twice");
      }
      if (!take(",")) {
        require("}");
        break;
      }
    }
    if (!has_type || !has_order || !has_shape)
      fail("without one of 'descr', 'fortran_order' and 'shape'");
    skip_space();
    if (!rest_.empty()) fail("with more behind it");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(place_, "its header is not that of a .npy file: a dictionary " + what + ".");
  }

  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size())); }

  bool take(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  void require(std::string_view token) {
    if (!take(token)) fail("without " + std::string(token) + " where it is expected");
  }

  std::string_view quoted() {
    const std::string_view quote = take("'") ? "'" : "\"";
    if (quote == "\"") require(quote);
    const auto length = rest_.find(quote);
    if (length == std::string_view::npos) fail("with a text that does not end");
    const auto text = rest_.substr(0, length);
    rest_.remove_prefix(length + 1);
    return text;
  }

  std::vector<std::int64_t> shape() {
    std::vector<std::int64_t> sizes;
    require("(");
    while (!take(")")) {
      skip_space();
      std::int64_t size = -1;
      const auto [end, code] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
      const bool is_octal = rest_.size() > 1 && rest_.starts_with('0') && end != rest_.data() + 1;
      if (code != std::errc() || size < 0 || is_octal || sizes.size() == kMostAxes)
        fail("with a shape that is not one");
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      sizes.push_back(size);
      take("L");  // as Python 2 wrote it
      if (!take(",")) {
        require(")");
        break;
      }
    }
    return sizes;
  }

  void read_type(NpyHeader& header) {
    if (take("[")) refuse("records of several fields", "save each field as an array of its own");
    const auto text = quoted();
    auto type = text;
    char order = '=';
    if (!type.empty() && std::string_view("<>=|").find(type[0]) != std::string_view::npos) {
      order = type[0];
      type.remove_prefix(1);
    }
    const char kind = type.empty() ? '?' : type[0];
    refuse_others(kind, text);
    header.kind = kind == 'b'   ? NpyHeader::Kind::boolean
                  : kind == 'i' ? NpyHeader::Kind::signed_integer
                  : kind == 'u' ? NpyHeader::Kind::unsigned_integer
                                : NpyHeader::Kind::real;
    const auto size = type.substr(1);
    const std::string_view known = kind == 'b' ? "1" : kind == 'f' ? "248" : "1248";
    if (size.size() != 1 || known.find(size[0]) == std::string_view::npos)
      refuse("values of another type" + quoted_in_message(text), "save them as float32 or float64");
    header.item_bytes = size[0] - '0';
    constexpr char kHere = std::endian::native == std::endian::little ? '<' : '>';
    header.is_swapped = (order == '<' || order == '>') && order != kHere && header.item_bytes > 1;
  }

  /// Refuses the types that are not numbers.
  void refuse_others(char kind, std::string_view text) const {
    const std::string convert = "save numbers, for instance by x.astype('float32')";
    switch (kind) {
      case 'b':
      case 'i':
      case 'u':
      case 'f':
        return;
      case 'O':
        refuse("Python's objects, which Python alone can read", convert);
      case 'S':
      case 'a':
      case 'U':
        refuse("texts" + quoted_in_message(text), convert);
      case 'c':
        refuse("complex numbers" + quoted_in_message(text), "save their parts as numbers");
      default:
        refuse("values of another type" + quoted_in_message(text), convert);
    }
  }

  [[noreturn]] void refuse(const std::string& found, const std::string& advice) const {
    throw DataError(place_, "holds " + found + "; expected numbers: " + advice + ".");
  }

  std::string_view rest_;
  const std::string& place_;
};

/// A little-endian number.
std::size_t number_at(std::string_view bytes) {
  std::size_t number = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    number = number << 8 | static_cast<std::uint8_t>(bytes[i - 1]);
  return number;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const auto size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

/// How many bytes the values take; nullopt if more than `most`.
std::optional<std::size_t> bytes_of_values(const NpyHeader& header, std::size_t most) {
  if (std::ranges::find(header.shape, 0) != header.shape.end()) return 0;
  auto bytes = static_cast<std::size_t>(header.item_bytes);
  for (const auto size : header.shape) {
    if (bytes > most / static_cast<std::size_t>(size)) return std::nullopt;
    bytes *= static_cast<std::size_t>(size);
  }
  return bytes;
}

template <class Stored, class Out>
void convert(const NpyHeader& header, const std::uint8_t* values, std::int64_t count, Out* out) {
  std::array<std::uint8_t, sizeof(Stored)> bytes{};
  for (std::int64_t i = 0; i < count; ++i, values += bytes.size()) {
    std::copy_n(values, bytes.size(), bytes.begin());
    if (header.is_swapped) std::ranges::reverse(bytes);
    const auto value = std::bit_cast<Stored>(bytes);
    if constexpr (std::is_same_v<Stored, std::uint64_t> && std::is_same_v<Out, std::int64_t>) {
      constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
      out[i] = static_cast<Out>(std::min(value, kMost));
    } else {
      // A signed char is a number here. NOLINTNEXTLINE(bugprone-signed-char-misuse)
      out[i] = static_cast<Out>(value);
    }
  }
}

}  // namespace

bool is_npy(std::string_view begin) { return begin.starts_with(kMagic); }

NpyHeader read_npy_header(std::string_view begin, std::size_t file_size, const std::string& place) {
  if (!is_npy(begin))
    throw DataError(place, "is not a .npy file of NumPy: it does not begin with \\x93NUMPY.");
  constexpr std::size_t kVersion = kMagic.size();
  constexpr std::size_t kLength = kVersion + 2;
  if (begin.size() < kLength) throw DataError(place, "is cut short in its header.");
  const auto version = number_at(begin.substr(kVersion, 1));
  const auto minor = number_at(begin.substr(kVersion + 1, 1));
  if (version < 1 || version > 3 || minor != 0) {
    throw DataError(place, "is a .npy file of version " + std::to_string(version) + "." +
                               std::to_string(minor) + "; expected version 1.0, 2.0 or 3.0.");
  }
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t text_begin = kLength + length_bytes;
  const auto length =
      begin.size() < text_begin ? 0 : number_at(begin.substr(kLength, length_bytes));
  if (length > kMostNpyHeaderBytes - text_begin) {
    throw DataError(place, "its header has " + std::to_string(length) +
                               " bytes; expected at most " +
                               std::to_string(kMostNpyHeaderBytes - text_begin) + ".");
  }
  if (begin.size() < text_begin + length || length == 0)
    throw DataError(place, "is cut short in its header.");

  NpyHeader header;
  HeaderParser(begin.substr(text_begin, length), place).read(header);
  header.values_begin = text_begin + length;
  const auto found = file_size - header.values_begin;
  const auto bytes = bytes_of_values(header, found);
  if (bytes != found) {
    throw DataError(place, "its header says " + shape_text(header.shape) + " values of " +
                               std::to_string(header.item_bytes) + " bytes, but " +
                               std::to_string(found) + " bytes follow it. " +
                               (bytes ? "Is it another file?" : "Is the file cut short?"));
  }
  return header;
}

template <class Out>
void convert_npy(const NpyHeader& header, const std::uint8_t* values, std::int64_t count,
                 Out* out) {
  using Kind = NpyHeader::Kind;
  switch (header.kind) {
    case Kind::boolean:
      std::transform(values, values + count, out, [](std::uint8_t byte) { return byte != 0; });
      return;
    case Kind::signed_integer:
      if (header.item_bytes == 1) return convert<std::int8_t>(header, values, count, out);
      if (header.item_bytes == 2) return convert<std::int16_t>(header, values, count, out);
      if (header.item_bytes == 4) return convert<std::int32_t>(header, values, count, out);
      return convert<std::int64_t>(header, values, count, out);
    case Kind::unsigned_integer:
      if (header.item_bytes == 1) return convert<std::uint8_t>(header, values, count, out);
      if (header.item_bytes == 2) return convert<std::uint16_t>(header, values, count, out);
      if (header.item_bytes == 4) return convert<std::uint32_t>(header, values, count, out);
      return convert<std::uint64_t>(header, values, count, out);
    case Kind::real:
      if (header.item_bytes == 2) return convert<c10::Half>(header, values, count, out);
      if (header.item_bytes == 4) return convert<float>(header, values, count, out);
      return convert<double>(header, values, count, out);
  }
}

template void convert_npy(const NpyHeader&, const std::uint8_t*, std::int64_t, std::uint8_t*);
template void convert_npy(const NpyHeader&, const std::uint8_t*, std::int64_t, std::int64_t*);
template void convert_npy(const NpyHeader&, const std::uint8_t*, std::int64_t, float*);
template void convert_npy(const NpyHeader&, const std::uint8_t*, std::int64_t, double*);

}  // namespace varia::datasets
