#pragma once

#include <c10/util/accumulate.h>
#include <torch/nn/module.h>

#include <map>
#include <string>
#include <vector>

#include "varia/inference.hpp"
#include "varia/schedule.hpp"

namespace varia {

/// A latent variable of a model, before any data was seen.
struct Latent {
  /// The family of a variable without a posterior: its value follows from the sample alone.
  static constexpr const char* kPoint = "point";

  std::string name;                 ///< the block's name
  std::string family;               ///< of the posterior: "normal", "categorical"; an open list
  std::vector<std::int64_t> event;  ///< [D]
  DistributionPtr prior;            ///< null: only the model's sample_prior knows it
  bool observed = false;            ///< given with the data (a label) and not inferred

  /// Numbers in its event, D.
  std::int64_t size() const { return c10::multiply_integers(event); }
};

/// Values of the latent variables by name, each [K, B, E].
using LatentValues = std::map<std::string, Tensor>;

struct Step;

/// A variational autoencoder (kind `model`). These few functions serve training, likelihood
/// estimates, sampling, traversals and every metric.
///
/// Randomness comes from the Draw alone. In evaluation mode (`is_training()` false) a model draws
/// hard values if it trains with relaxed ones.
class VARIA_API Model : public torch::nn::Module {
 public:
  using KindBase = Model;
  static constexpr const char* kKind = "model";
  ~Model() override;

  virtual std::vector<Latent> latents() const = 0;

  /// The posterior of every latent variable, in the order of latents(), with K = draw.samples()
  /// values of each. An observed one has neither posterior nor prior, and its value.
  virtual std::vector<Block> encode(const Batch& batch, Draw& draw) = 0;

  /// p(x | values); null if the model has none.
  /// @param values of every latent variable, each [K, B, E]
  virtual DistributionPtr decode(const LatentValues& values) = 0;

  /// What training and evaluation ask for. The default encodes and decodes.
  virtual Inference infer(const Batch& batch, Draw& draw);

  /// n draws of every latent variable, each [1, n, E].
  /// @param given values [1, n, E] of some of them, which are kept; the others are drawn given
  ///              these. The default takes them as independent and draws from each Latent::prior.
  /// @throws TrialError by default, if one of these priors is null
  virtual LatentValues sample_prior(std::int64_t n, const LatentValues& given, Draw& draw);

  /// What reconstruction + KL bounds in the present mode: "log p(x)", "log p(x|y)" for a model that
  /// is told the label, "relaxed" if a relaxation stands in for a discrete variable, "none"
  /// without a density.
  virtual std::string_view bound() const { return "log p(x)"; }

  /// Called after every step of the optimizers, without gradients (moving averages).
  virtual void after_step(const Inference& inference, const Step& step);
};

}  // namespace varia
