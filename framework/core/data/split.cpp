#include "varia/split.hpp"

#include <ATen/Functions.h>

#include <limits>
#include <utility>
#include <vector>

#include "core/data/chunks.hpp"
#include "core/data/device_values.hpp"
#include "varia/device.hpp"
#include "varia/error.hpp"

namespace varia {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Tensor threshold(const Tensor& images) { return images.ge(0.5).to(at::kFloat); }

/// Draws zeros and ones from the pixels of images, each image by a stream of its own.
/// @param rows [B] int64 in the data set's training or test images
Tensor fixed_sample(const Tensor& images, const Tensor& rows, const std::string& split) {
  const auto purpose =
      std::string("fixed binarisation of ") + (split == "test" ? "test" : "training") + " images";
  const auto uniform = at::empty(images.sizes(), at::kFloat);
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    Draw draw(stream_key(0, purpose, 0, rows[i].item<std::int64_t>()));
    uniform[i].copy_(draw.uniform(images[i].sizes()));
  }
  return images.gt(to_device(uniform, images.device())).to(at::kFloat);
}

}  // namespace

Tensor Corruption::apply(const Tensor& images, Draw& draw) const {
  switch (kind) {
    case Kind::none:
      break;
    case Kind::gaussian:
      return draw.normal(images.sizes()).mul_(amount).add_(images).clamp_(0, 1);
    case Kind::mask:
      return draw.uniform(images.sizes()).ge_(amount).mul_(images);
    case Kind::salt_pepper: {
      const auto chance = draw.uniform(images.sizes());
      return images.masked_fill(chance.lt(amount / 2), 0)
          .masked_fill_(chance.gt(1 - amount / 2), 1);
    }
  }
  return images;
}

Split::Split(std::string name, std::shared_ptr<const Samples> samples, Tensor index,
             Binarize binarize, Corruption corruption)
    : name_(std::move(name)),
      samples_(std::move(samples)),
      index_(std::move(index)),
      binarize_(binarize),
      corruption_(corruption),
      annotations_(samples_->annotations().of(index_)) {}

Batch Split::batch(const Tensor& places, Draw& draw) const {
  const auto device = draw.device();
  const auto chosen = places.to(at::kCPU);
  const auto rows = index_.index_select(0, chosen);
  Batch batch;
  batch.index = to_device(chosen, device);
  auto values = kept_ && kept_->device() == device ? kept_->gather(batch.index)
                                                   : samples_->gather(rows, device);
  if (annotations_.has_missing) {
    batch.mask = values.isnan().logical_not_();
    values = values.nan_to_num(0.0, kInfinity, -kInfinity);
  }
  if (binarize_ == Binarize::dynamic)
    values = values.gt(draw.uniform(values.sizes())).to(at::kFloat);
  if (binarize_ == Binarize::fixed) values = fixed_sample(values, rows, name_);
  if (binarize_ == Binarize::threshold) values = threshold(values);
  batch.target = values;
  batch.input = corruption_.apply(batch.target, draw);
  if (batch.mask.defined() && corruption_.kind != Corruption::Kind::none)
    batch.input = batch.input * batch.mask;
  const auto rows_of = [&](const Tensor& all) {
    return all.defined() ? to_device(all.index_select(0, chosen), device) : all;
  };
  batch.labels = rows_of(annotations_.labels);
  batch.factors = rows_of(annotations_.factors);
  batch.covariates = rows_of(annotations_.covariates);
  return batch;
}

std::int64_t Split::keep_on(at::Device device, std::int64_t most_bytes) {
  auto values = DeviceValues::of(*samples_, index_, device, most_bytes);
  if (!values) return 0;
  kept_ = std::make_shared<const DeviceValues>(*std::move(values));
  return kept_->bytes();
}

Batch Split::slice(std::int64_t begin, std::int64_t end, Draw& draw) const {
  if (begin < 0 || begin > end || end > size()) {
    throw Error("split " + name_ + ": there are no samples [" + std::to_string(begin) + ", " +
                std::to_string(end) + ") among " + std::to_string(size()) + ".");
  }
  return batch(at::arange(begin, end, at::kLong), draw);
}

const Tensor& labels_of(const Batch& batch) {
  if (!batch.labels.defined()) throw Error("expected a split with labels; this one has none");
  return batch.labels;
}

Tensor random_places(std::int64_t size, std::int64_t count, std::string_view purpose) {
  if (count >= size) return at::arange(size);
  Draw draw(stream_key(0, purpose));
  return std::get<0>(draw.permutation(size).slice(0, 0, count).sort());
}

const Tensor& Split::mean() const {
  if (mean_.defined()) return mean_;
  auto sum = at::zeros(samples_->event(), at::kDouble);
  auto observed = at::full(samples_->event(), static_cast<double>(size()), at::kDouble);
  if (annotations_.has_missing) observed.zero_();
  for_each_chunk(*samples_, index_, [&](Tensor values, const Tensor& rows) {
    if (annotations_.has_missing) {
      observed += values.isnan().logical_not_().sum({0});
      values = values.nan_to_num(0.0, kInfinity, -kInfinity);
    }
    if (binarize_ == Binarize::fixed) values = fixed_sample(values, rows, name_);
    if (binarize_ == Binarize::threshold) values = threshold(values);
    sum += values.sum({0}, false, at::kDouble);
    return true;
  });
  mean_ = (sum / observed.clamp_min_(1)).to(at::kFloat);
  return mean_;
}

void Split::require_domains() const {
  std::int64_t begin = 0;
  for (const auto& block : annotations_.blocks) {
    const auto domain = block.domain;
    const auto size = block.size;
    const auto first = std::exchange(begin, begin + size);
    // The bounds of the others are what a likelihood is checked against.
    if (domain != Domain::count && domain != Domain::categorical) continue;
    for_each_chunk(*samples_, index_, [&](const Tensor& values, const Tensor&) {
      const auto numbers = values.flatten(1).slice(1, first, first + size);
      if (is_of(domain, numbers, annotations_.has_missing)) return true;
      throw DataError("", "the " + name_ + " split has numbers that are not " +
                              domain_text(domain) + ", among the numbers " + std::to_string(first) +
                              " to " + std::to_string(first + size - 1) +
                              " of its samples; expected " +
                              (domain == Domain::count
                                   ? "whole numbers that are not negative. Is there an array (a "
                                     "layer) of the counts as they were measured?"
                                   : "a one and otherwise zeros."));
    });
  }
}

Range Split::bounds() const {
  if (bounds_) return *bounds_;
  bounds_ = annotations_.bounds;
  if (bounds_) return *bounds_;
  // A missing value bounds nothing. Any other NaN is found by min() and max().
  std::vector<Tensor> extremes;
  for_each_chunk(*samples_, index_, [&](const Tensor& values, const Tensor&) {
    const auto bound = [&](double otherwise) {
      return annotations_.has_missing ? values.nan_to_num(otherwise, kInfinity, -kInfinity)
                                      : values;
    };
    extremes.push_back(at::stack({bound(kInfinity).min(), bound(-kInfinity).max()}));
    return true;
  });
  const auto all = at::stack(extremes);
  bounds_ = {all.select(1, 0).min().item<double>(), all.select(1, 1).max().item<double>()};
  return *bounds_;
}

}  // namespace varia
