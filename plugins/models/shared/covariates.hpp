#pragma once

#include <torch/nn/module.h>

#include <vector>

#include "varia/build.hpp"
#include "varia/model.hpp"

namespace varia::models {

/// What a model is told of a sample beside the sample: the observed latent variable "covariates".
/// Without covariates in the data there is none, and nothing is changed.
class Covariates {
 public:
  static constexpr const char* kName = "covariates";

  /// Registers the mean of the training samples' with `owner`.
  Covariates(const Build& build, torch::nn::Module& owner);

  /// V, how many numbers they are.
  std::int64_t size() const { return mean_.defined() ? mean_.size(0) : 0; }
  /// @param latents to which theirs is added
  void add_latent(std::vector<Latent>& latents) const;
  /// @param blocks to which theirs is added, with the K of the first one
  void add_block(std::vector<Block>& blocks, const Batch& batch) const;
  /// @param input [B, D]
  /// @returns     [B, D + V]
  Tensor beside(const Tensor& input, const Batch& batch) const;
  /// @param code [K, B, D]
  /// @returns    [K, B, D + V]
  Tensor beside(const Tensor& code, const LatentValues& values) const;
  /// Adds those of `n` samples that are not told them, the training mean, to `given`.
  LatentValues with_mean(std::int64_t n, LatentValues given) const;

 private:
  Tensor mean_;  // [V]; undefined without covariates
};

}  // namespace varia::models
