#include <ATen/Functions.h>

#include <cmath>

#include "shared/mlp_parts.hpp"
#include "varia/error.hpp"
#include "varia/loss.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

// What the model leaves for its loss in Inference::extras.
constexpr const char* kEncoded = "encoded";      // [B, codes, size], before quantisation
constexpr const char* kQuantised = "quantised";  // [B, codes, size], vectors of the codebook
constexpr const char* kIndex = "index";          // [B, codes] int64, which ones

struct VqVaeParams final : MlpParams {
  Integer codes{this, "codes", 20, {1, 1 << 16}, "Codes for an image; z is all of them."};
  Integer size{this, "size", 8, {1, 1 << 16}, "Dimensions of a code."};
  Integer codebook{this, "codebook", 128, {2, 1 << 20}, "Vectors that a code can be."};
  Real decay{this, "decay", 0.99, {0, 1}, "Share that the codebook's moving averages keep."};
};

/// Each code is the nearest vector of a codebook, which follows the codes by moving averages.
class VqVae final : public MlpModel {
 public:
  using Params = VqVaeParams;

  VqVae(const Params& params, const Build& build)
      : MlpModel(params, build, params.codes() * params.size(), params.codes() * params.size()),
        params_(params) {
    const auto vectors = at::randn({params.codebook(), params.size()});
    codebook_ = register_buffer("codebook", vectors);
    sums_ = register_buffer("sums", vectors.clone());
    counts_ = register_buffer("counts", at::ones({params.codebook()}));
  }

  std::vector<Latent> latents() const override {
    return {{"z", "vector_quantised", {params_.codes() * params_.size()}, nullptr}};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    return infer_codes(batch, draw).blocks;
  }

  Inference infer(const Batch& batch, Draw& draw) override {
    auto inference = infer_codes(batch, draw);
    inference.likelihood = decode({{"z", inference.blocks[0].value}});
    return inference;
  }

  /// Every code by itself, as often as the training has it.
  LatentValues sample_prior(std::int64_t n, const LatentValues& given, Draw& draw) override {
    if (given.contains("z")) return given;
    const auto reach = (counts_ / counts_.sum()).cumsum(0);
    const auto index = at::searchsorted(reach, draw.uniform({1, n, params_.codes()}))
                           .clamp_max(params_.codebook() - 1);
    return {{"z", codebook_.index({index}).flatten(2)}};
  }

  std::string_view bound() const override { return "none"; }

  /// @see van den Oord et al. 2017, appendix A.1
  void after_step(const Inference& inference, const Step& step) override {
    const auto encoded = inference.extras.at(kEncoded).flatten(0, 1);
    const auto index = inference.extras.at(kIndex).flatten();
    if (step.progress.step == 0) {
      start(encoded, step.draw);
      return;
    }
    const double kept = params_.decay();
    const auto chosen =
        at::zeros_like(counts_).index_add_(0, index, at::ones_like(index, at::kFloat));
    counts_.mul_(kept).add_(chosen, 1 - kept);
    sums_.mul_(kept).add_(at::zeros_like(sums_).index_add_(0, index, encoded), 1 - kept);
    // One that is not chosen for long stays where it is.
    const auto used = counts_.gt(kLeast).unsqueeze(1);
    codebook_.copy_(at::where(used, sums_ / counts_.unsqueeze(1), codebook_));
  }

 private:
  static constexpr double kLeast = 1e-6;  // codes for each step

  /// Vectors far from all codes would never be chosen, so they begin among them, unless they are
  /// those of another trial.
  void start(const Tensor& encoded, Draw& draw) {
    const auto places = draw.uniform({params_.codebook()})
                            .mul(static_cast<double>(encoded.size(0)))
                            .to(at::kLong)
                            .clamp_max(encoded.size(0) - 1);
    // As they were made; what has been trained, or taken without its averages, is not their sums.
    const auto is_new = codebook_.eq(sums_).all();
    codebook_.copy_(at::where(is_new, encoded.index_select(0, places), codebook_));
    sums_.copy_(codebook_ * counts_.unsqueeze(1));
  }

  Inference infer_codes(const Batch& batch, Draw& draw) const {
    const auto encoded =
        encoder_->forward(input_(batch)).unflatten(1, {params_.codes(), params_.size()});
    // |e - v|^2 without |e|^2, which is the same for all v.
    const auto distances =
        codebook_.square().sum(1) - 2 * at::matmul(encoded.detach(), codebook_.t());
    const auto index = distances.argmin(-1);
    const auto quantised = codebook_.index({index});
    // The decoder's gradient passes straight through to the encoder.
    const auto value = (encoded + (quantised - encoded).detach()).flatten(1);
    Inference inference(batch);
    inference.blocks = {{"z", nullptr, nullptr, value.expand({draw.samples(), -1, -1}), {}}};
    inference.extras = {{kEncoded, encoded}, {kQuantised, quantised}, {kIndex, index}};
    return inference;
  }

  const Params& params_;
  Tensor codebook_;  // [codebook, size]
  Tensor sums_;      // [codebook, size], of the codes that chose it
  Tensor counts_;    // [codebook]
};

struct VqParams final : ParamSet {
  Scheduled commitment{this,
                       "commitment",
                       0.25,
                       {0, 1e6},
                       "Weight of the squared distance of each code from its vector."};
};

/// Reconstruction and what keeps the codes at the vectors that stand for them.
class VqLoss final : public Loss {
 public:
  using Params = VqParams;
  VqLoss(const Params& params, const Build& build) : params_(params) {
    if (build.model == nullptr) return;
    for (const auto& latent : build.model->latents())
      if (latent.family == "vector_quantised") return;
    throw ConfigError("loss vq needs a model with a codebook, vq_vae.");
  }

  Terms evaluate(const Inference& inference, const Step&) override {
    const auto distance =
        (inference.extras.at(kEncoded) - inference.extras.at(kQuantised)).square().flatten(1);
    const auto commitment = distance.sum(1).mean();
    return {reconstruction(inference) + params_.commitment() * commitment,
            {{"commitment", commitment}, {"perplexity", perplexity(inference.extras.at(kIndex))}}};
  }

 private:
  /// e to the entropy of what the batch chose: how many vectors are in use.
  static Tensor perplexity(const Tensor& index) {
    const auto counts = at::bincount(index.flatten()).to(at::kFloat);
    const auto shares = counts / counts.sum();
    return (-(shares * shares.clamp_min(1e-20).log()).sum()).exp();
  }

  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("vq_vae", "1.0.0") {
  registry.add<VqVae>("vq_vae",
                      "Codes from a codebook that follows them by moving averages (van den Oord et "
                      "al. 2017).");
  registry.add<VqLoss>("vq",
                       "Reconstruction and the distance of codes from their vectors (van den Oord "
                       "et al. 2017, equation 3).");
}
