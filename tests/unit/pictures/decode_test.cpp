#include "pictures/decode.hpp"

#include <gd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>

#include "picture_fixtures.hpp"
#include "pictures/encode.hpp"
#include "pictures/gd_image.hpp"
#include "support/catch.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::pictures;

namespace {

using Writer = std::function<void*(gdImage* image, int* size)>;

const std::map<std::string, Writer> kWriters = {
    {"png", [](gdImage* image, int* size) { return gdImagePngPtr(image, size); }},
    {"jpeg", [](gdImage* image, int* size) { return gdImageJpegPtr(image, size, 95); }},
    {"webp",
     [](gdImage* image, int* size) { return gdImageWebpPtrEx(image, size, gdWebpLossless); }},
    {"bmp",
     [](gdImage* image, int* size) { return gdImageBmpPtr(image, size, /*compression=*/0); }},
};

std::string file_of(const Image& image, const std::string& format) {
  const auto gd = to_gd(image);
  std::string bytes;
  int size = 0;
  void* written = kWriters.at(format)(gd.get(), &size);
  append(bytes, written, size);
  return bytes;
}

Image decode(const std::string& bytes, std::int64_t channels = 3) {
  return Decoder().decode(bytes, read_header(bytes), channels);
}

/// What is wrong with a file; "nothing" if it can be decoded.
std::string fault_of(const std::string& bytes) {
  try {
    const auto image = decode(bytes);
    check(image);
    const auto header = read_header(bytes);
    return image.height == header.height && image.width == header.width ? "nothing" : "its size";
  } catch (const Error& error) {
    return error.what();
  }
}

/// The same file with a few bytes changed, removed or repeated.
std::string mutated(std::string bytes, std::mt19937& random) {
  const auto place = [&] { return random() % bytes.size(); };
  switch (random() % 4) {
    case 0:
      bytes.resize(place());
      break;
    case 1: {
      const auto at = place();
      bytes.insert(at, bytes, at, std::min<std::size_t>(random() % 40, bytes.size() - at));
      break;
    }
    default:
      for (auto count = 1 + random() % 4; count > 0; --count)
        bytes[place()] = static_cast<char>(random());
  }
  return bytes;
}

}  // namespace

TEST_CASE("PNG, BMP and lossless WebP give the pixels that were written, JPEG nearly") {
  const auto image = many_colours(13, 21);
  for (const auto& [format, writer] : kWriters) {
    INFO(format);
    const auto bytes = file_of(image, format);
    const auto header = read_header(bytes);
    CHECK(header.height == 13);
    CHECK(header.width == 21);
    CHECK(header.bits == 8);
    CHECK_FALSE(header.is_grey);
    const auto found = decode(bytes);
    REQUIRE(found.pixels.size() == image.pixels.size());
    if (format != "jpeg") CHECK(found == image);
  }
  const Image flat{16, 16, 3, std::vector<std::uint8_t>(768, 100)};
  for (const auto value : decode(file_of(flat, "jpeg")).pixels) CHECK(std::abs(value - 100) <= 2);
}

TEST_CASE("the header tells grey from colour, also by a table of colours") {
  CHECK(read_header(encode_png(ramp(16, 16))).is_grey);
  CHECK_FALSE(read_header(encode_png(many_colours(4, 4))).is_grey);
  Palette palette;
  palette.add(ramp(16, 16));
  const auto grey = to_gd(ramp(16, 16), palette);
  std::string bytes;
  int size = 0;
  void* written = gdImageBmpPtr(grey.get(), &size, 0);
  append(bytes, written, size);
  CHECK(read_header(bytes).is_grey);
}

TEST_CASE("one channel is the luma, and a grey pixel keeps its value") {
  CHECK(decode(encode_png(ramp(16, 16)), 1) == ramp(16, 16));
  const Image colours{1, 3, 3, {255, 0, 0, 0, 255, 0, 0, 0, 255}};
  CHECK(decode(encode_png(colours), 1).pixels == std::vector<std::uint8_t>{76, 150, 29});
}

TEST_CASE("a file that is not an image is told by its first bytes") {
  CHECK(fault_of("") == "is empty.");
  for (const std::string bytes : {"hello world", "GIF89a", "RIFF1234WAVE", "\x89PN"}) {
    CHECK(fault_of(bytes) ==
          "is not an image: its first bytes are not those of PNG, JPEG, WebP or BMP.");
  }
}

TEST_CASE("a file that is cut short at any place is an error") {
  for (const auto& [format, writer] : kWriters) {
    const auto bytes = file_of(many_colours(9, 7), format);
    // The end of a JPEG is a mark, and that of a PNG a chunk, behind the pixels.
    for (std::size_t size = 0; size + 13 < bytes.size(); ++size) {
      INFO(format << " of " << bytes.size() << " bytes cut to " << size);
      CHECK_FALSE(fault_of(bytes.substr(0, size)) == "nothing");
    }
  }
}

TEST_CASE("a size that is claimed and too large is refused before anything is decoded") {
  auto png = encode_png(ramp(4, 4));
  png.replace(16, 8, std::string("\0\0\xea\x60\0\0\xea\x60", 8));  // 60000 by 60000
  CHECK(
      fault_of(png).starts_with("says that it has 60000x60000 pixels (height x width); expected"));
  png.replace(16, 8, std::string(8, '\0'));
  CHECK(fault_of(png).starts_with("says that it has 0x0 pixels"));
  auto bmp = file_of(ramp(4, 4), "bmp");
  bmp.replace(18, 8, std::string("\xff\xff\xff\x7f\xff\xff\xff\x7f", 8));
  CHECK(fault_of(bmp).starts_with("says that it has 2147483647x2147483647 pixels"));
}

TEST_CASE("what GD would print is in the error, and PNG is checked by its checksums") {
  auto png = encode_png(many_colours(9, 7));
  png[png.size() - 20] = static_cast<char>(png[png.size() - 20] ^ 1);
  CHECK(fault_of(png) == "is damaged: the checksum of a chunk IDAT is wrong.");
  const auto jpeg = file_of(ramp(40, 40), "jpeg");
  CHECK(fault_of(jpeg.substr(0, jpeg.size() * 3 / 4)).find("Premature end of JPEG file") !=
        std::string::npos);
}

TEST_CASE("what a PNG has beside its colours is left out, so libpng prints nothing of it") {
  auto png = encode_png(many_colours(9, 7));
  const auto note = png.find("pHYs");
  REQUIRE(note != std::string::npos);
  png[note + 5] = static_cast<char>(png[note + 5] ^ 1);  // its checksum is wrong now
  CHECK(without_notes(png).find("pHYs") == std::string::npos);
  CHECK(decode(png) == many_colours(9, 7));
}

TEST_CASE("a mutated file is an error or an image of the size that it says") {
  const char* const given = std::getenv("VARIA_MUTATIONS");
  const int count = given != nullptr ? std::atoi(given) : 1000;
  const auto image = many_colours(9, 7);
  for (const auto& [format, writer] : kWriters) {
    const auto bytes = file_of(image, format);
    std::mt19937 random(42);
    for (int i = 0; i < count; ++i) {
      INFO(format << " " << i);
      const auto file = mutated(bytes, random);
      const auto fault = fault_of(file);
      CHECK(fault != "its size");
      if (format == "png" && fault == "nothing") CHECK(decode(file) == image);  // by its checksums
    }
  }
}
