#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace varia::pictures {

/// The formats that decode.hpp reads.
enum class Format : std::uint8_t { png, jpeg, webp, bmp };

/// What an image file says of itself before its pixels.
struct ImageHeader {
  Format format = Format::png;
  std::int64_t height = 0;
  std::int64_t width = 0;
  int bits = 8;            ///< of each number of a pixel, as the file has them: 1 to 16
  bool is_grey = false;    ///< it has one number a pixel, or a table of greys alone
  bool has_alpha = false;  ///< it says how transparent its pixels are

  bool operator==(const ImageHeader&) const = default;
};

/// Reads the header of a PNG, JPEG, WebP or BMP file; its first bytes tell which. No pixel is
/// decoded and nothing is allocated, so a file that claims a huge size does no harm.
/// @param bytes of the whole file
/// @throws Error whose message continues "<file> ": it is not such a file, its header is cut short,
///         it is larger than `check_size` allows, or of a kind that cannot be decoded
ImageHeader read_header(std::string_view bytes);

/// A PNG file without the chunks that its colours do not need (profiles, texts, transparency), the
/// others being intact by their checksums. libpng prints to stderr what is wrong with a file, and
/// GD cannot keep it from that.
/// @param file its bytes, for which read_header gave a header
/// @throws Error as above, or if a checksum is wrong
std::string without_notes(std::string_view file);

}  // namespace varia::pictures
