#include <ATen/Functions.h>

#include <algorithm>
#include <string>
#include <vector>

#include "varia/build.hpp"
#include "varia/codes.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

constexpr std::int64_t kImagesAtOnce = 500;

struct UdrParams final : EncodedImagesParams {
  UdrParams()
      : EncodedImagesParams(1000, {2, 100'000}, "The codes of how many images are recorded") {}
};

/// Records what `varia compare` computes the scores of, which need the other seeds.
class Udr final : public Metric {
 public:
  using Params = UdrParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  Udr(const Params& params, const Build& build)
      : params_(params), latents_(params.latents_of(*build.model)) {
    for (const auto& latent : latents_)
      if (latent.observed || latent.family != Normal::kFamily || !latent.prior ||
          latent.prior->family() != Normal::kFamily)
        throw ConfigError(params.blocks.where(),
                          "metric udr needs codes that are Gaussian, each with a Gaussian prior; "
                          "'" +
                              latent.name + "' is not");
  }

  std::string units(std::string_view value) const override {
    return value == "udr_kl" ? "nats" : "1";
  }

  Values result(const Evaluation& evaluation) override {
    const auto& split = evaluation.split;
    const auto places = random_places(split.size(), params_.images(), "images of metric udr");
    std::vector<Tensor> codes, divergences;
    for (const auto& part : places.split(kImagesAtOnce)) {
      const auto batch = split.batch(part, evaluation.draw);
      const auto blocks = evaluation.model.encode(batch, evaluation.draw);
      std::vector<Tensor> means, of_means;
      for (const auto& latent : latents_) {
        const auto& block = *std::ranges::find(blocks, latent.name, &Block::name);
        // One for all images stands for each of them.
        const auto per_image = [&](const Tensor& all) {
          return all[0].flatten(1).expand({batch.size(), -1});
        };
        means.push_back(per_image(block.posterior->mean()));
        of_means.push_back(per_image(block.posterior->kl_to(*block.prior)));
      }
      codes.push_back(at::cat(means, 1).to(at::kCPU, at::kDouble));
      divergences.push_back(at::cat(of_means, 1).to(at::kCPU, at::kDouble));
    }
    return {{"udr_codes_per_image", at::cat(codes)}, {"udr_kl", at::cat(divergences).mean(0)}};
  }

 private:
  const Params& params_;
  std::vector<Latent> latents_;
};

}  // namespace

VARIA_PLUGIN("udr", "1.0.0") {
  registry.add<Udr>("udr",
                    "Codes of images that all trials share, of which varia compare computes the "
                    "unsupervised disentanglement ranking (Duan et al. 2020).");
}
