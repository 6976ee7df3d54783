#include <ATen/Functions.h>

#include <algorithm>
#include <string>

#include "code_space.hpp"
#include "decoded_images.hpp"
#include "varia/build.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

constexpr std::int64_t kMostDimensions = 4096;
constexpr std::int64_t kDecodedAtOnce = 2000;

struct DecoderSensitivityParams final : EncodedImagesParams {
  DecoderSensitivityParams()
      : EncodedImagesParams(
            500, kAnyImages,
            "At the codes of how many images it is measured, each of which takes two "
            "decoded images for each dimension") {}
};

class DecoderSensitivity final : public Metric {
 public:
  using Params = DecoderSensitivityParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  DecoderSensitivity(const Params& params, const Build& build)
      : params_(params), latents_(params.latents_of(*build.model)) {
    for (const auto& latent : latents_) dimensions_ += latent.size();
    if (dimensions_ > kMostDimensions)
      throw ConfigError(params.blocks.where(),
                        "metric decoder_sensitivity: expected a code of at most " +
                            std::to_string(kMostDimensions) + " dimensions, found " +
                            std::to_string(dimensions_));
    views::require_mean(build, "metric decoder_sensitivity");
  }

  std::string units(std::string_view) const override { return "1"; }

  Values result(const Evaluation& evaluation) override {
    const auto& split = evaluation.split;
    const auto places =
        random_places(split.size(), params_.images(), "images of metric decoder_sensitivity");
    const auto at_once = std::max<std::int64_t>(kDecodedAtOnce / (2 * dimensions_), 1);
    auto squares = at::zeros({dimensions_}, at::kDouble);
    for (const auto& part : places.split(at_once)) {
      const auto batch = split.batch(part, evaluation.draw);
      const auto codes = views::inferred_values(evaluation.model, batch, false, evaluation.draw);
      squares += views::decoder_derivatives(evaluation.model, codes, latents_).square().sum({1, 2});
    }
    squares /= static_cast<double>(places.size(0));
    return {{"decoder_sensitivity", squares.sum().sqrt()},
            {"decoder_sensitivity_per_dimension", squares.sqrt()}};
  }

 private:
  const Params& params_;
  std::vector<Latent> latents_;
  std::int64_t dimensions_ = 0;
};

}  // namespace

VARIA_PLUGIN("decoder_sensitivity", "1.0.0") {
  registry.add<DecoderSensitivity>(
      "decoder_sensitivity",
      "How far the decoded mean moves with the code: the Frobenius norm of its derivative, and the "
      "norm of each dimension's, root mean squares over images (Kumar & Poole 2020).");
}
