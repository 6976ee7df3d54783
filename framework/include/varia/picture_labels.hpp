#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// What one axis of a plot spans.
struct PlotAxis {
  double from = 0;   ///< at the left or lower edge of the picture
  double to = 1;     ///< at the right or upper edge
  std::string name;  ///< with its units: "density [1/nat]"

  bool operator==(const PlotAxis&) const = default;
};

/// What the colours of a map mean: each is that of a band of values.
struct ColourBar {
  std::string name;                                  ///< with the units of the values
  std::vector<std::array<std::uint8_t, 3>> colours;  ///< [n] red, green, blue; rising values
  std::vector<double> edges;                         ///< [n + 1] where the bands begin and end

  bool operator==(const ColourBar&) const = default;
};

/// The text beside a picture. Who shows the picture draws it, in a size and a font that suit the
/// place; pixels of text could not be enlarged, selected or read aloud.
struct PictureLabels {
  std::vector<std::string> rows;     ///< one for each row of tiles, or none
  std::vector<std::string> columns;  ///< one for each column of tiles, or none
  std::optional<PlotAxis> x;
  std::optional<PlotAxis> y;
  std::optional<ColourBar> colours;
  /// Each row's names of its tiles, or none. They stand in the tiles' upper left corners, so a tile
  /// leaves room there.
  std::vector<std::vector<std::string>> tiles = {};

  bool empty() const { return *this == PictureLabels(); }
  bool operator==(const PictureLabels&) const = default;
};

}  // namespace varia
