#include "images/sprite.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace varia::datasets {

namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kRoot2 = 1.41421356237309504880;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kLines = 8;  // of one row of pixels that is anti-aliased

/// Makes the pixels white whose middles are in [begin, end].
void fill(double begin, double end, std::int64_t size, float* row) {
  for (auto x = static_cast<std::int64_t>(std::ceil(begin - 0.5));
       x < size && static_cast<double>(x) + 0.5 <= end; ++x)
    row[x] = 1;
}

/// Adds to each pixel how much of it is in [begin, end], one line's worth.
void cover(double begin, double end, std::int64_t size, float* row) {
  const auto first = static_cast<std::int64_t>(begin);
  const auto last = static_cast<std::int64_t>(end);
  const auto add = [row](std::int64_t x, double width) {
    row[x] += static_cast<float>(width / kLines);
  };
  if (first == last) {
    add(first, end - begin);
    return;
  }
  add(first, static_cast<double>(first + 1) - begin);
  for (auto x = first + 1; x < last; ++x) row[x] += 1.0F / kLines;
  if (last < size) add(last, end - static_cast<double>(last));
}

}  // namespace

const std::vector<std::string>& Sprite::shapes() {
  static const std::vector<std::string> names{"square", "ellipse", "heart"};
  return names;
}

Sprite::Sprite(const std::string& shape) {
  if (shape == "square") {
    pieces_ = {{true, 0, 0, 1 / kRoot2, 1 / kRoot2}};
    area_ = 2;
  } else if (shape == "ellipse") {
    pieces_ = {{false, 0, 0, 1, 2 / kPi}};
    area_ = 2;
  } else if (shape == "heart") {
    // On axes along the sides of its square, so that its tip points to (-1, -1).
    const double side = (3 * kRoot2 - 2) / 2;
    const double half = side / 2;
    const double middle = 1 / kRoot2 - half;  // the tip lies on the circle
    pieces_ = {{true, -middle, -middle, half, half},
               {false, half - middle, -middle, half, half},
               {false, -middle, half - middle, half, half}};
    turn_ = kPi / 4;
    area_ = side * side * (1 + kPi / 4);
  } else {
    throw std::invalid_argument("there is no sprite '" + shape + "'");
  }
}

/// Where a horizontal line cuts a piece, in x of the canvas relative to the sprite's middle.
Sprite::Interval Sprite::cut(const Piece& piece, double height, double cosine, double sine) {
  // u = cosine x + p, v = -sine x + q, relative to the piece's middle.
  const double p = sine * height - piece.x;
  const double q = cosine * height - piece.y;
  if (!piece.is_box) {
    const double a = 1 / (piece.half_x * piece.half_x);
    const double b = 1 / (piece.half_y * piece.half_y);
    const double square = a * cosine * cosine + b * sine * sine;
    const double linear = a * cosine * p - b * sine * q;
    const double constant = a * p * p + b * q * q - 1;
    const double discriminant = linear * linear - square * constant;
    if (discriminant < 0) return {kInfinity, -kInfinity};
    const double root = std::sqrt(discriminant);
    return {(-linear - root) / square, (-linear + root) / square};
  }
  Interval inside{-kInfinity, kInfinity};
  const auto clip = [&inside](double slope, double offset, double half) {
    if (slope == 0) {
      if (std::abs(offset) > half) inside = {kInfinity, -kInfinity};
      return;
    }
    const double first = (-half - offset) / slope;
    const double second = (half - offset) / slope;
    inside.begin = std::max(inside.begin, std::min(first, second));
    inside.end = std::min(inside.end, std::max(first, second));
  };
  clip(cosine, p, piece.half_x);
  clip(-sine, q, piece.half_y);
  return inside;
}

/// Those parts of a horizontal line that are inside; none overlaps another.
Sprite::Parts Sprite::cut(double height, double cosine, double sine) const {
  Parts parts{};
  for (const auto& piece : pieces_) {
    const auto found = cut(piece, height, cosine, sine);
    if (found.begin > found.end) continue;
    auto place = parts.count++;
    for (; place > 0 && parts.intervals[place - 1].begin > found.begin; --place)
      parts.intervals[place] = parts.intervals[place - 1];
    parts.intervals[place] = found;
  }
  for (std::size_t i = 1; i < parts.count; ++i) {
    auto& [begin, end] = parts.intervals[i];
    begin = std::max(begin, parts.intervals[i - 1].end);
    end = std::max(end, parts.intervals[i - 1].end);
  }
  return parts;
}

void Sprite::draw(const Place& place, bool anti_aliased, std::int64_t size, float* canvas) const {
  const double cosine = std::cos(place.angle + turn_);
  const double sine = std::sin(place.angle + turn_);
  const int lines = anti_aliased ? kLines : 1;
  const auto first_row =
      std::max<std::int64_t>(0, static_cast<std::int64_t>(place.y - place.radius));
  const auto end_row =
      std::min<std::int64_t>(size, static_cast<std::int64_t>(place.y + place.radius) + 1);
  for (auto row = first_row; row < end_row; ++row) {
    auto* const out = canvas + row * size;
    for (int line = 0; line < lines; ++line) {
      const double below = static_cast<double>(row) + (line + 0.5) / lines;
      const auto parts = cut((place.y - below) / place.radius, cosine, sine);
      for (std::size_t i = 0; i < parts.count; ++i) {
        const auto& part = parts.intervals[i];
        const double begin = std::max(0.0, place.x + part.begin * place.radius);
        const double end = std::min(static_cast<double>(size), place.x + part.end * place.radius);
        if (begin >= end) continue;
        if (anti_aliased)
          cover(begin, end, size, out);
        else
          fill(begin, end, size, out);
      }
    }
    // A pixel that is covered by all lines is 1 but for rounding.
    if (anti_aliased)
      for (std::int64_t x = 0; x < size; ++x) out[x] = std::min(out[x], 1.0F);
  }
}

}  // namespace varia::datasets
