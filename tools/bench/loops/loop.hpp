#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "varia/networks.hpp"

namespace varia::bench {

/// A training loop that is measured.
class Loop {
 public:
  virtual ~Loop() = default;
  /// @returns the mean loss of these steps, in nats per sample; NaN where nothing is learned
  virtual double run(std::int64_t steps) = 0;
};

/// A VAE of fully connected layers on MNIST, Bernoulli pixels, Adam with a learning rate of 1e-3.
struct Network {
  std::vector<std::int64_t> hidden;
  std::int64_t latent = 0;
  std::int64_t batch = 0;
  std::string activation;  ///< relu or leaky_relu (slope 0.2)

  /// From {"400,400", "2", "100", "leaky_relu"}. @throws std::invalid_argument
  static Network parse(const std::vector<std::string>& words);
  /// The sizes of the layers from the image to the code's means and log-variances, and back.
  std::vector<std::int64_t> encoder() const { return layer_sizes(784, hidden, 2 * latent); }
  std::vector<std::int64_t> decoder() const {
    return layer_sizes(latent, {hidden.rbegin(), hidden.rend()}, 784);
  }
};

/// Varia's own: what `varia run` does in every step, with its plugins.
/// @param words an experiment file, then overrides KEY=VALUE; its first trial is trained
std::unique_ptr<Loop> make_varia_loop(const std::vector<std::string>& words);

/// The same model written with LibTorch alone: torch::nn, torch losses, torch::optim::Adam, images
/// in memory as floats.
std::unique_ptr<Loop> make_libtorch_loop(const Network& network);

/// The matrix products of a step and nothing else, through LibTorch, each into memory that stays.
std::unique_ptr<Loop> make_product_loop(const Network& network);

/// The training images of MNIST, [60000, 784] float32.
Tensor mnist_images();

}  // namespace varia::bench
