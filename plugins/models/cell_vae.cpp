#include <ATen/Functions.h>

#include "shared/blocks.hpp"
#include "shared/covariates.hpp"
#include "shared/mlp_parts.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct CellVaeParams final : MlpLayerParams {
  Integer latent{this, "latent", 10, {1, 1 << 16}, "Dimensions of the code z."};
  Boolean encode_covariates{this, "encode_covariates", false,
                            "Whether the encoder is told the covariates as well."};
  Component<Likelihood> likelihood{
      this, "likelihood", "negative_binomial",
      "p(x | z, covariates); by default its mean is a share of the cell's total.",
      Value::map({{"mean", Value::text("share"), {}}})};
};

/// Counts of genes in cells: the encoder sees ln(1 + count), the decoder is told the covariates
/// (the batch of a cell), and the likelihood takes the cell's total as given.
class CellVae final : public Model {
 public:
  using Params = CellVaeParams;

  CellVae(const Params& params, const Build& build)
      : latent_(params.latent()),
        encode_covariates_(params.encode_covariates()),
        covariates_(build, *this),
        input_(build.data),
        encoder_(register_module(
            "encoder",
            mlp_encoder(params,
                        build.data.event_size() + (encode_covariates_ ? covariates_.size() : 0),
                        2 * latent_))),
        decoder_(register_module("decoder",
                                 std::make_shared<MlpDecoder>(params, params.likelihood, build,
                                                              latent_ + covariates_.size()))) {}

  std::vector<Latent> latents() const override {
    std::vector<Latent> all = {gaussian_latent("z", latent_, decoder_->device())};
    covariates_.add_latent(all);
    return all;
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    auto input = input_(batch);
    if (encode_covariates_) input = covariates_.beside(input, batch);
    std::vector<Block> blocks = {gaussian_block("z", encoder_->forward(input).unsqueeze(0), draw)};
    covariates_.add_block(blocks, batch);
    return blocks;
  }

  DistributionPtr decode(const LatentValues& values) override {
    return decoder_->forward(covariates_.beside(values.at("z"), values));
  }

  LatentValues sample_prior(std::int64_t n, const LatentValues& given, Draw& draw) override {
    return Model::sample_prior(n, covariates_.with_mean(n, given), draw);
  }

  std::string_view bound() const override {
    return covariates_.size() > 0 ? "log p(x|covariates)" : "log p(x)";
  }

 private:
  std::int64_t latent_;
  bool encode_covariates_;
  Covariates covariates_;
  EncoderInput input_;
  std::shared_ptr<Mlp> encoder_;
  std::shared_ptr<MlpDecoder> decoder_;
};

}  // namespace

VARIA_PLUGIN("cell_vae", "1.0.0") {
  registry.add<CellVae>(
      "cell_vae", "Gaussian code of cells' gene counts, told their batch (Lopez et al. 2018).");
}
