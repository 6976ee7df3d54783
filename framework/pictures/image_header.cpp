#include "pictures/image_header.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>

#include "pictures/image.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

namespace {

/// Whole numbers at any place of a file.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  /// @throws Error if the file ends before
  std::string_view part(std::size_t place, std::size_t size) const {
    if (place > bytes_.size() || bytes_.size() - place < size) throw Error("is cut short.");
    return bytes_.substr(place, size);
  }
  /// The most significant byte first, as in PNG and JPEG.
  std::uint32_t big(std::size_t place, std::size_t size) const {
    std::uint32_t number = 0;
    for (const char byte : part(place, size))
      number = number << 8 | static_cast<unsigned char>(byte);
    return number;
  }
  /// The least significant byte first, as in WebP and BMP.
  std::uint32_t little(std::size_t place, std::size_t size) const {
    std::uint32_t number = 0;
    for (std::size_t i = size; i-- > 0;) number = number << 8 | big(place + i, 1);
    return number;
  }

 private:
  std::string_view bytes_;
};

/// True if a table of colours, of `entry` bytes each, has greys alone.
bool is_grey_table(std::string_view table, std::size_t entry) {
  for (; table.size() >= entry; table.remove_prefix(entry))
    if (table[0] != table[1] || table[0] != table[2]) return false;
  return true;
}

constexpr std::size_t kPngBegin = 8;    // of the first chunk of a PNG file, IHDR
constexpr std::uint32_t kPngTable = 3;  // the kind of colour: places in a table

std::uint32_t png_colour(const Bytes& bytes) { return bytes.big(kPngBegin + 17, 1); }

/// Length (4 bytes), name (4), content, checksum (4).
struct PngChunk {
  std::string_view name;
  std::string_view content;
  std::string_view whole;

  bool is_intact() const {
    const auto checked = whole.substr(4, whole.size() - 8);  // name and content
    const auto sum = ::crc32_z(0, reinterpret_cast<const Bytef*>(checked.data()), checked.size());
    return sum == Bytes(whole).big(whole.size() - 4, 4);
  }
};

PngChunk png_chunk(const Bytes& bytes, std::size_t place) {
  const std::size_t length = bytes.big(place, 4);
  return {bytes.part(place + 4, 4), bytes.part(place + 8, length), bytes.part(place, 12 + length)};
}

ImageHeader png_header(const Bytes& bytes) {
  if (bytes.part(kPngBegin + 4, 4) != "IHDR")
    throw Error("is a damaged PNG file: it does not begin with IHDR.");
  const auto colour = png_colour(bytes);
  ImageHeader header{.format = Format::png,
                     .height = bytes.big(kPngBegin + 12, 4),
                     .width = bytes.big(kPngBegin + 8, 4),
                     .bits = static_cast<int>(bytes.big(kPngBegin + 16, 1)),
                     .is_grey = colour == 0 || colour == 4,
                     .has_alpha = colour == 4 || colour == 6};
  for (auto place = kPngBegin; bytes.part(place + 4, 4) != "IDAT";) {
    const auto chunk = png_chunk(bytes, place);
    if (chunk.name == "PLTE" && colour == kPngTable)
      header.is_grey = is_grey_table(chunk.content, 3);
    if (chunk.name == "tRNS") header.has_alpha = true;
    place += chunk.whole.size();
  }
  return header;
}

/// Segments of 0xFF, a marker, a length (2 bytes) that counts itself, content. A frame's begins
/// with bits, height, width and the number of channels.
ImageHeader jpeg_header(const Bytes& bytes) {
  for (std::size_t place = 2;;) {
    if (bytes.big(place, 1) != 0xff) throw Error("is a damaged JPEG file.");
    const auto marker = bytes.big(place + 1, 1);
    const bool is_frame =
        marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (is_frame)
      return {.format = Format::jpeg,
              .height = bytes.big(place + 5, 2),
              .width = bytes.big(place + 7, 2),
              .bits = static_cast<int>(bytes.big(place + 4, 1)),
              .is_grey = bytes.big(place + 9, 1) == 1};
    if (marker == 0xd9 || marker == 0xda) throw Error("is a damaged JPEG file: it has no frame.");
    const bool is_alone = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    if (marker == 0xff)
      place += 1;  // 0xFF may be repeated before a marker
    else
      place += 2 + (is_alone ? 0 : bytes.big(place + 2, 2));
  }
}

/// A RIFF file: chunks of name (4 bytes), length (4), content. The first one tells the kind.
ImageHeader webp_header(const Bytes& bytes) {
  const auto kind = bytes.part(12, 4);
  ImageHeader header{.format = Format::webp};
  if (kind == "VP8 ") {
    header.width = bytes.little(26, 2) & 0x3fff;
    header.height = bytes.little(28, 2) & 0x3fff;
  } else if (kind == "VP8L") {
    const auto packed = bytes.little(21, 4);
    header.width = (packed & 0x3fff) + 1;
    header.height = (packed >> 14 & 0x3fff) + 1;
    header.has_alpha = (packed >> 28 & 1) != 0;
  } else if (kind == "VP8X") {
    const auto flags = bytes.little(20, 1);
    if ((flags & 0x02) != 0) throw Error("is an animation; expected one image.");
    header.has_alpha = (flags & 0x10) != 0;
    header.width = bytes.little(24, 3) + 1;
    header.height = bytes.little(27, 3) + 1;
  } else {
    throw Error("is a damaged WebP file.");
  }
  return header;
}

/// A file header of 14 bytes, then one of several versions that begins with its size.
ImageHeader bmp_header(const Bytes& bytes) {
  constexpr std::size_t kBegin = 14;
  constexpr std::size_t kOldest = 12;  // the size of the one of OS/2, with short numbers
  const auto size = std::size_t{bytes.little(kBegin, 4)};
  const bool is_old = size == kOldest;
  ImageHeader header{.format = Format::bmp};
  header.width = bytes.little(18, is_old ? 2 : 4);
  header.height = bytes.little(is_old ? 20 : 22, is_old ? 2 : 4);
  // A negative height says that the first row is the upper one.
  if (!is_old && header.height > std::numeric_limits<std::int32_t>::max())
    header.height = (std::int64_t{1} << 32) - header.height;
  const auto bits = bytes.little(is_old ? 24 : 28, 2);
  if (bits == 16)
    throw Error("is a BMP file of 16 bits a pixel; expected 1, 4, 8, 24 or 32. Save it as PNG.");
  if (bits > 8) return header;
  const std::size_t used = is_old ? 0 : bytes.little(46, 4);
  const auto most = std::size_t{1} << bits;
  const std::size_t entry = is_old ? 3 : 4;
  const auto entries = used == 0 ? most : std::min(used, most);
  header.is_grey = is_grey_table(bytes.part(kBegin + size, entries * entry), entry);
  return header;
}

ImageHeader header_of(std::string_view file) {
  const Bytes bytes(file);
  if (file.starts_with("\x89PNG\r\n\x1a\n")) return png_header(bytes);
  if (file.starts_with("\xff\xd8")) return jpeg_header(bytes);
  if (file.starts_with("RIFF") && file.size() >= 12 && file.substr(8, 4) == "WEBP")
    return webp_header(bytes);
  if (file.starts_with("BM")) return bmp_header(bytes);
  throw Error("is not an image: its first bytes are not those of PNG, JPEG, WebP or BMP.");
}

}  // namespace

ImageHeader read_header(std::string_view bytes) {
  if (bytes.empty()) throw Error("is empty.");
  const auto header = header_of(bytes);
  if (const auto fault = size_fault(header.height, header.width); !fault.empty())
    throw Error("says that it has " + std::to_string(header.height) + "x" +
                std::to_string(header.width) + " pixels (height x width); " + fault + ".");
  return header;
}

std::string without_notes(std::string_view file) {
  const Bytes bytes(file);
  std::string kept(file.substr(0, kPngBegin));
  for (auto place = kPngBegin;;) {
    const auto chunk = png_chunk(bytes, place);
    const bool is_table = chunk.name == "PLTE" && png_colour(bytes) == kPngTable;
    if (chunk.name == "IHDR" || chunk.name == "IDAT" || chunk.name == "IEND" || is_table) {
      if (!chunk.is_intact())
        throw Error("is damaged: the checksum of a chunk " + std::string(chunk.name) +
                    " is wrong.");
      kept += chunk.whole;
    }
    if (chunk.name == "IEND") return kept;
    place += chunk.whole.size();
  }
}

}  // namespace varia::pictures
