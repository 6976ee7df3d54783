#include <ATen/Functions.h>

#include <algorithm>

#include "shared/blocks.hpp"
#include "shared/mlp_parts.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct LadderVaeParams final : MlpParams {
  Integer latent{this, "latent", 20, {1, 1 << 16}, "Dimensions of z1, which the decoder takes."};
  Integer top_latent{this, "top_latent", 10, {1, 1 << 16}, "Dimensions of z2, above z1."};
  IntegerList top_hidden{this,
                         "top_hidden",
                         {100},
                         {1, 1 << 20},
                         "Widths of the hidden layers between the encoder's last and z2; mirrored, "
                         "of those from z2 to z1."};
};

/// The product of two Gaussian densities, normalised: precisions add up.
std::shared_ptr<const Normal> merged(const Normal& a, const Normal& b) {
  const auto log_precision = at::logaddexp(-a.log_var(), -b.log_var());
  const auto share = (-a.log_var() - log_precision).exp();
  return std::make_shared<Normal>(share * a.mean() + (1 - share) * b.mean(), -log_precision);
}

/// Two layers of Gaussian codes: p(z2) p(z1 | z2) p(x | z1). The posterior of z1 merges what the
/// image says with what z2 lets expect.
class LadderVae final : public Model {
 public:
  using Params = LadderVaeParams;

  LadderVae(const Params& params, const Build& build)
      : latent_(params.latent()), top_latent_(params.top_latent()), input_(build.data) {
    const auto& hidden = params.hidden();
    const auto width = hidden.empty() ? build.data.event_size() : hidden.back();
    if (!hidden.empty())
      body_ = register_module(
          "body", std::make_shared<Mlp>(layer_sizes(build.data.event_size(),
                                                    {hidden.begin(), hidden.end() - 1}, width),
                                        params.activation(), true, params.layers()));
    auto top = params.top_hidden();
    head_ = register_module("head", network({width, 2 * latent_}, params));
    top_ = register_module("top", network(layer_sizes(width, top, 2 * top_latent_), params));
    std::reverse(top.begin(), top.end());
    prior_ = register_module("prior", network(layer_sizes(top_latent_, top, 2 * latent_), params));
    decoder_ = register_module("decoder", std::make_shared<MlpDecoder>(params, build, latent_));
  }

  std::vector<Latent> latents() const override {
    return {{"z1", std::string(Normal::kFamily), {latent_}, nullptr},
            gaussian_latent("z2", top_latent_, decoder_->device())};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    auto seen = input_(batch);
    if (body_) seen = body_->forward(seen);
    auto z2 = gaussian_block("z2", top_->forward(seen).unsqueeze(0), draw);
    const auto prior = normal_of(prior_->forward(z2.value));
    const auto posterior = merged(*normal_of(head_->forward(seen).unsqueeze(0)), *prior);
    return {drawn_block("z1", posterior, prior, draw), std::move(z2)};
  }

  DistributionPtr decode(const LatentValues& values) override {
    return decoder_->forward(values.at("z1"));
  }

  LatentValues sample_prior(std::int64_t n, const LatentValues& given, Draw& draw) override {
    auto values = given;
    if (!values.contains("z2")) values["z2"] = draw.normal({1, n, top_latent_});
    auto one = draw.with_samples(1);
    if (!values.contains("z1"))
      values["z1"] = normal_of(prior_->forward(values["z2"]))->rsample(one).value;
    return values;
  }

 private:
  static std::shared_ptr<Mlp> network(const std::vector<std::int64_t>& sizes,
                                      const Params& params) {
    return std::make_shared<Mlp>(sizes, params.activation(), false, params.layers());
  }

  std::int64_t latent_;
  std::int64_t top_latent_;
  EncoderInput input_;
  std::shared_ptr<Mlp> body_;   // null: the image itself
  std::shared_ptr<Mlp> head_;   // what the image says of z1
  std::shared_ptr<Mlp> top_;    // q(z2 | x)
  std::shared_ptr<Mlp> prior_;  // p(z1 | z2)
  std::shared_ptr<MlpDecoder> decoder_;
};

}  // namespace

VARIA_PLUGIN("ladder_vae", "1.0.0") {
  registry.add<LadderVae>("ladder_vae",
                          "Two layers of Gaussian codes, the lower one's posterior merged with its "
                          "prior by precision (Sonderby et al. 2016).");
}
