#include "results/records.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "hdf5/hdf5.hpp"

namespace varia::results {

void Column::widen(const Column& other) {
  if (name.empty()) info.better = other.info.better;
  if (name.empty()) name = other.name;
  if (info.better != other.info.better) info.better = Better::neither;
  if (info.units.empty()) info.units = other.info.units;
  if (info.bound.empty()) info.bound = other.info.bound;
  if (info.axes.size() < other.info.axes.size()) info.axes = other.info.axes;
  shape.resize(std::max(shape.size(), other.shape.size()), 1);
  for (std::size_t i = 0; i < other.shape.size(); ++i)
    shape[i] = std::max(shape[i], other.shape[i]);
}

std::int64_t count_of(const std::vector<std::int64_t>& shape) { return hdf5::count_of(shape); }

void copy_padded(const double* from, const std::vector<std::int64_t>& from_shape, double* to,
                 const std::vector<std::int64_t>& to_shape) {
  const std::int64_t count = count_of(from_shape);
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t rest = i;
    std::int64_t place = 0;
    std::int64_t stride = 1;
    for (std::size_t axis = to_shape.size(); axis-- > 0;) {
      const std::int64_t size = axis < from_shape.size() ? from_shape[axis] : 1;
      place += rest % size * stride;
      rest /= size;
      stride *= to_shape[axis];
    }
    to[place] = from[i];
  }
}

bool is_same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

bool is_same(const StepValue& a, const StepValue& b) {
  return a.step == b.step && is_same(a.value, b.value);
}

bool is_same(const Points& a, const Points& b) {
  return a.epoch == b.epoch && a.labels == b.labels && a.classes == b.classes && a.axes == b.axes &&
         std::ranges::equal(a.xy, b.xy, [](float x, float y) { return is_same(x, y); });
}

bool is_same(Picture a, Picture b) {
  if (a.channels < b.channels) a = as_rgb(std::move(a));
  if (b.channels < a.channels) b = as_rgb(std::move(b));
  return a == b;
}

Picture as_rgb(Picture picture) {
  std::vector<std::uint8_t> pixels;
  pixels.reserve(picture.pixels.size() * 3);
  for (const std::uint8_t value : picture.pixels) pixels.insert(pixels.end(), 3, value);
  picture.pixels = std::move(pixels);
  picture.channels = 3;
  return picture;
}

}  // namespace varia::results
