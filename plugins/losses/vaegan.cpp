#include <ATen/Functions.h>

#include <array>
#include <numbers>

#include "shared/conv_stack.hpp"
#include "shared/decoder_parameters.hpp"
#include "varia/build.hpp"
#include "varia/error.hpp"
#include "varia/loss.hpp"
#include "varia/networks.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct VaeganParams final : ParamSet {
  Scheduled beta{this,
                 "beta",
                 1.0,
                 {0, 1e9},
                 "Weight of the KL divergence, against the error of features, whose scale is the "
                 "discriminator's."};
  Scheduled gamma{this,
                  "gamma",
                  1.0,
                  {0, 1e9},
                  "Weight of the error of features for the decoder, against its part in the game."};
  RecordList<models::ConvParams> convolutions{
      this, "convolutions",
      "Of the discriminator of pictures, from the image inwards; empty: none."};
  IntegerList hidden{this,
                     "hidden",
                     {512, 256},
                     {1, 1 << 20},
                     "Widths of the discriminator's fully connected layers; the last one has the "
                     "features."};
  Real margin{this,
              "margin",
              0.35,
              {0, 1e9},
              "Keeps the game even: the discriminator gets no gradient while its cross-entropy of "
              "real images, or of others, is below ln 2 by more than this, and the decoder none "
              "of the game while one is above by more; 1e9: both always play."};
  Component<Optimizer> optimizer{this, "optimizer", "rmsprop",
                                 "Of the discriminator; without momentum, so that it stays as it "
                                 "is while it gets no gradient."};

 protected:
  void check() const override {
    if (hidden().empty()) fail(hidden, "expected at least one width, found an empty list");
  }
};

/// Tells real images from generated ones.
class Discriminator final : public torch::nn::Module {
 public:
  Discriminator(const VaeganParams& params, const DataSpec& data) {
    auto inputs = data.event_size();
    if (params.convolutions.size() > 0) {
      auto shape = data.event;
      auto layers = models::convolutions(params.convolutions, shape[0]);
      for (const auto& layer : layers) {
        shape = layer.after(shape);
        if (shape[1] < 1 || shape[2] < 1)
          throw ConfigError(params.convolutions.where(),
                            "loss vaegan: convolutions: a kernel is larger than what it is given");
      }
      inputs = c10::multiply_integers(shape);
      convolutions_ = register_module(
          "convolutions",
          std::make_shared<models::ConvStack>(std::move(layers), kActivation, true, LayerParams()));
    }
    auto sizes = params.hidden();
    sizes.insert(sizes.begin(), inputs);
    features_ = register_module("features", std::make_shared<Mlp>(sizes, kActivation, true));
    odds_ = register_module(
        "odds",
        std::make_shared<Mlp>(std::vector{sizes.back(), std::int64_t{1}}, kActivation, false));
  }

  /// @param images [N, E...]
  /// @returns      [N, F]
  Tensor features(const Tensor& images) const {
    return features_->forward((convolutions_ ? convolutions_->forward(images) : images).flatten(1));
  }
  /// ln of the odds that images are real.
  /// @param features [N, F]
  /// @returns        [N, 1]
  Tensor odds(const Tensor& features) const { return odds_->forward(features); }

 private:
  static constexpr const char* kActivation = "leaky_relu";
  std::shared_ptr<models::ConvStack> convolutions_;  // null if there are none
  std::shared_ptr<Mlp> features_, odds_;
};

/// -ln of the probability of being real, averaged.
Tensor surprise(const Tensor& odds) { return at::softplus(-odds).mean(); }

/// The KL divergence, and an error of images that a discriminator measures by its features: it
/// learns to tell them from reconstructions and from images of the prior, and the decoder to make
/// images that it takes for real.
class Vaegan final : public Loss {
 public:
  using Params = VaeganParams;

  Vaegan(const Params& params, const Build& build) : params_(params), model_(*build.model) {
    if (params.convolutions.size() > 0 && !build.data.is_picture())
      throw ConfigError(params.convolutions.where(),
                        "loss vaegan: convolutions: expected pictures, found rows of numbers");
    Draw draw(0);
    if (build.train->slice(0, 1, draw).mask.defined())
      throw ConfigError("loss vaegan needs data whose numbers are all observed");
    decoder_ = losses::decoder_parameters(model_, "vaegan");
    discriminator_ =
        register_module("discriminator", std::make_shared<Discriminator>(params, build.data));
  }

  /// @see Larsen et al. 2016, algorithm 1
  std::vector<Phase> phases(Model& model) override {
    return {{"train", losses::without(model.parameters(), decoder_), nullptr, false},
            {"decoder", decoder_, nullptr, false},
            {"discriminator", discriminator_->parameters(), &params_.optimizer, false}};
  }

  Terms evaluate(const Inference& inference, const Step& step) override {
    const auto mean = inference.likelihood->mean();  // [K, B, E...]
    const auto target = inference.target().to(at::kFloat);
    if (step.phase == "discriminator") {
      const auto odds = [this](const Tensor& images) {
        return discriminator_->odds(discriminator_->features(images.detach()));
      };
      const Odds all{odds(target), odds(mean.flatten(0, 1)),
                     odds(generated_images(mean.size(1), step.draw))};
      return {discriminator_plays(all) *
                  (surprise(all.real) + surprise(-all.reconstructed) + surprise(-all.generated)),
              {}};
    }
    const auto features = discriminator_->features(mean.flatten(0, 1));
    const auto real = discriminator_->features(target);
    const auto error = error_of(features, real, mean.size(0));
    const auto odds = discriminator_->odds(features);
    if (step.phase == "decoder") {
      const auto generated = generated_images(mean.size(1), step.draw);
      const Odds all{discriminator_->odds(real), odds,
                     discriminator_->odds(discriminator_->features(generated))};
      // It does not saturate if the discriminator knows all images (Goodfellow et al. 2014).
      return {params_.gamma() * error +
                  decoder_plays(all) * (surprise(all.reconstructed) + surprise(all.generated)),
              {}};
    }
    return {params_.beta() * total_kl(inference) + error,
            {{"feature_error", error}, {"surprise", surprise(odds)}}};
  }

 private:
  /// ln of the odds that images are real, by where they come from.
  struct Odds {
    Tensor real, reconstructed, generated;

    /// Cross-entropies of real images and of the others.
    std::array<Tensor, 2> errors() const {
      return {surprise(real).detach(),
              (0.5 * (surprise(-reconstructed) + surprise(-generated))).detach()};
    }
  };

  // Who plays in a step, 0 or 1, as in the code of Larsen et al. 2016
  // (github.com/andersbll/autoencoding_beyond_pixels), whose equilibrium 0.68 is nearly ln 2. If
  // both would rest, both play.
  Tensor discriminator_plays(const Odds& odds) const {
    return (can_learn(odds) | ~has_learnt(odds)).to(at::kFloat);
  }
  Tensor decoder_plays(const Odds& odds) const {
    return (has_learnt(odds) | ~can_learn(odds)).to(at::kFloat);
  }
  /// Whether the discriminator errs often enough to learn more.
  Tensor can_learn(const Odds& odds) const {
    const auto [real, others] = odds.errors();
    return (real >= kEven - params_.margin()) & (others >= kEven - params_.margin());
  }
  /// Whether the discriminator knows enough for the decoder to learn from it.
  Tensor has_learnt(const Odds& odds) const {
    const auto [real, others] = odds.errors();
    return (real <= kEven + params_.margin()) & (others <= kEven + params_.margin());
  }

  /// Half the squared distance of features from those of the image.
  /// @param features of reconstructions, [K B, F] @param real of the images, [B, F]
  static Tensor error_of(const Tensor& features, const Tensor& real, std::int64_t draws) {
    return 0.5 * (features.unflatten(0, {draws, -1}) - real).square().sum(-1).mean();
  }

  /// Means of p(x | z) for draws of the prior, [n, E...].
  Tensor generated_images(std::int64_t n, Draw& draw) const {
    return model_.decode(model_.sample_prior(n, {}, draw))->mean().select(0, 0);
  }

  /// The cross-entropy of a discriminator that cannot tell images apart.
  static constexpr double kEven = std::numbers::ln2;

  const Params& params_;
  Model& model_;
  std::vector<Tensor> decoder_;  // its parameters
  std::shared_ptr<Discriminator> discriminator_;
};

}  // namespace

VARIA_PLUGIN("vaegan", "1.0.0") {
  registry.add<Vaegan>("vaegan",
                       "KL divergence, and reconstruction and images of the prior as a "
                       "discriminator sees them, by its features (Larsen et al. 2016).");
}
