#pragma once

#include <cstdint>
#include <vector>

#include "varia/build.hpp"
#include "varia/parameters.hpp"
#include "varia/split.hpp"

// A small network that learns the classes of images: its features tell images apart, and its
// accuracy tells what images are worth that it learned from.

namespace varia::metrics {

struct ClassifierParams : ParamSet {
  ClassifierParams();
  Integer train_images;
  Integer epochs;

  /// @throws ConfigError if the data has no labels, numbers that were not observed, or samples that
  ///         are too large.
  void require(const Build& build) const;
};

struct LabelledImages {
  Tensor images;  ///< [n, E...] float32 on the CPU
  Tensor labels;  ///< [n] int64
};

/// The places of the images that a classifier learns from, see random_places.
Tensor classifier_places(const Split& train, const ClassifierParams& params);

/// The targets of a training split; its noise is the same each time.
/// @param places [n]
LabelledImages labelled_images(const Split& train, const Tensor& places);

/// Two convolutions with strides of 2 (of rows of numbers one layer of 128), a layer of 64 features
/// and one of classes, with relu between them. Trained by Adam with batches of 128, on the CPU with
/// random numbers of its own: the same images give the same network, in every trial and on every
/// device.
class SmallClassifier {
 public:
  static constexpr std::int64_t kFeatures = 64;

  /// @param classes labels are 0 .. classes-1
  SmallClassifier(const LabelledImages& train, std::int64_t classes, std::int64_t epochs);

  /// What the last hidden layer gives.
  /// @param images [B, E...], on any device
  /// @returns      [B, kFeatures] float32 on the CPU
  Tensor features(const Tensor& images) const;
  /// How many of the images have the class that it takes for the most probable one.
  /// @param images [B, E...]
  /// @param labels [B]
  std::int64_t correct(const Tensor& images, const Tensor& labels) const;

 private:
  void add_layer(const std::vector<std::int64_t>& weight, Draw& draw);
  void train(const LabelledImages& train, std::int64_t epochs, Draw& draw);
  Tensor logits(const Tensor& features) const;

  Tensor mean_,
      deviation_;  // of the training images: each channel of pictures, each number of rows
  std::vector<Tensor> weights_, biases_;
};

}  // namespace varia::metrics
