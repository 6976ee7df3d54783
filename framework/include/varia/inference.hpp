#pragma once

#include <map>
#include <string>
#include <vector>

#include "varia/batch.hpp"
#include "varia/distribution.hpp"

namespace varia {

/// One stochastic layer of a model, as inferred for a batch.
struct Block {
  std::string name;           ///< "z"
  DistributionPtr posterior;  ///< q(z | x); null together with `prior`: deterministic (VQ)
  DistributionPtr prior;      ///< p(z); null: the block has no KL divergence
  Tensor value;               ///< [K, B, E], drawn from the posterior
  Tensor log_q;               ///< [K, B]; undefined: posterior->log_prob(value), when asked
};

/// What a model inferred from a batch. Log-likelihood and KL divergence are computed once, when
/// first asked for, and shared by the loss and the records.
class VARIA_API Inference {
 public:
  /// Keeps the batch's target and mask.
  explicit Inference(const Batch& batch);

  std::vector<Block> blocks;
  DistributionPtr likelihood;            ///< p(x | z); null if the model has none
  std::map<std::string, Tensor> extras;  ///< what a model and its loss share besides

  /// ln p(x | z) of what was observed of the batch's target.
  /// @returns [K, B] nats
  const Tensor& log_likelihood() const;
  /// KL(posterior || prior) of one block: the closed form if there is one, else the single-draw
  /// estimate ln q(z | x) - ln p(z), [K, B, 1].
  /// @returns [K|1, B, D|1] nats; undefined if the block has no prior.
  const Tensor& kl(std::size_t block) const;
  /// The block's KL divergence summed over its dimensions and averaged over K.
  /// @returns [B] nats
  Tensor kl_per_sample(std::size_t block) const;
  /// The lower bound on ln p(x): the log-likelihood averaged over K, less the KL divergence of
  /// every block that has one.
  /// @returns [B] nats
  Tensor elbo_per_sample() const;
  /// ln p(x, z) - ln q(z | x): an unbiased weight of importance sampling.
  /// @returns [K, B] nats
  /// @see Burda et al. 2016, equation 8
  Tensor log_weight() const;
  /// [B, E...]
  const Tensor& target() const { return target_; }
  /// [B, E...] bool; undefined: everything was observed
  const Tensor& mask() const { return mask_; }
  /// The index of a block by name; throws std::out_of_range.
  std::size_t block_index(std::string_view name) const;

 private:
  Tensor target_;
  Tensor mask_;
  mutable Tensor log_likelihood_;
  mutable std::vector<Tensor> kl_;
};

}  // namespace varia
