#pragma once

#include <torch/nn/module.h>

#include <map>
#include <string>
#include <vector>

#include "varia/inference.hpp"
#include "varia/schedule.hpp"

namespace varia {

/// A latent variable of a model, before any data was seen.
struct Latent {
  std::string name;                 ///< the block's name
  std::string family;               ///< of the posterior: "normal", "categorical"; an open list
  std::vector<std::int64_t> event;  ///< [D]
  DistributionPtr prior;            ///< null: only the model's sample_prior knows it
};

/// Values of the latent variables by name, each [K, B, E].
using LatentValues = std::map<std::string, Tensor>;

struct Step;

/// A variational autoencoder (kind `model`). These few functions serve training, likelihood
/// estimates, sampling, traversals and every metric.
///
/// Randomness comes from the Draw alone. In evaluation mode (`is_training()` false) a model draws
/// hard values where it trains with relaxed ones.
class VARIA_API Model : public torch::nn::Module {
 public:
  using KindBase = Model;
  static constexpr const char* kKind = "model";
  ~Model() override;

  virtual std::vector<Latent> latents() const = 0;

  /// Encodes the batch, draws K = draw.samples() values of every block, decodes them.
  virtual Inference infer(const Batch& batch, Draw& draw) = 0;

  /// n draws of every latent variable: [1, n, E]. The default draws from each Latent::prior.
  virtual LatentValues sample_prior(std::int64_t n, const Condition& condition, Draw& draw);

  /// p(x | values).
  virtual DistributionPtr generate(const LatentValues& values, const Condition& condition) = 0;

  /// What reconstruction + KL bounds: "log p(x)", "log p(x|y)" for a model that is told the label,
  /// "relaxed" where a relaxation stands in for a discrete variable, "none" without a density.
  virtual std::string_view bound() const { return "log p(x)"; }

  /// Called after every step of the optimizers, without gradients (moving averages).
  virtual void after_step(const Inference& inference, const Step& step);
};

}  // namespace varia
