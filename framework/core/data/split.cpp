#include "varia/split.hpp"

#include <ATen/Functions.h>

#include <utility>
#include <vector>

#include "varia/error.hpp"

namespace varia {

namespace {

Tensor threshold(const Tensor& images) { return images.ge(0.5).to(at::kFloat); }

/// Calls `visit(images)` with all images of an index, some at a time.
template <class Visit>
void for_each_chunk(const Samples& samples, const Tensor& index, const Visit& visit) {
  constexpr std::int64_t kChunk = 512;
  for (const auto& part : index.split(kChunk)) visit(samples.images(part));
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
      labels_(samples_->labels()),
      factors_(samples_->factors()) {
  if (labels_.defined()) labels_ = labels_.index_select(0, index_);
  if (factors_.defined()) factors_ = factors_.index_select(0, index_);
}

std::vector<std::string> Split::factor_names() const { return samples_->factor_names(); }

Batch Split::batch(const Tensor& places, Draw& draw) const {
  const auto device = draw.device();
  Batch batch;
  batch.index = places.to(at::kCPU);
  batch.images = samples_->images(index_.index_select(0, batch.index)).to(device);
  if (binarize_ == Binarize::dynamic)
    batch.images = batch.images.gt(draw.uniform(batch.images.sizes())).to(at::kFloat);
  if (binarize_ == Binarize::threshold) batch.images = threshold(batch.images);
  batch.target = batch.images;
  batch.images = corruption_.apply(batch.target, draw);
  if (labels_.defined()) batch.labels = labels_.index_select(0, batch.index).to(device);
  if (factors_.defined()) batch.factors = factors_.index_select(0, batch.index).to(device);
  batch.index = batch.index.to(device);
  return batch;
}

Batch Split::slice(std::int64_t begin, std::int64_t end, Draw& draw) const {
  if (begin < 0 || begin > end || end > size()) {
    throw Error("split " + name_ + ": there are no images [" + std::to_string(begin) + ", " +
                std::to_string(end) + ") among " + std::to_string(size()) + ".");
  }
  return batch(at::arange(begin, end, at::kLong), draw);
}

const Tensor& Split::mean_image() const {
  if (mean_image_.defined()) return mean_image_;
  auto sum = at::zeros(samples_->image_shape(), at::kDouble);
  for_each_chunk(*samples_, index_, [&](Tensor images) {
    if (binarize_ == Binarize::threshold) images = threshold(images);
    sum += images.sum({0}, false, at::kDouble);
  });
  mean_image_ = (sum / static_cast<double>(size())).to(at::kFloat);
  return mean_image_;
}

Range Split::bounds() const {
  if (bounds_) return *bounds_;
  bounds_ = samples_->bounds();
  if (bounds_) return *bounds_;
  std::vector<Tensor> extremes;
  for_each_chunk(*samples_, index_, [&](const Tensor& images) {
    extremes.push_back(at::stack({images.min(), images.max()}));  // NaN if one is
  });
  const auto all = at::stack(extremes);
  bounds_ = {all.select(1, 0).min().item<double>(), all.select(1, 1).max().item<double>()};
  return *bounds_;
}

}  // namespace varia
