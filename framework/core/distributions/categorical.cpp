#include <ATen/Functions.h>

#include <cmath>

#include "core/distributions/distribution_support.hpp"
#include "varia/distributions.hpp"
#include "varia/networks.hpp"

namespace varia {

Categorical::Categorical(const Tensor& logits, std::optional<Relaxation> relaxation)
    : log_probabilities_(logits.log_softmax(-1)), relaxation_(relaxation) {}

std::shared_ptr<const Categorical> Categorical::uniform(std::int64_t categories,
                                                        at::Device device) {
  return std::make_shared<Categorical>(
      at::zeros({1, 1, categories}, at::TensorOptions(at::kFloat).device(device)));
}

Sample Categorical::rsample(Draw& draw) const {
  const auto noise = draw.uniform(rsample_shape(log_probabilities_, draw.samples()));
  const auto scores = log_probabilities_ - (-noise.log()).log();
  if (relaxation_ && !relaxation_->straight_through)
    return {(scores / relaxation_->temperature).softmax(-1), {}};
  const auto hard = one_hot_rows(scores.argmax(-1), scores.size(-1)).to(scores.scalar_type());
  if (!relaxation_) return {hard, {}};
  const auto soft = (scores / relaxation_->temperature).softmax(-1);
  return {hard + (soft - soft.detach()), {}};
}

Tensor Categorical::log_density(const Tensor& value) const {
  return (value * log_probabilities_).sum(-1, true);
}

Tensor Categorical::mode() const {
  return one_hot_rows(log_probabilities_.argmax(-1), log_probabilities_.size(-1));
}

Tensor Categorical::variance() const {
  const auto p = mean();
  return p * (1 - p);
}

Tensor Categorical::kl_to(const Distribution& prior) const {
  if (prior.family() != kFamily) return {};
  const auto& other = static_cast<const Categorical&>(prior);
  return (mean() * (log_probabilities_ - other.log_probabilities_)).sum(-1, true);
}

Tensor Categorical::entropy() const { return -(mean() * log_probabilities_).sum(-1); }

}  // namespace varia
