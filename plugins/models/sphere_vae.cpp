#include <ATen/Functions.h>

#include "shared/blocks.hpp"
#include "shared/mlp_parts.hpp"
#include "shared/von_mises_fisher.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct SphereVaeParams final : MlpParams {
  Integer latent{this,
                 "latent",
                 10,
                 {2, 1 << 16},
                 "Dimensions that the sphere lies in; itself it has one less."};
};

/// A code on the unit sphere, with a uniform prior.
class SphereVae final : public MlpModel {
 public:
  using Params = SphereVaeParams;

  SphereVae(const Params& params, const Build& build)
      : MlpModel(params, build, params.latent() + 1, params.latent()), latent_(params.latent()) {}

  std::vector<Latent> latents() const override {
    return {{"z", std::string(VonMisesFisher::kFamily), {latent_}, prior()}};
  }

  /// Evaluations give points beside the sphere, too: of a straight line, say, or of a density that
  /// was fitted to codes. The nearest point of the sphere is decoded; zero, which has none, as it
  /// is. Draws, which are all that training decodes, lie on it.
  DistributionPtr decode(const LatentValues& values) override {
    const auto& z = values.at("z");
    return decoder_->forward(is_training() ? z : on_sphere(z));
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto numbers = encoded(batch);
    // Not below 1, as in the paper's experiments: a uniform posterior has no direction to learn.
    const auto posterior = std::make_shared<VonMisesFisher>(
        on_sphere(numbers.slice(-1, 0, latent_)), 1 + at::softplus(numbers.slice(-1, latent_)));
    return {drawn_block("z", posterior, prior(), draw)};
  }

 private:
  static Tensor on_sphere(const Tensor& points) {
    return points / points.norm(2, -1, true).clamp_min(1e-12);
  }
  DistributionPtr prior() const { return std::make_shared<UniformSphere>(latent_, device()); }

  std::int64_t latent_;
};

}  // namespace

VARIA_PLUGIN("sphere_vae", "1.0.0") {
  registry.add<SphereVae>(
      "sphere_vae",
      "Code on the unit sphere, with a von Mises-Fisher posterior and a uniform "
      "prior (Davidson et al. 2018).");
}
