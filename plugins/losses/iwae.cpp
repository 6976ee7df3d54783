#include <ATen/Functions.h>

#include <cmath>
#include <string>

#include "shared/decoder_parameters.hpp"
#include "varia/build.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/loss.hpp"
#include "varia/model.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct IwaeParams final : ParamSet {
  Integer groups{this,
                 "groups",
                 1,
                 {1, 1 << 20},
                 "M: the train.samples draws are M groups, and their bounds are averaged (MIWAE). "
                 "It divides train.samples."};
  Scheduled elbo{this,
                 "elbo",
                 0.0,
                 {0, 1},
                 "Share of the evidence lower bound in the objective (CIWAE): 0 is the "
                 "importance-weighted bound alone, 1 the evidence lower bound alone."};
  Boolean partial{this, "partial", false,
                  "The groups are the encoder's alone, and the bound of all draws the decoder's "
                  "(PIWAE); takes a second pass through the gradients."};
  Boolean dreg{this, "dreg", false,
               "The encoder's gradient is doubly reparameterised: the same on average, with less "
               "noise the more draws there are (Tucker et al. 2018)."};

 protected:
  // Trials from before there was the choice keep their ids.
  bool in_force(const Parameter& parameter) const override {
    return (&parameter != &dreg || dreg()) && (&parameter != &partial || partial());
  }
  void check() const override {
    if (partial() && dreg()) fail(partial, "goes without dreg");
  }
};

/// ln p(x, z) - ln q(z | x) without the gradient that flows to q's parameters by its density, and
/// not by z. [K, B]
Tensor log_weight_along_draws(const Inference& inference) {
  auto weight = inference.log_weight();
  for (const auto& block : inference.blocks) {
    if (!block.posterior || !block.prior) continue;
    const auto at_fixed_draws = block.posterior->log_prob(block.value.detach());
    weight = weight + (at_fixed_draws - at_fixed_draws.detach());
  }
  return weight;
}

constexpr const char* kEncoder = "encoder";  // the phase

/// The negative importance-weighted bound over K = train.samples draws.
class Iwae final : public Loss {
 public:
  using Params = IwaeParams;
  Iwae(const Params& params, const Build& build) : params_(params) {
    if (build.model != nullptr && build.model->bound() == "none")
      throw ConfigError("loss iwae: the model has no density to weigh its draws by.");
    if (params.dreg() && build.model != nullptr) require_one_density(*build.model);
    if (build.model != nullptr && build.model->bound() == "relaxed")
      throw ConfigError(
          "loss iwae: the model trains with relaxed categories, of whose draws it knows no density "
          "to weigh them by. With straight_through: true they are one-hot, and it does.");
  }

  std::vector<Phase> phases(Model& model) override {
    if (!params_.partial()) return Loss::phases(model);
    Phase decoder{"train", losses::generative_parameters(model), nullptr, false};
    Phase encoder{kEncoder, losses::without(model.parameters(), decoder.parameters), nullptr,
                  false};
    if (encoder.parameters.empty() || decoder.parameters.empty())
      throw ConfigError(params_.partial.where(),
                        "loss iwae: partial: expected a model with parameters of its encoder alone "
                        "and others of its prior and decoder.");
    return {decoder, encoder};
  }

  Terms evaluate(const Inference& inference, const Step& step) override {
    const auto log_weight = inference.log_weight();  // [K, B]
    const auto samples = log_weight.size(0);
    // An evaluation draws once per image, so that the bound is the ELBO there.
    const bool in_groups = is_training() && (!params_.partial() || step.phase == kEncoder);
    const auto groups = in_groups ? params_.groups() : 1;
    if (samples % groups != 0)
      throw ConfigError(params_.groups.where(), "loss iwae: groups: " + std::to_string(groups) +
                                                    " does not divide train.samples, which is " +
                                                    std::to_string(samples) + ".");
    const auto each = samples / groups;
    const auto bound = at::logsumexp(log_weight.unflatten(0, {groups, each}), 1).mean() -
                       std::log(static_cast<double>(each));
    const bool is_mixed = !params_.elbo.is_constant() || params_.elbo() != 0;
    const auto mixture =
        is_mixed ? (1 - params_.elbo()) * bound + params_.elbo() * log_weight.mean() : bound;
    Terms terms{-mixture, {}};
    if (is_mixed) terms.recorded.push_back({"importance_bound", bound});
    if (params_.dreg() && is_training() && at::GradMode::is_enabled())
      terms.objective = mixture.detach().neg() + doubly_reparameterised(inference, groups);
    return terms;
  }

  Better better(std::string_view) const override { return Better::higher; }

 private:
  /// @throws ConfigError unless there is one code, whose draws follow its density's parameters
  static void require_one_density(const Model& model) {
    std::string found;
    std::size_t count = 0;
    bool is_categorical = false;
    for (const auto& latent : model.latents()) {
      if (latent.observed) continue;
      ++count;
      is_categorical |= latent.family == Categorical::kFamily;
      found += (found.empty() ? "'" : ", '") + latent.name + "' (" + latent.family + ")";
    }
    if (count != 1 || is_categorical)
      throw ConfigError(
          "loss iwae: dreg needs a model with one code, and not a categorical one; this one has " +
          found + ".");
  }

  /// 0 with the gradient of the objective. With v the weights over their sum in each group, that of
  /// the decoder is the mean of v times the gradient of ln w, and that of the encoder is the mean
  /// of v^2 times the gradient of ln w along the draws.
  /// @see Tucker et al. 2018, equation 8
  Tensor doubly_reparameterised(const Inference& inference, std::int64_t groups) const {
    const auto& z = inferred(inference).value;
    const auto log_weight = log_weight_along_draws(inference);
    const auto samples = log_weight.size(0);
    const auto in_groups = log_weight.detach().unflatten(0, {groups, samples / groups});
    const auto normalised = in_groups.softmax(1).flatten(0, 1);
    const double elbo = params_.elbo(), bound = 1 - elbo;
    // Of each draw, times the number of images; the two of the evidence lower bound are equal.
    const auto weight =
        bound / static_cast<double>(groups) * normalised + elbo / static_cast<double>(samples);
    if (z.requires_grad()) {
      const auto along = bound / static_cast<double>(groups) * normalised.square() +
                         elbo / static_cast<double>(samples);
      // A weight of 0 has no gradient to multiply.
      const auto factor = (along / weight).nan_to_num(0).unsqueeze(-1);
      z.register_hook([factor](const Tensor& gradient) {
        return (factor * gradient.flatten(2)).reshape_as(gradient);
      });
    }
    const auto sum = (weight * log_weight).sum() / static_cast<double>(log_weight.size(1));
    return sum.detach() - sum;
  }

  /// The code, which draws and has a density at any point.
  static const Block& inferred(const Inference& inference) {
    for (const auto& block : inference.blocks) {
      if (!block.posterior || !block.prior) continue;
      if (block.log_q.defined())
        throw ConfigError(
            "loss iwae: dreg needs a posterior whose density at any point is known; '" +
            block.name + "' (" + std::string(block.posterior->family()) +
            ") tells that of its own draws alone.");
      return block;
    }
    throw ConfigError(
        "loss iwae: dreg needs a model with a code that has a posterior and a prior.");
  }

  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("iwae", "1.0.0") {
  registry.add<Iwae>(
      "iwae",
      "Importance-weighted bound over train.samples draws (Burda et al. 2016), in "
      "groups or mixed with the evidence lower bound (Rainforth et al. 2018). Relaxed "
      "categories have no weights, and are refused.");
}
