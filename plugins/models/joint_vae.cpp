#include <ATen/Functions.h>

#include <numeric>

#include "shared/blocks.hpp"
#include "shared/mlp_parts.hpp"
#include "varia/error.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct JointVaeParams final : MlpParams {
  IntegerList gaussian{this,
                       "gaussian",
                       {20},
                       {1, 1 << 16},
                       "Dimensions of each Gaussian code: one is named z, several z1, z2, ..."};
  IntegerList categorical{
      this,
      "categorical",
      {10},
      {2, 1 << 16},
      "Categories of each categorical code, with a uniform prior: one is named c, "
      "several c1, c2, ..."};
  Scheduled temperature{
      this, "temperature", 1.0, {1e-6, 1e6}, "Of the Gumbel-softmax draws in training."};
  Boolean straight_through{this, "straight_through", false,
                           "Train with one-hot draws that pass on the gradient of the soft ones."};

 protected:
  void check() const override {
    if (gaussian().empty() && categorical().empty())
      fail(gaussian, "a model needs a code: gaussian and categorical are both empty lists");
  }
};

/// The blocks' names: the letter alone where there is one, else numbered from 1.
std::vector<std::string> block_names(const std::string& letter, std::size_t count) {
  if (count == 1) return {letter};
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= count; ++i) names.push_back(letter + std::to_string(i));
  return names;
}

std::int64_t total(const std::vector<std::int64_t>& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
}

/// Gaussian and categorical codes, any number of each. Categories are relaxed in training and
/// one-hot in evaluation.
class JointVae final : public Model {
 public:
  using Params = JointVaeParams;

  JointVae(const Params& params, const Build& build)
      : params_(params),
        gaussian_names_(block_names("z", params.gaussian().size())),
        categorical_names_(block_names("c", params.categorical().size())),
        encoder_(register_module(
            "encoder", mlp_encoder(params, build.data.pixels(),
                                   2 * total(params.gaussian()) + total(params.categorical())))),
        decoder_(register_module(
            "decoder",
            std::make_shared<MlpDecoder>(
                params, build, total(params.gaussian()) + total(params.categorical())))) {}

  std::vector<Latent> latents() const override {
    const auto device = decoder_->device();
    std::vector<Latent> latents;
    for (std::size_t i = 0; i < gaussian_names_.size(); ++i)
      latents.push_back(gaussian_latent(gaussian_names_[i], params_.gaussian()[i], device));
    for (std::size_t i = 0; i < categorical_names_.size(); ++i) {
      const auto categories = params_.categorical()[i];
      latents.push_back({categorical_names_[i],
                         std::string(Categorical::kFamily),
                         {categories},
                         Categorical::uniform(categories, device)});
    }
    return latents;
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto encoded = encoder_->forward(batch.images.flatten(1)).unsqueeze(0);
    std::int64_t begin = 0;
    const auto next = [&](std::int64_t size) {
      begin += size;
      return encoded.slice(-1, begin - size, begin);
    };
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < gaussian_names_.size(); ++i)
      blocks.push_back(gaussian_block(gaussian_names_[i], next(2 * params_.gaussian()[i]), draw));
    for (std::size_t i = 0; i < categorical_names_.size(); ++i) {
      const auto categories = params_.categorical()[i];
      const auto posterior = std::make_shared<Categorical>(next(categories), relaxation());
      blocks.push_back({categorical_names_[i],
                        posterior,
                        Categorical::uniform(categories, encoded.device()),
                        posterior->rsample(draw).value,
                        {}});
    }
    return blocks;
  }

  DistributionPtr decode(const LatentValues& values) override {
    std::vector<Tensor> codes;
    for (const auto& name : gaussian_names_) codes.push_back(values.at(name));
    for (const auto& name : categorical_names_) codes.push_back(values.at(name));
    return decoder_->forward(at::cat(codes, -1));
  }

  std::string_view bound() const override {
    return is_training() && !categorical_names_.empty() ? "relaxed" : "log p(x)";
  }

 private:
  std::optional<Relaxation> relaxation() const {
    if (!is_training()) return std::nullopt;
    return Relaxation{params_.temperature(), params_.straight_through()};
  }

  const Params& params_;
  std::vector<std::string> gaussian_names_;
  std::vector<std::string> categorical_names_;
  std::shared_ptr<Mlp> encoder_;
  std::shared_ptr<MlpDecoder> decoder_;
};

}  // namespace

VARIA_PLUGIN("joint_vae", "1.0.0") {
  registry.add<JointVae>("joint_vae",
                         "Gaussian and categorical codes between fully connected layers, with "
                         "Gumbel-softmax draws (Dupont 2018).");
}
