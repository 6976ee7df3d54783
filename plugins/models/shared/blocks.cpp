#include "blocks.hpp"

#include <ATen/Functions.h>

#include "varia/error.hpp"

namespace varia::models {

Block gaussian_block(const std::string& name, const Tensor& encoded, Draw& draw) {
  const auto halves = encoded.chunk(2, -1);
  const auto posterior = std::make_shared<Normal>(halves[0], halves[1]);
  return {name,
          posterior,
          Normal::unit({halves[0].size(-1)}, encoded.device()),
          posterior->rsample(draw).value,
          {}};
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
