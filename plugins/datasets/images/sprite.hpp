#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace varia::datasets {

/// A flat white figure on a black canvas, as in dSprites (Matthey et al. 2017). Lengths are in
/// units of the radius of the smallest circle around it, whose centre is the origin; y points up.
///
/// | shape   | at angle 0                                                   | area          |
/// |---------|--------------------------------------------------------------|---------------|
/// | square  | sides along the axes                                         | 2             |
/// | ellipse | half-axes 1 and 2/pi, the long one along x                   | 2             |
/// | heart   | a square of side a on its corner, half a disc on each of its | a^2 (1+pi/4), |
/// |         | upper sides; a = (3 sqrt(2) - 2) / 2 = 1.1213                | 2.2449        |
class Sprite {
 public:
  /// "square", "ellipse", "heart".
  static const std::vector<std::string>& shapes();
  /// @param shape one of shapes()
  explicit Sprite(const std::string& shape);
  /// In squared radii.
  double area() const { return area_; }

  /// Where it stands on the canvas.
  struct Place {
    double x = 0;       ///< of its centre, in pixels from the left edge
    double y = 0;       ///< in pixels from the upper edge
    double radius = 1;  ///< of the circle around it, in pixels
    double angle = 0;   ///< radians, counter-clockwise
  };
  /// Draws it onto a black canvas. A pixel is 1 if its centre is inside, else 0; with
  /// `anti_aliased` it is the part that is inside, exact along x and by 8 lines along y.
  /// @param canvas [size, size] row after row, all 0
  void draw(const Place& place, bool anti_aliased, std::int64_t size, float* canvas) const;

 private:
  static constexpr std::size_t kMostPieces = 3;
  /// A convex part: |u - x| <= half_x and |v - y| <= half_y, or the ellipse in that box.
  struct Piece {
    bool is_box;
    double x, y, half_x, half_y;
  };
  struct Interval {
    double begin, end;  ///< empty if begin > end
  };
  static Interval cut(const Piece& piece, double height, double cosine, double sine);
  /// The parts of a line, from left to right.
  struct Parts {
    std::array<Interval, kMostPieces> intervals;
    std::size_t count = 0;
  };
  Parts cut(double height, double cosine, double sine) const;

  std::vector<Piece> pieces_;
  double turn_ = 0;  ///< angle of the pieces' axes at angle 0
  double area_ = 0;
};

}  // namespace varia::datasets
