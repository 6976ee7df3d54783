#include <ATen/Functions.h>

#include "shared/blocks.hpp"
#include "shared/mlp_parts.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct ConditionalVaeParams final : MlpParams {
  Integer latent{this, "latent", 20, {1, 1 << 16}, "Dimensions of the code z."};
  Boolean label_to_encoder{this, "label_to_encoder", false,
                           "Whether the encoder is told the label as well: q(z | x, y)."};
};

/// p(x | z, y) with the label y given, one-hot: the observed latent variable "y".
class ConditionalVae final : public Model {
 public:
  using Params = ConditionalVaeParams;

  ConditionalVae(const Params& params, const Build& build)
      : latent_(params.latent()),
        classes_(build.data.classes),
        label_to_encoder_(params.label_to_encoder()),
        class_logits_(
            register_buffer("class_logits", class_log_frequencies(build, "conditional_vae"))),
        encoder_(register_module(
            "encoder",
            mlp_encoder(params, build.data.event_size() + (label_to_encoder_ ? classes_ : 0),
                        2 * latent_))),
        decoder_(register_module(
            "decoder", std::make_shared<MlpDecoder>(params, build, latent_ + classes_))) {}

  std::vector<Latent> latents() const override {
    const auto frequencies = std::make_shared<Categorical>(class_logits_.view({1, 1, classes_}));
    return {gaussian_latent("z", latent_, decoder_->device()),
            {"y", std::string(Categorical::kFamily), {classes_}, frequencies, true}};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto label = one_hot_rows(batch.labels, classes_);
    auto input = batch.input.flatten(1);
    if (label_to_encoder_) input = at::cat({input, label}, 1);
    auto z = gaussian_block("z", encoder_->forward(input).unsqueeze(0), draw);
    const auto y = label.unsqueeze(0).expand({z.value.size(0), -1, -1});
    return {std::move(z), {"y", nullptr, nullptr, y, {}}};
  }

  DistributionPtr decode(const LatentValues& values) override {
    return decoder_->forward(at::cat({values.at("z"), values.at("y")}, -1));
  }

  std::string_view bound() const override { return "log p(x|y)"; }

 private:
  std::int64_t latent_;
  std::int64_t classes_;
  bool label_to_encoder_;
  Tensor class_logits_;
  std::shared_ptr<Mlp> encoder_;
  std::shared_ptr<MlpDecoder> decoder_;
};

}  // namespace

VARIA_PLUGIN("conditional_vae", "1.0.0") {
  registry.add<ConditionalVae>(
      "conditional_vae",
      "Gaussian code beside the label, which is given to the decoder (Sohn et al. 2015).");
}
