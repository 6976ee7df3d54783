#include "varia/samples.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "varia/error.hpp"
#include "varia/vectorise.hpp"

namespace varia {

Samples::~Samples() = default;

namespace {

// Division, since the product with 1/255 differs from it in the last bit for half of the values.
VARIA_VECTORISED
void to_unit_interval(const std::uint8_t* in, float* out, std::int64_t count, float max) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<float>(in[i]) / max;
}

VARIA_VECTORISED
std::uint8_t brightest(const std::uint8_t* in, std::int64_t count) {
  std::uint8_t result = 0;
  for (std::int64_t i = 0; i < count; ++i) result = std::max(result, in[i]);
  return result;
}

/// Prefetches a row: those of a random batch are rarely in the cache.
void fetch_ahead(const std::uint8_t* row, std::int64_t bytes) {
  constexpr std::int64_t kCacheLine = 64;
  for (std::int64_t i = 0; i < bytes; i += kCacheLine) __builtin_prefetch(row + i);
}

/// True if every image is one block of memory, in any order of its axes, right behind the last.
bool is_row_after_row(const Tensor& images) {
  if (images.is_contiguous()) return true;
  const auto pixels = images.numel() / std::max<std::int64_t>(images.size(0), 1);
  return images.is_non_overlapping_and_dense() && images.stride(0) == pixels;
}

/// The linear map from an axis of one length to one of another.
/// @returns [to, from] float32, each row sums to 1
Tensor resampling(std::int64_t from, std::int64_t to) {
  const auto weights = at::zeros({to, from}, at::kDouble);
  auto weight = weights.accessor<double, 2>();
  const double step = static_cast<double>(from) / static_cast<double>(to);
  for (std::int64_t i = 0; i < to; ++i) {
    if (to < from) {
      const double begin = step * static_cast<double>(i);
      const double end = begin + step;
      const auto last = std::min(from, static_cast<std::int64_t>(std::ceil(end)));
      for (auto j = static_cast<std::int64_t>(begin); j < last; ++j) {
        const double left = std::max(begin, static_cast<double>(j));
        const double right = std::min(end, static_cast<double>(j + 1));
        weight[i][j] = std::max(0.0, right - left) / step;
      }
    } else {
      const double centre = step * (static_cast<double>(i) + 0.5) - 0.5;
      const double place = std::clamp(centre, 0.0, static_cast<double>(from - 1));
      const auto below = static_cast<std::int64_t>(place);
      const double part = place - static_cast<double>(below);
      weight[i][below] += 1.0 - part;
      if (part > 0.0) weight[i][below + 1] += part;
    }
  }
  return weights.to(at::kFloat);
}

void require(bool good, const std::string& what, const Tensor& found) {
  if (good) return;
  throw Error("MemorySamples: expected " + what + ", found " + c10::str(found.sizes()) + " " +
              std::string(found.dtype().name()) + ".");
}

}  // namespace

MemorySamples::MemorySamples(Tensor images, Tensor labels, Tensor factors,
                             std::vector<std::string> factor_names, std::uint8_t max)
    : images_(std::move(images)),
      labels_(std::move(labels)),
      factors_(std::move(factors)),
      factor_names_(std::move(factor_names)),
      max_(max) {
  require(images_.dim() == 4 && images_.numel() > 0 &&
              (has_bytes() || images_.scalar_type() == at::kFloat),
          "images [N, C, H, W], uint8 or float32", images_);
  const auto count = images_.size(0);
  if (labels_.defined()) {
    require(labels_.dim() == 1 && labels_.size(0) == count && labels_.scalar_type() == at::kLong,
            "labels [" + std::to_string(count) + "] int64", labels_);
  }
  if (factors_.defined()) {
    require(
        factors_.dim() == 2 && factors_.size(0) == count && factors_.scalar_type() == at::kFloat,
        "factors [" + std::to_string(count) + ", F] float32", factors_);
  }
  if (!is_row_after_row(images_)) images_ = images_.contiguous();
}

std::int64_t MemorySamples::size() const { return images_.size(0); }

std::vector<std::int64_t> MemorySamples::image_shape() const {
  return images_.sizes().slice(1).vec();
}

std::optional<Range> MemorySamples::bounds() const {
  // A byte above a smaller `max` is found only when it is read.
  return has_bytes() && max_ == 255 ? std::optional<Range>({0, 1}) : std::nullopt;
}

Tensor MemorySamples::images(const Tensor& index) const {
  const auto places = index.contiguous();
  const auto* const place = places.data_ptr<std::int64_t>();
  const auto count = places.numel();
  const auto pixels = images_.numel() / size();
  for (std::int64_t i = 0; i < count; ++i) {
    if (place[i] < 0 || place[i] >= size())
      throw Error("there is no image " + std::to_string(place[i]) + " among " +
                  std::to_string(size()) + ".");
  }

  // Copy rows in their order of axes, then put the axes in order.
  auto sizes = images_.sizes().vec();
  sizes[0] = count;
  const auto result = at::empty_strided(sizes, images_.strides(), at::kFloat);
  auto* out = result.data_ptr<float>();
  if (has_bytes()) {
    const auto* const in = images_.data_ptr<std::uint8_t>();
    for (std::int64_t i = 0; i < count; ++i, out += pixels) {
      const auto* const row = in + place[i] * pixels;
      constexpr std::int64_t kAhead = 4;  // images
      if (i + kAhead < count) fetch_ahead(in + place[i + kAhead] * pixels, pixels);
      if (max_ < 255) {
        if (const auto most = brightest(row, pixels); most > max_)
          throw DataError("", "image " + std::to_string(place[i]) + " has a pixel of " +
                                  std::to_string(most) + ", more than the " + std::to_string(max_) +
                                  " that stands for 1. Set 'max: 255'.");
      }
      to_unit_interval(row, out, pixels, max_);
    }
  } else {
    const auto* const in = images_.data_ptr<float>();
    for (std::int64_t i = 0; i < count; ++i, out += pixels)
      std::memcpy(out, in + place[i] * pixels, static_cast<std::size_t>(pixels) * sizeof(float));
  }
  require_whole(images_.data_ptr());
  return result.contiguous();
}

SubsetSamples::SubsetSamples(std::shared_ptr<const Samples> all, Tensor rows)
    : all_(std::move(all)), rows_(std::move(rows)) {}

Tensor SubsetSamples::images(const Tensor& index) const {
  return all_->images(rows_.index_select(0, index));
}

Tensor SubsetSamples::labels() const {
  const auto labels = all_->labels();
  return labels.defined() ? labels.index_select(0, rows_) : labels;
}

Tensor SubsetSamples::factors() const {
  const auto factors = all_->factors();
  return factors.defined() ? factors.index_select(0, rows_) : factors;
}

Tensor mapped_tensor(std::shared_ptr<const MappedFile> file, std::size_t offset,
                     at::IntArrayRef sizes) {
  std::size_t left = offset <= file->size() ? file->size() - offset : 0;
  for (const auto extent : sizes)
    left /= static_cast<std::size_t>(std::max<std::int64_t>(extent, 1));
  if (left == 0) throw DataError(file->path().string(), "is cut short.");
  // LibTorch has no read-only tensors. A write to this one ends the program.
  auto* const data = const_cast<std::uint8_t*>(file->data() + offset);
  return at::from_blob(
      data, sizes, [file](void*) mutable { file.reset(); }, at::TensorOptions().dtype(at::kByte));
}

Tensor resized(const Tensor& images, std::int64_t height, std::int64_t width) {
  auto result = images;
  if (images.size(3) != width) result = at::matmul(result, resampling(images.size(3), width).t());
  if (images.size(2) != height) result = at::matmul(resampling(images.size(2), height), result);
  return result;
}

}  // namespace varia
