#include "varia/samples.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/plain_memory.hpp"
#include "varia/device.hpp"
#include "varia/draw.hpp"
#include "varia/error.hpp"
#include "varia/file_table.hpp"
#include "varia/vectorise.hpp"

namespace varia {

Samples::~Samples() = default;

Tensor Samples::order(const Tensor& rows, Draw& draw) const {
  return draw.permutation(rows.size(0));
}

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

/// True if every sample is one block of memory, in any order of its axes, right behind the last.
bool is_row_after_row(const Tensor& values) {
  if (values.is_contiguous()) return true;
  const auto numbers = values.numel() / std::max<std::int64_t>(values.size(0), 1);
  return values.is_non_overlapping_and_dense() && values.stride(0) == numbers;
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

/// @param what the tensor's name
void require_columns(const Tensor& tensor, const std::string& what, std::int64_t rows) {
  if (!tensor.defined()) return;
  require(tensor.dim() == 2 && tensor.size(0) == rows && tensor.scalar_type() == at::kFloat,
          what + " [" + std::to_string(rows) + ", ...] float32", tensor);
}

Tensor rows_of(const Tensor& all, const Tensor& rows) {
  return all.defined() ? all.index_select(0, rows) : all;
}

Annotations with_bounds(Annotations annotations, const Tensor& values, std::uint8_t max) {
  // The file's bytes, though resizing may have made others of them.
  if (values.scalar_type() == at::kByte && !annotations.units.scale.defined())
    annotations.units.scale = at::scalar_tensor(max, at::kDouble);
  // A byte above a smaller `max` is found only when it is read.
  if (values.scalar_type() == at::kByte && max == 255) annotations.bounds = Range{0, 1};
  return annotations;
}

}  // namespace

bool is_of(Domain domain, const Tensor& values, bool has_missing) {
  if (has_missing) {
    const auto observed = values.isnan().logical_not_();
    return is_of(domain, domain == Domain::categorical
                             ? values.index_select(0, observed.all(1).nonzero().flatten())
                             : values.masked_select(observed).unsqueeze(1));
  }
  const auto all = [](const Tensor& good) { return good.all().item<bool>(); };
  switch (domain) {
    case Domain::unit:
      return all(values.ge(0)) && all(values.le(1));
    case Domain::count:
      return all(values.ge(0)) && all(values.eq(values.round()));
    case Domain::categorical:
      return all(values.eq(0).logical_or(values.eq(1))) && all(values.sum(1).eq(1));
    case Domain::real:
      break;
  }
  return true;
}

FileTable::~FileTable() = default;

Tensor Units::of(const Tensor& numbers) const {
  auto values = numbers.to(at::kCPU, at::kDouble);
  if (scale.defined()) values = values * scale;
  return offset.defined() ? values + offset : values;
}

Annotations Annotations::of(const Tensor& rows) const {
  auto some = *this;
  some.labels = rows_of(labels, rows);
  some.factors = rows_of(factors, rows);
  some.covariates = rows_of(covariates, rows);
  if (!sample_names.empty()) {
    const auto places = rows.contiguous();
    const auto* const place = places.data_ptr<std::int64_t>();
    some.sample_names.clear();
    for (std::int64_t i = 0; i < places.numel(); ++i)
      some.sample_names.push_back(sample_names.at(static_cast<std::size_t>(place[i])));
  }
  some.file_rows = file_rows.defined() ? rows_of(file_rows, rows) : rows;
  return some;
}

MemorySamples::MemorySamples(Tensor values, Annotations annotations, std::uint8_t max)
    : Samples(with_bounds(std::move(annotations), values, max)),
      values_(std::move(values)),
      max_(max) {
  require(values_.dim() >= 2 && values_.numel() > 0 &&
              (has_bytes() || values_.scalar_type() == at::kFloat),
          "values [N, E...], uint8 or float32", values_);
  const auto count = size();
  const auto& labels = this->annotations().labels;
  if (labels.defined()) {
    require(labels.dim() == 1 && labels.size(0) == count && labels.scalar_type() == at::kLong,
            "labels [" + std::to_string(count) + "] int64", labels);
  }
  require_columns(this->annotations().factors, "factors", count);
  require_columns(this->annotations().covariates, "covariates", count);
  const auto names = static_cast<std::int64_t>(this->annotations().sample_names.size());
  if (names != 0 && names != count)
    throw Error("MemorySamples: expected " + std::to_string(count) + " names of samples, found " +
                std::to_string(names) + ".");
  if (!is_row_after_row(values_)) values_ = values_.contiguous();
}

Tensor MemorySamples::gather(const Tensor& index, torch::Device device) const {
  const auto places = index.contiguous();
  const auto* const place = places.data_ptr<std::int64_t>();
  const auto count = places.numel();
  const auto numbers = values_.numel() / size();
  for (std::int64_t i = 0; i < count; ++i) {
    if (place[i] < 0 || place[i] >= size())
      throw Error("there is no sample " + std::to_string(place[i]) + " among " +
                  std::to_string(size()) + ".");
  }

  // Copy rows in their order of axes, then put the axes in order.
  auto sizes = values_.sizes().vec();
  sizes[0] = count;
  const auto result = at::empty_strided(sizes, values_.strides(), host_options(device));
  auto* out = result.data_ptr<float>();
  if (has_bytes()) {
    const auto* const in = values_.data_ptr<std::uint8_t>();
    for (std::int64_t i = 0; i < count; ++i, out += numbers) {
      const auto* const row = in + place[i] * numbers;
      constexpr std::int64_t kAhead = 4;  // samples
      if (i + kAhead < count) fetch_ahead(in + place[i + kAhead] * numbers, numbers);
      if (max_ < 255) {
        if (const auto most = brightest(row, numbers); most > max_)
          throw DataError("", "image " + std::to_string(place[i]) + " has a pixel of " +
                                  std::to_string(most) + ", more than the " + std::to_string(max_) +
                                  " that stands for 1. Set 'max: 255'.");
      }
      to_unit_interval(row, out, numbers, max_);
    }
  } else {
    const auto* const in = values_.data_ptr<float>();
    for (std::int64_t i = 0; i < count; ++i, out += numbers)
      std::memcpy(out, in + place[i] * numbers, static_cast<std::size_t>(numbers) * sizeof(float));
  }
  require_whole(values_.data_ptr());
  return to_device(result.contiguous(), device);
}

SubsetSamples::SubsetSamples(std::shared_ptr<const Samples> all, Tensor rows)
    : Samples(all->annotations().of(rows)), all_(std::move(all)), rows_(std::move(rows)) {}

Tensor SubsetSamples::gather(const Tensor& index, torch::Device device) const {
  return all_->gather(rows_.index_select(0, index), device);
}

Tensor SubsetSamples::order(const Tensor& rows, Draw& draw) const {
  return all_->order(rows_.index_select(0, rows), draw);
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
