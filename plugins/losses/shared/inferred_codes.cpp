#include "inferred_codes.hpp"

#include <ATen/Functions.h>

#include "varia/distributions.hpp"
#include "varia/error.hpp"

namespace varia::losses {

std::vector<std::string> inferred_names(const Build& build, const std::string& loss) {
  std::vector<std::string> names;
  for (const auto& latent : build.model->latents())
    if (!latent.observed) names.push_back(latent.name);
  if (names.empty()) throw ConfigError("loss " + loss + ": the model infers no latent variable.");
  return names;
}

std::int64_t inferred_size(const Model& model) {
  std::int64_t size = 0;
  for (const auto& latent : model.latents())
    if (!latent.observed) size += latent.size();
  return size;
}

void require_gaussian_codes(const Build& build, const std::string& loss) {
  if (build.model == nullptr) return;
  for (const auto& latent : build.model->latents()) {
    if (latent.observed || (latent.family == Normal::kFamily && latent.prior)) continue;
    throw ConfigError("loss " + loss +
                      " needs a model whose codes are Gaussian, each with a prior of its own; '" +
                      latent.name + "' is " +
                      (latent.prior ? latent.family : latent.family + " without such a prior") +
                      ". mlp_vae and conv_vae have what it needs.");
  }
}

Tensor side_by_side(const LatentValues& values, const std::vector<std::string>& names) {
  std::vector<Tensor> parts;
  for (const auto& name : names) parts.push_back(values.at(name).flatten(2).flatten(0, 1));
  return at::cat(parts, -1);
}

Tensor side_by_side(const Inference& inference, const std::vector<std::string>& names) {
  LatentValues values;
  for (const auto& block : inference.blocks) values[block.name] = block.value;
  return side_by_side(values, names);
}

}  // namespace varia::losses
