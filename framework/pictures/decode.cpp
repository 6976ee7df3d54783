#include "pictures/decode.hpp"

#include <array>
#include <cstdio>
#include <limits>
#include <string>

#include "pictures/gd_image.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

namespace {

/// What GD reported first on this thread since it was emptied.
thread_local std::string reported;

void keep_report(int, const char* format, va_list arguments) {
  if (!reported.empty()) return;
  std::array<char, 500> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  // "gd-png: fatal libpng error: Read Error: truncated data\n"
  for (const char* c = text.data(); *c != '\0'; ++c)
    if (static_cast<unsigned char>(*c) >= ' ') reported += *c;
}

gdImage* read(Format format, std::string_view bytes) {
  const auto size = static_cast<int>(bytes.size());
  auto* const data = const_cast<char*>(bytes.data());  // GD only reads it
  switch (format) {
    case Format::png:
      return gdImageCreateFromPngPtr(size, data);
    case Format::jpeg:
      return gdImageCreateFromJpegPtrEx(size, data, /*ignore_warning=*/0);
    case Format::webp:
      return gdImageCreateFromWebpPtr(size, data);
    case Format::bmp:
      return gdImageCreateFromBmpPtr(size, data);
  }
  return nullptr;
}

Image to_grey(const Image& colour) {
  Image grey{colour.height, colour.width, 1, {}};
  grey.pixels.reserve(colour.pixels.size() / 3);
  // 0.299, 0.587 and 0.114 in units of 2^-16; their sum is 1.
  for (std::size_t i = 0; i < colour.pixels.size(); i += 3) {
    const auto sum = 19595U * colour.pixels[i] + 38470U * colour.pixels[i + 1] +
                     7471U * colour.pixels[i + 2] + (1U << 15);
    grey.pixels.push_back(static_cast<std::uint8_t>(sum >> 16));
  }
  return grey;
}

}  // namespace

Decoder::Decoder() { gdSetErrorMethod(keep_report); }

// NOLINTNEXTLINE(readability-convert-member-functions-to-static): who has a decoder made it first
Image Decoder::decode(std::string_view bytes, const ImageHeader& header,
                      std::int64_t channels) const {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw Error("is larger than the 2 GB that GD reads.");
  const auto png = header.format == Format::png ? without_notes(bytes) : std::string();
  reported.clear();
  const GdImage image(read(header.format, png.empty() ? bytes : png), gdImageDestroy);
  // A JPEG that is cut short gives an image whose rest is grey, and a warning.
  if (!image || (header.format == Format::jpeg && !reported.empty()))
    throw Error("is damaged or cut short" + (reported.empty() ? "." : " (" + reported + ")."));
  if (gdImageSY(image.get()) != header.height || gdImageSX(image.get()) != header.width)
    throw Error("is damaged: its parts are of different sizes.");
  auto colour = from_gd(*image);
  return channels == 1 ? to_grey(colour) : colour;
}

}  // namespace varia::pictures
