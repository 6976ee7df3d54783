#include <ATen/Functions.h>

#include "shared/blocks.hpp"
#include "shared/covariates.hpp"
#include "shared/mlp_parts.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct ConditionalVaeParams final : MlpParams {
  Integer latent{this, "latent", 20, {1, 1 << 16}, "Dimensions of the code z."};
  Boolean label_to_encoder{
      this, "label_to_encoder", false,
      "Whether the encoder is told the label and the covariates as well: q(z | x, y)."};
};

/// p(x | z, y) with the label y given, one-hot: the observed latent variable "y". Covariates of the
/// data are given besides, and they alone if the data has no labels.
class ConditionalVae final : public Model {
 public:
  using Params = ConditionalVaeParams;

  ConditionalVae(const Params& params, const Build& build)
      : latent_(params.latent()),
        covariates_(build, *this),
        classes_(build.data.classes),
        label_to_encoder_(params.label_to_encoder()),
        input_(build.data),
        class_logits_(class_logits(build)),
        encoder_(register_module(
            "encoder",
            mlp_encoder(params, build.data.event_size() + (label_to_encoder_ ? given_size() : 0),
                        2 * latent_))),
        decoder_(register_module(
            "decoder", std::make_shared<MlpDecoder>(params, build, latent_ + given_size()))) {}

  std::vector<Latent> latents() const override {
    std::vector<Latent> all = {gaussian_latent("z", latent_, decoder_->device())};
    if (classes_ > 0) {
      const auto frequencies = std::make_shared<Categorical>(class_logits_.view({1, 1, classes_}));
      all.push_back({"y", std::string(Categorical::kFamily), {classes_}, frequencies, true});
    }
    covariates_.add_latent(all);
    return all;
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto label = classes_ > 0 ? one_hot_rows(labels_of(batch), classes_) : Tensor();
    auto input = input_(batch);
    if (label_to_encoder_) {
      if (label.defined()) input = at::cat({input, label}, 1);
      input = covariates_.beside(input, batch);
    }
    std::vector<Block> blocks = {gaussian_block("z", encoder_->forward(input).unsqueeze(0), draw)};
    if (label.defined())
      blocks.push_back({"y",
                        nullptr,
                        nullptr,
                        label.unsqueeze(0).expand({blocks[0].value.size(0), -1, -1}),
                        {}});
    covariates_.add_block(blocks, batch);
    return blocks;
  }

  DistributionPtr decode(const LatentValues& values) override {
    auto code = values.at("z");
    if (classes_ > 0) code = at::cat({code, values.at("y")}, -1);
    return decoder_->forward(covariates_.beside(code, values));
  }

  LatentValues sample_prior(std::int64_t n, const LatentValues& given, Draw& draw) override {
    return Model::sample_prior(n, covariates_.with_mean(n, given), draw);
  }

  std::string_view bound() const override {
    if (covariates_.size() == 0) return "log p(x|y)";
    return classes_ > 0 ? "log p(x|y, covariates)" : "log p(x|covariates)";
  }

 private:
  std::int64_t given_size() const { return classes_ + covariates_.size(); }

  /// @throws ConfigError if there is neither a label nor a covariate
  Tensor class_logits(const Build& build) {
    if (classes_ == 0 && covariates_.size() > 0) return {};
    return register_buffer("class_logits", class_log_frequencies(build, "conditional_vae"));
  }

  std::int64_t latent_;
  Covariates covariates_;
  std::int64_t classes_;
  bool label_to_encoder_;
  EncoderInput input_;
  Tensor class_logits_;
  std::shared_ptr<Mlp> encoder_;
  std::shared_ptr<MlpDecoder> decoder_;
};

}  // namespace

VARIA_PLUGIN("conditional_vae", "1.1.0") {
  registry.add<ConditionalVae>(
      "conditional_vae",
      "Gaussian code beside the label, which is given to the decoder (Sohn et al. 2015).");
}
