#include "pictures/titled_frames.hpp"

#include <gdfonts.h>

#include <algorithm>
#include <vector>

#include "pictures/gd_image.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

namespace {

constexpr std::size_t kLongestTitle = 120;
constexpr std::size_t kShortestLine = 24;  // a narrow picture gets margins rather than many lines
constexpr std::int64_t kMargin = 3;

/// Breaks text at spaces, and within words that are longer than a line.
std::vector<std::string> lines_of(std::string text, std::size_t letters) {
  std::vector<std::string> lines;
  while (text.size() > letters) {
    auto end = text.rfind(' ', letters);
    if (end == std::string::npos || end == 0) end = letters;
    lines.push_back(text.substr(0, end));
    text.erase(0, text[end] == ' ' ? end + 1 : end);
  }
  if (!text.empty()) lines.push_back(text);
  return lines;
}

}  // namespace

std::string plain_text(const std::string& text, std::size_t longest) {
  std::string plain;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U) continue;  // within a character of UTF-8
    if (plain.size() == longest) break;
    plain += byte >= 0x20 && byte < 0x7F ? c : '?';
  }
  return plain;
}

TitledFrames::TitledFrames(const std::vector<FrameSize>& frames, std::int64_t scale)
    : scale_(std::clamp<std::int64_t>(scale, 1, kMaxSide)) {
  const auto* font = gdFontGetSmall();
  std::size_t letters = 0;
  for (const auto& frame : frames) {
    check_size(frame.height, frame.width);
    height_ = std::max(height_, frame.height * scale_);
    width_ = std::max(width_, frame.width * scale_);
    letters = std::max(letters, plain_text(frame.title, kLongestTitle).size());
  }
  if (letters > 0) {
    const auto shortest = static_cast<std::int64_t>(std::min(letters, kShortestLine));
    width_ = std::max(width_, shortest * font->w + 2 * kMargin);
    std::size_t rows = 0;
    for (const auto& frame : frames) rows = std::max(rows, lines(frame.title).size());
    band_ = static_cast<std::int64_t>(rows) * font->h + 2 * kMargin;
  }
  check_size(height(), width());
}

std::vector<std::string> TitledFrames::lines(const std::string& title) const {
  const auto letters = std::max<std::int64_t>((width_ - 2 * kMargin) / gdFontGetSmall()->w, 1);
  return lines_of(plain_text(title, kLongestTitle), static_cast<std::size_t>(letters));
}

Image TitledFrames::compose(const Image& picture, const std::string& title) const {
  const auto large = enlarge(picture, scale_);
  const auto text = lines(title);
  auto* font = gdFontGetSmall();
  if (large.height > height_ || large.width > width_ ||
      static_cast<std::int64_t>(text.size()) * font->h > band_)
    throw Error("a frame is larger than those that were announced");

  Image frame{height(), width(), large.channels, {}};
  frame.pixels.assign(static_cast<std::size_t>(frame.height * frame.width * frame.channels), 0);
  paste(large, frame, band_, (width_ - large.width) / 2);
  if (band_ == 0) return frame;
  const auto band = gd_palette_image(band_, width_);
  gdImageColorAllocate(band.get(), 255, 255, 255);
  const int black = gdImageColorAllocate(band.get(), 0, 0, 0);
  auto y = static_cast<int>(kMargin);
  for (auto line : text) {
    gdImageString(band.get(), font, static_cast<int>(kMargin), y,
                  reinterpret_cast<unsigned char*>(line.data()), black);
    y += font->h;
  }
  const auto drawn = from_gd(*band);
  Image title_image{band_, width_, frame.channels, {}};
  // Black and white, so that grey frames stay grey.
  for (std::size_t i = 0; i < drawn.pixels.size(); i += 3)
    title_image.pixels.insert(title_image.pixels.end(), static_cast<std::size_t>(frame.channels),
                              drawn.pixels[i]);
  paste(title_image, frame, 0, 0);
  return frame;
}

}  // namespace varia::pictures
