#include "varia/inference.hpp"

#include <ATen/Functions.h>

#include <stdexcept>

namespace varia {

Inference::Inference(const Batch& batch) : target_(batch.target), mask_(batch.mask) {}

const Tensor& Inference::log_likelihood() const {
  if (!log_likelihood_.defined() && likelihood)
    log_likelihood_ = likelihood->log_prob_of_observed(target_.unsqueeze(0), mask_);
  return log_likelihood_;
}

namespace {

Tensor log_posterior(const Block& block) {
  return block.log_q.defined() ? block.log_q : block.posterior->log_prob(block.value);
}

}  // namespace

const Tensor& Inference::kl(std::size_t block) const {
  if (kl_.size() < blocks.size()) kl_.resize(blocks.size());
  auto& result = kl_.at(block);
  const auto& chosen = blocks.at(block);
  if (!result.defined() && chosen.posterior && chosen.prior) {
    // A flow's log q is that of the drawn value, so only the estimate is valid.
    if (!chosen.log_q.defined()) result = chosen.posterior->kl_to(*chosen.prior);
    if (result.defined())
      result = result.flatten(2);
    else
      result = (log_posterior(chosen) - chosen.prior->log_prob(chosen.value)).unsqueeze(-1);
  }
  return result;
}

Tensor Inference::kl_per_sample(std::size_t block) const { return kl(block).sum(-1).mean(0); }

Tensor Inference::elbo_per_sample() const {
  auto elbo = log_likelihood().mean(0);
  for (std::size_t i = 0; i < blocks.size(); ++i)
    if (kl(i).defined()) elbo = elbo - kl_per_sample(i);
  return elbo;
}

Tensor Inference::log_weight() const {
  auto weight = log_likelihood();
  for (const auto& block : blocks) {
    if (!block.posterior || !block.prior) continue;
    weight = weight + block.prior->log_prob(block.value) - log_posterior(block);
  }
  return weight;
}

std::size_t Inference::block_index(std::string_view name) const {
  for (std::size_t i = 0; i < blocks.size(); ++i)
    if (blocks[i].name == name) return i;
  throw std::out_of_range("the model has no block '" + std::string(name) + "'");
}

}  // namespace varia
