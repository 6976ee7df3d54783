#include "covariates.hpp"

#include <ATen/Functions.h>

namespace varia::models {

Covariates::Covariates(const Build& build, torch::nn::Module& owner) {
  if (build.data.covariates.empty()) return;
  mean_ = owner.register_buffer("covariate_mean", build.train->annotations().covariates.mean(0));
}

void Covariates::add_latent(std::vector<Latent>& latents) const {
  if (size() > 0) latents.push_back({kName, "given", {size()}, nullptr, true});
}

void Covariates::add_block(std::vector<Block>& blocks, const Batch& batch) const {
  if (size() == 0) return;
  const auto samples = blocks.front().value.size(0);
  blocks.push_back(
      {kName, nullptr, nullptr, batch.covariates.unsqueeze(0).expand({samples, -1, -1}), {}});
}

Tensor Covariates::beside(const Tensor& input, const Batch& batch) const {
  return size() > 0 ? at::cat({input, batch.covariates}, 1) : input;
}

Tensor Covariates::beside(const Tensor& code, const LatentValues& values) const {
  return size() > 0 ? at::cat({code, values.at(kName)}, -1) : code;
}

LatentValues Covariates::with_mean(std::int64_t n, LatentValues given) const {
  if (size() > 0) given.emplace(kName, mean_.expand({1, n, -1}));
  return given;
}

}  // namespace varia::models
