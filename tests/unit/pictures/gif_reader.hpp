#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "pictures/image.hpp"

namespace varia::pictures {

/// An animated GIF, read by the format's own definition (CompuServe 1990), since GD reads the first
/// frame alone.
struct GifFile {
  std::size_t width = 0;
  std::size_t height = 0;
  int repetitions = -1;  ///< 0: for ever; -1: not said
  std::vector<int> delays;
  std::vector<Image> frames;  ///< with three channels
};

class GifReader {
 public:
  explicit GifReader(const std::string& bytes) : bytes_(bytes) {}

  GifFile read() {
    GifFile file;
    at_ = 6;
    file.width = word();
    file.height = word();
    const auto flags = byte();
    at_ += 2;
    const auto shared = colours(flags);
    while (true) {
      const auto kind = byte();
      if (kind == 0x3B) return file;
      if (kind == 0x21) {
        const auto label = byte();
        const auto content = blocks();
        if (label == 0xF9) file.delays.push_back(number(content, 1));
        if (label == 0xFF && content.substr(0, 11) == "NETSCAPE2.0")
          file.repetitions = number(content, 12);
      } else {
        at_ += 4;
        const auto width = word();
        const auto height = word();
        const auto own = byte();
        const auto table = (own & 0x80U) != 0 ? colours(own) : shared;
        const auto bits = byte();
        Image image{static_cast<std::int64_t>(height), static_cast<std::int64_t>(width), 3, {}};
        for (const auto index : decompress(blocks(), bits))
          for (std::size_t c = 0; c < 3; ++c)
            image.pixels.push_back(static_cast<std::uint8_t>(table.at(3 * index + c)));
        file.frames.push_back(image);
      }
    }
  }

 private:
  std::size_t byte() { return static_cast<unsigned char>(bytes_.at(at_++)); }
  std::size_t word() {
    const auto low = byte();
    return low + 256 * byte();
  }
  static int number(const std::string& text, std::size_t at) {
    return static_cast<unsigned char>(text.at(at)) +
           256 * static_cast<unsigned char>(text.at(at + 1));
  }
  std::string colours(std::size_t flags) {
    if ((flags & 0x80U) == 0) return "";
    const auto size = 3 * (std::size_t{2} << (flags & 7U));
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  std::string blocks() {
    std::string content;
    while (const auto size = byte()) {
      content += bytes_.substr(at_, size);
      at_ += size;
    }
    return content;
  }
  /// Lempel-Ziv-Welch with codes of growing width.
  static std::vector<std::size_t> decompress(const std::string& data, std::size_t bits) {
    const auto clear = std::size_t{1} << bits;
    std::vector<std::vector<std::size_t>> table;
    std::vector<std::size_t> out;
    std::vector<std::size_t> previous;
    auto width = bits + 1;
    std::size_t bit = 0;
    while (true) {
      std::size_t code = 0;
      for (std::size_t i = 0; i < width; ++i, ++bit)
        code |=
            static_cast<std::size_t>(static_cast<unsigned char>(data.at(bit / 8)) >> bit % 8 & 1)
            << i;
      if (code == clear + 1) return out;
      if (code == clear) {
        table.clear();
        for (std::size_t i = 0; i < clear; ++i) table.push_back({i});
        table.resize(clear + 2);
        width = bits + 1;
        previous.clear();
        continue;
      }
      auto entry = code < table.size() ? table[code] : previous;
      if (code >= table.size()) entry.push_back(previous.at(0));
      out.insert(out.end(), entry.begin(), entry.end());
      if (!previous.empty() && table.size() < 4096) {
        previous.push_back(entry.at(0));
        table.push_back(previous);
      }
      if (table.size() == std::size_t{1} << width && width < 12) ++width;
      previous = entry;
    }
  }

  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace varia::pictures
