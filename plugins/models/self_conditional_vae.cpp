#include <ATen/Functions.h>

#include "shared/blocks.hpp"
#include "shared/mlp_parts.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct SelfConditionalVaeParams final : MlpParams {
  Integer latent{this, "latent", 20, {1, 1 << 16}, "Dimensions of the code z."};
  Scheduled temperature{this, "temperature", 1.0, {1e-6, 1e6}, "Of the Gumbel-softmax draws."};
};

/// Predicts its own condition: a classifier beside the encoder draws a one-hot class c, which the
/// decoder takes beside z. The classifier learns from a loss that compares c with the label
/// (classified_elbo); c has no prior in the bound, so that there is none.
class SelfConditionalVae final : public Model {
 public:
  using Params = SelfConditionalVaeParams;

  SelfConditionalVae(const Params& params, const Build& build)
      : params_(params),
        latent_(params.latent()),
        classes_(build.data.classes),
        input_(build.data),
        class_logits_(
            register_buffer("class_logits", class_log_frequencies(build, "self_conditional_vae"))),
        encoder_(
            register_module("encoder", mlp_encoder(params, build.data.event_size(), 2 * latent_))),
        classifier_(
            register_module("classifier", mlp_encoder(params, build.data.event_size(), classes_))),
        decoder_(register_module(
            "decoder", std::make_shared<MlpDecoder>(params, build, latent_ + classes_))) {}

  std::vector<Latent> latents() const override {
    const auto frequencies = std::make_shared<Categorical>(class_logits_.view({1, 1, classes_}));
    return {gaussian_latent("z", latent_, decoder_->device()),
            {"c", std::string(Categorical::kFamily), {classes_}, frequencies}};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto image = input_(batch);
    auto z = gaussian_block("z", encoder_->forward(image).unsqueeze(0), draw);
    const auto logits = classifier_->forward(image).unsqueeze(0);
    const auto c = std::make_shared<Categorical>(
        logits,
        is_training() ? std::make_optional(Relaxation{params_.temperature(), true}) : std::nullopt);
    return {std::move(z), drawn_block("c", c, nullptr, draw)};
  }

  DistributionPtr decode(const LatentValues& values) override {
    return decoder_->forward(at::cat({values.at("z"), values.at("c")}, -1));
  }

  std::string_view bound() const override { return "none"; }

 private:
  const Params& params_;
  std::int64_t latent_;
  std::int64_t classes_;
  EncoderInput input_;
  Tensor class_logits_;
  std::shared_ptr<Mlp> encoder_;
  std::shared_ptr<Mlp> classifier_;
  std::shared_ptr<MlpDecoder> decoder_;
};

}  // namespace

VARIA_PLUGIN("self_conditional_vae", "1.0.0") {
  registry.add<SelfConditionalVae>("self_conditional_vae",
                                   "Gaussian code beside a class that the model predicts and draws "
                                   "itself, by a straight-through "
                                   "Gumbel-softmax (Jang et al. 2017).");
}
