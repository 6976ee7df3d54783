#pragma once

#include <stdexcept>
#include <string>

#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/loss.hpp"

namespace varia::test {

/// A trial with a loss: "aae, lambda: 3".
inline Run run_of_loss(const std::string& loss,
                       const std::string& model = "mlp_vae, hidden: [12], latent: 3") {
  return Run("data: {use: synthetic, size: 28, batch: 20}\nmodel: {use: " + model +
             "}\nloss: {use: " + loss + "}\noptimizer: {use: adam}\ntrain: {epochs: 100}\n");
}

struct EvaluatedLoss {
  Batch batch;
  Inference inference;
  Terms terms;

  double recorded(const std::string& name) const {
    for (const auto& term : terms.recorded)
      if (term.name == name) return number(term.value);
    throw std::runtime_error("no term " + name);
  }
};

/// The loss of a trial for some training images, the same each time.
inline EvaluatedLoss evaluate(const Run& run, const std::string& phase = "train",
                              std::int64_t count = 20, std::int64_t samples = 1) {
  Draw data(1), noise(2, samples), draw(3);
  const auto batch = run.components.data->splits.train.slice(0, count, data);
  auto inference = run.components.model->infer(batch, noise);
  auto terms = run.components.loss->evaluate(inference, {batch, draw, {}, 60, phase});
  return {batch, std::move(inference), std::move(terms)};
}

}  // namespace varia::test
