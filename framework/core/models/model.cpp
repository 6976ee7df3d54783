#include "varia/model.hpp"

#include <ATen/Functions.h>

#include "varia/density.hpp"
#include "varia/error.hpp"
#include "varia/likelihood.hpp"
#include "varia/loss.hpp"
#include "varia/scaled_sum.hpp"
#include "varia/view.hpp"

namespace varia {

// Defined here, so that all plugins share one copy of the type information.
Model::~Model() = default;
Loss::~Loss() = default;
Likelihood::~Likelihood() = default;
Optimizer::~Optimizer() = default;
Metric::~Metric() = default;
View::~View() = default;
Density::~Density() = default;
OptimizerParams::OptimizerParams() = default;
OptimizerParams::~OptimizerParams() = default;

std::vector<std::int64_t> Likelihood::output_shape(std::vector<std::int64_t> event) const {
  return event;
}

Inference Model::infer(const Batch& batch, Draw& draw) {
  Inference inference(batch);
  inference.blocks = encode(batch, draw);
  LatentValues values;
  for (const auto& block : inference.blocks) values[block.name] = block.value;
  inference.likelihood = decode(values);
  return inference;
}

LatentValues Model::sample_prior(std::int64_t n, const LatentValues& given, Draw& draw) {
  auto values = given;
  for (const auto& latent : latents()) {
    if (values.contains(latent.name)) continue;
    if (!latent.prior)
      throw TrialError("block '" + latent.name +
                       "' has no prior to sample from; the model must define sample_prior()");
    // A prior is [1, 1, E]: n draws are [n, 1, E], turned into one sample of n images.
    auto many = draw.with_samples(n);
    values[latent.name] = latent.prior->rsample(many).value.transpose(0, 1).contiguous();
  }
  return values;
}

void Model::after_step(const Inference&, const Step&) {}

Better Loss::better(std::string_view) const { return Better::neither; }

std::vector<Phase> Loss::phases(Model& model) {
  Phase phase;
  phase.parameters = model.parameters();
  for (auto& parameter : parameters()) phase.parameters.push_back(parameter);
  return {std::move(phase)};
}

Tensor reconstruction(const Inference& inference) {
  const auto& log_likelihood = inference.log_likelihood();
  return scaled_sum(log_likelihood, -1.0 / static_cast<double>(log_likelihood.numel()));
}

Tensor total_kl(const Inference& inference) {
  Tensor total;
  for (std::size_t i = 0; i < inference.blocks.size(); ++i) {
    const auto& kl = inference.kl(i);  // [K, B, D]
    if (!kl.defined()) continue;
    const auto mean = scaled_sum(kl, 1.0 / static_cast<double>(kl.size(0) * kl.size(1)));
    total = total.defined() ? total + mean : mean;
  }
  return total.defined() ? total : at::zeros({}, inference.target().options());
}

Better Metric::better(std::string_view) const { return Better::neither; }
bool Metric::follows_training() const { return false; }
void Metric::begin(const Evaluation&) {}
void Metric::update(const Inference&, const Batch&) {}
std::optional<Metric::State> Metric::state() const { return std::nullopt; }
void Metric::restore(const State&) {
  throw Error("a metric that overrides Metric::state must override Metric::restore, too");
}

}  // namespace varia
