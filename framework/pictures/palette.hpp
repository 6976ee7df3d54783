#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "pictures/image.hpp"

namespace varia::pictures {

using Colour = std::array<std::uint8_t, 3>;  ///< red, green, blue

/// The colours of some pictures, for formats with a table of at most 256. Grey pictures alone never
/// have more.
class Palette {
 public:
  static constexpr std::size_t kLargest = 256;

  /// Adds what colours the picture has, until there are too many.
  void add(const Image& image);

  /// Whether the table has every colour of the pictures added.
  bool complete() const { return complete_; }
  const std::vector<Colour>& colours() const { return colours_; }
  /// For each pixel the place of its colour. The picture must have been added.
  std::vector<std::uint8_t> indices(const Image& image) const;

 private:
  void add(const Colour& colour);

  std::vector<Colour> colours_;
  std::unordered_map<std::uint32_t, std::uint8_t> places_;
  bool complete_ = true;
};

}  // namespace varia::pictures
