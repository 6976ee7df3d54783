#pragma once

#include <torch/nn/module.h>

#include <string>
#include <string_view>
#include <vector>

#include "varia/better.hpp"
#include "varia/component.hpp"
#include "varia/inference.hpp"
#include "varia/model.hpp"
#include "varia/optimizer.hpp"

namespace varia {

/// What a loss sees of the step that it is evaluated for.
struct Step {
  const Batch& batch;
  Draw& draw;  ///< the step's own stream, apart from the model's noise
  Progress progress;
  std::int64_t data_size = 0;        ///< N, samples in the split of the batch
  std::string_view phase = "train";  ///< the phase's name
};

/// A named part of a loss.
struct Term {
  std::string name;
  Tensor value;  ///< scalar; detached by the training loop, averaged over samples
};

/// A loss, evaluated.
struct Terms {
  Tensor objective;  ///< scalar, nats per sample: what is differentiated
  std::vector<Term>
      recorded;  ///< beside loss, reconstruction, kl and elbo, which are always recorded
};

/// A group of parameters with an optimizer of its own.
struct Phase {
  std::string name = "train";
  std::vector<Tensor> parameters;
  const Component<Optimizer>* optimizer = nullptr;  ///< null: the experiment's
  /// True: inferred anew from another batch, after the phases before it have stepped.
  bool independent_batch = false;
};

/// What is minimised (kind `loss`). A module: what it owns (a discriminator) is moved and saved
/// with the model.
class VARIA_API Loss : public torch::nn::Module {
 public:
  using KindBase = Loss;
  static constexpr const char* kKind = "loss";
  ~Loss() override;

  /// The objective of `step.phase`. Called in evaluation too, without gradients.
  virtual Terms evaluate(const Inference& inference, const Step& step) = 0;

  /// Which is better of a term that `evaluate` records, as Metric::better. The default is neither.
  virtual Better better(std::string_view term) const;

  /// The default is one phase, "train", with the parameters of model and loss. Phases that share an
  /// inference are all differentiated before any of them steps.
  virtual std::vector<Phase> phases(Model& model);
};

/// -E[ln p(x | z)], averaged over K and B: with total_kl what most losses start from.
/// @returns a scalar, nats per sample
VARIA_API Tensor reconstruction(const Inference& inference);
/// KL divergence of all blocks together, averaged over K and B, in the same unit; 0 without any.
VARIA_API Tensor total_kl(const Inference& inference);

}  // namespace varia
