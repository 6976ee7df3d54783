#include "blocks.hpp"

#include <ATen/Functions.h>

#include "varia/error.hpp"

namespace varia::models {

std::shared_ptr<const Normal> normal_of(const Tensor& encoded) {
  const auto halves = encoded.chunk(2, -1);
  return std::make_shared<Normal>(halves[0], halves[1]);
}

Block drawn_block(const std::string& name, DistributionPtr posterior, DistributionPtr prior,
                  Draw& draw) {
  auto drawn = posterior->rsample(draw);
  return {name, std::move(posterior), std::move(prior), std::move(drawn.value),
          std::move(drawn.log_q)};
}

Block gaussian_block(const std::string& name, const Tensor& encoded, Draw& draw) {
  const auto prior = Normal::unit({encoded.size(-1) / 2}, encoded.device());
  return drawn_block(name, normal_of(encoded), prior, draw);
}

Latent gaussian_latent(const std::string& name, std::int64_t size, torch::Device device) {
  return {name, std::string(Normal::kFamily), {size}, Normal::unit({size}, device)};
}

Tensor class_log_frequencies(const Build& build, const std::string& model) {
  if (build.data.classes == 0 || !build.train->labels().defined())
    throw ConfigError("model " + model + " is told or taught the label, and this data has none.");
  // Of a class without an image the logarithm is kept finite.
  return at::bincount(build.train->labels(), {}, build.data.classes)
      .to(at::kFloat)
      .div(static_cast<double>(build.train->size()))
      .clamp_min(1e-30)
      .log();
}

}  // namespace varia::models
