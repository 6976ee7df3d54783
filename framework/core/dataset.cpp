#include "varia/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "varia/error.hpp"

namespace varia {

DatasetParams::DatasetParams() = default;
DatasetParams::~DatasetParams() = default;

void DatasetParams::check() const {
  const auto count = resize().size();
  if (count != 0 && count != 2)
    fail(resize, "expected [height, width], found a list of " + std::to_string(count) + ".");
}

Dataset::~Dataset() = default;

namespace {

using SamplesPtr = std::shared_ptr<const Samples>;

Binarize binarize_of(const DatasetParams& params) {
  if (params.binarize.is("dynamic")) return Binarize::dynamic;
  return params.binarize.is("threshold") ? Binarize::threshold : Binarize::none;
}

std::int64_t limited_size(const Samples& samples, const DatasetParams& params) {
  return params.limit.has_value() ? std::min(samples.size(), params.limit()) : samples.size();
}

/// The first `count` of the samples in the size that the parameters ask for.
SamplesPtr in_size(SamplesPtr samples, std::int64_t count, const DatasetParams& params) {
  const auto shape = samples->image_shape();
  if (params.resize().empty()) return samples;
  const auto height = params.resize()[0];
  const auto width = params.resize()[1];
  if (shape[1] == height && shape[2] == width) return samples;

  const auto* const in_memory = dynamic_cast<const MemorySamples*>(samples.get());
  const bool bytes = in_memory != nullptr && in_memory->has_bytes();
  const auto pixels = shape[0] * height * width;
  if (count > memory_for_data() / (pixels * (bytes ? 1 : 4))) {
    throw ConfigError(params.resize.where(),
                      "resize: " + std::to_string(count) + " images of " + std::to_string(height) +
                          "x" + std::to_string(width) +
                          " take more than half of this machine's memory. Use smaller images, or "
                          "fewer by 'limit'.");
  }
  const auto images =
      at::empty({count, shape[0], height, width}, bytes ? torch::kUInt8 : torch::kFloat);
  const auto chunk = std::max<std::int64_t>(
      1, (std::int64_t{1} << 21) / std::max(pixels, shape[0] * shape[1] * shape[2]));
  for (std::int64_t begin = 0; begin < count; begin += chunk) {
    const auto end = std::min(begin + chunk, count);
    auto part = resized(samples->images(at::arange(begin, end, torch::kLong)), height, width);
    part.clamp_(0, 1);
    if (bytes) part = part.mul_(255).round_();
    images.slice(0, begin, end).copy_(part);
  }
  const auto first = [count](const Tensor& all) {
    return all.defined() ? all.slice(0, 0, count) : all;
  };
  return std::make_shared<MemorySamples>(images, first(samples->labels()),
                                         first(samples->factors()), samples->factor_names());
}

/// Which of `count` images are set aside, and which are kept; both ascending.
std::pair<Tensor, Tensor> set_aside(std::int64_t count, const DatasetParams& params) {
  const auto part = params.validation();
  const auto aside = std::llround(part * static_cast<double>(count));
  if (aside == 0 || aside == count) {
    throw ConfigError(params.validation.where(),
                      "validation: " + number_text(part) + " of " + std::to_string(count) +
                          " training images leaves no image for " +
                          (aside == 0 ? "validation" : "training") +
                          ". Use another part, or more images ('limit').");
  }
  const auto key = stream_key(static_cast<std::uint64_t>(params.split_seed()), "validation split");
  const auto order = Draw(key).permutation(count);
  const auto sorted = [](const Tensor& index) { return std::get<0>(index.sort()); };
  return {sorted(order.slice(0, 0, aside)), sorted(order.slice(0, aside))};
}

std::int64_t class_count(const Samples& samples) {
  const auto labels = samples.labels();
  return labels.defined() ? labels.max().item<std::int64_t>() + 1 : 0;
}

}  // namespace

Splits make_splits(Dataset& dataset, const DatasetParams& params) {
  const auto binarize = binarize_of(params);
  auto train = dataset.load("train");
  if (!train) throw DataError("", "the data set has no training images.");
  auto test = dataset.load("test");
  if (test && test->image_shape() != train->image_shape())
    throw DataError("", "the training and the test images differ in size.");

  // Of all labels, so that `limit` does not change the model.
  DataSpec spec;
  spec.classes = std::max(class_count(*train), test ? class_count(*test) : 0);

  const auto count = limited_size(*train, params);
  train = in_size(std::move(train), count, params);
  auto index = at::arange(count, torch::kLong);
  std::optional<Split> validation;
  if (params.validation() > 0) {
    const auto [aside, kept] = set_aside(count, params);
    validation.emplace("validation", train, aside, binarize);
    index = kept;
  }
  std::optional<Split> test_split;
  if (test) {
    const auto test_count = limited_size(*test, params);
    test = in_size(std::move(test), test_count, params);
    test_split.emplace("test", std::move(test), at::arange(test_count, torch::kLong), binarize);
  }
  spec.image = train->image_shape();
  spec.size = index.size(0);
  return {std::move(spec), Split("train", std::move(train), std::move(index), binarize),
          std::move(validation), std::move(test_split)};
}

}  // namespace varia
