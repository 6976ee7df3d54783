#include "small_classifier.hpp"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <torch/optim/adam.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "varia/convolution_layer.hpp"
#include "varia/linear_layer.hpp"

namespace varia::metrics {

namespace {

constexpr std::int64_t kMostNumbers = std::int64_t{1} << 28;  // of all training images, 1 GB
constexpr std::int64_t kMostOfOneImage = std::int64_t{1} << 16;
constexpr std::int64_t kReadAtOnce = 500;
constexpr std::int64_t kBatch = 128;
constexpr double kLearningRate = 1e-3;
constexpr Convolution kConvolution{.stride = 2, .padding = 2};
constexpr std::int64_t kKernel = 5;

}  // namespace

ClassifierParams::ClassifierParams()
    : train_images(this, "train_images", 10'000, {2, 1'000'000},
                   "How many training images the classifier learns from: a random subset, the same "
                   "for every trial and experiment."),
      epochs(this, "epochs", 5, {1, 1000}, "How often it sees each of them.") {}

void ClassifierParams::require(const Build& build) const {
  if (!build.train->labels().defined())
    fail(train_images, "a classifier needs data with labels; the training samples have none");
  if (build.data.classes < 2)
    fail(train_images, "a classifier needs data of two classes or more; this data set has one");
  const auto size = build.data.event_size();
  if (size > kMostOfOneImage)
    fail(train_images, "expected samples of at most " + std::to_string(kMostOfOneImage) +
                           " numbers, found " + std::to_string(size));
  if (std::min(train_images(), build.train->size()) > kMostNumbers / size)
    fail(train_images, "expected at most " + std::to_string(kMostNumbers / size) +
                           " images, since each has " + std::to_string(size) + " numbers");
  Draw draw(0);
  if (build.train->slice(0, 1, draw).mask.defined())
    fail(train_images, "a classifier needs data whose numbers are all observed");
}

Tensor classifier_places(const Split& train, const ClassifierParams& params) {
  return random_places(train.size(), params.train_images(), "training images of a classifier");
}

LabelledImages labelled_images(const Split& train, const Tensor& places) {
  Draw draw(stream_key(0, "noise on training images of a classifier"));
  std::vector<Tensor> parts;
  for (const auto& part : places.split(kReadAtOnce))
    parts.push_back(train.batch(part, draw).target.to(at::kCPU, at::kFloat));
  return {at::cat(parts), train.labels().index_select(0, places)};
}

SmallClassifier::SmallClassifier(const LabelledImages& train, std::int64_t classes,
                                 std::int64_t epochs) {
  Draw draw(stream_key(0, "classifier of images"));
  const auto& images = train.images;
  const bool is_picture = images.dim() == 4;
  const auto over = is_picture ? std::vector<std::int64_t>{0, 2, 3} : std::vector<std::int64_t>{0};
  mean_ = images.mean(over, true);
  deviation_ = images.std(over, false, true);
  deviation_ = at::where(deviation_.lt(1e-6), at::ones_like(deviation_), deviation_);
  if (is_picture) {
    const auto halved = [](std::int64_t extent) { return kConvolution.output(extent, kKernel); };
    add_layer({16, images.size(1), kKernel, kKernel}, draw);
    add_layer({32, 16, kKernel, kKernel}, draw);
    add_layer({kFeatures, 32 * halved(halved(images.size(2))) * halved(halved(images.size(3)))},
              draw);
  } else {
    add_layer({128, images[0].numel()}, draw);
    add_layer({kFeatures, 128}, draw);
  }
  add_layer({classes, kFeatures}, draw);
  this->train(train, epochs, draw);
}

void SmallClassifier::add_layer(const std::vector<std::int64_t>& weight, Draw& draw) {
  const auto inputs = c10::multiply_integers(weight) / weight.front();
  const double bound = std::sqrt(6 / static_cast<double>(inputs));  // He et al. 2015
  weights_.push_back((2 * draw.uniform(weight) - 1) * bound);
  biases_.push_back(at::zeros({weight.front()}));
}

void SmallClassifier::train(const LabelledImages& train, std::int64_t epochs, Draw& draw) {
  const at::AutoGradMode with_gradients(true);
  auto parameters = weights_;
  parameters.insert(parameters.end(), biases_.begin(), biases_.end());
  for (auto& parameter : parameters) parameter.set_requires_grad(true);
  torch::optim::Adam adam(parameters, torch::optim::AdamOptions(kLearningRate));
  const auto count = train.images.size(0);
  for (std::int64_t epoch = 0; epoch < epochs; ++epoch) {
    const auto order = draw.permutation(count);
    for (std::int64_t begin = 0; begin < count; begin += kBatch) {
      const auto places = order.slice(0, begin, std::min(begin + kBatch, count));
      const auto found = logits(features(train.images.index_select(0, places)));
      adam.zero_grad();
      at::nll_loss(found.log_softmax(1), train.labels.index_select(0, places)).backward();
      adam.step();
    }
  }
  for (auto& parameter : parameters) {
    parameter.set_requires_grad(false);
    parameter.mutable_grad() = Tensor();
  }
}

Tensor SmallClassifier::features(const Tensor& images) const {
  auto state = (images.to(at::kCPU, at::kFloat) - mean_) / deviation_;
  std::size_t layer = 0;
  for (; weights_[layer].dim() == 4; ++layer)
    state = convolution_layer(state, weights_[layer], biases_[layer], kConvolution, "relu");
  state = state.flatten(1);
  for (; layer + 1 < weights_.size(); ++layer)
    state = linear_layer(state, weights_[layer], biases_[layer], "relu");
  return state;
}

Tensor SmallClassifier::logits(const Tensor& features) const {
  return linear_layer(features, weights_.back(), biases_.back(), "identity");
}

std::int64_t SmallClassifier::correct(const Tensor& images, const Tensor& labels) const {
  const auto found = logits(features(images)).argmax(1);
  return found.eq(labels.to(at::kCPU)).sum().item<std::int64_t>();
}

}  // namespace varia::metrics
