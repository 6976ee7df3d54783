#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "shared/decoder_parameters.hpp"
#include "shared/inferred_codes.hpp"
#include "varia/build.hpp"
#include "varia/error.hpp"
#include "varia/loss.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct RaeParams final : ParamSet {
  Scheduled beta{
      this, "beta", 1e-4, {0, 1e9}, "Weight of half the squared norm of the code, in nats."};
  Choice regulariser{this,
                     "regulariser",
                     "gradient",
                     {"gradient", "l2", "none"},
                     "What keeps the decoder smooth: the squared norm of the decoded mean's "
                     "derivative by the code, half the squared norm of the decoder's parameters, "
                     "or nothing."};
  Scheduled lambda{this, "lambda", 1e-7, {0, 1e9}, "Weight of the regulariser."};

 protected:
  bool in_force(const Parameter& parameter) const override {
    return &parameter != &lambda || !regulariser.is("none");
  }
  void check() const override {
    if (lambda.given() && !in_force(lambda))
      fail(lambda, "it has no effect beside regulariser: none; leave it out");
  }
};

/// Reconstruction, a code that stays near zero, and a smooth decoder in place of noise on the code.
class Rae final : public Loss {
 public:
  using Params = RaeParams;

  Rae(const Params& params, const Build& build)
      : params_(params), model_(*build.model), names_(losses::inferred_names(build, "rae")) {
    for (const auto& latent : model_.latents())
      if (!latent.observed && latent.family != Latent::kPoint)
        throw ConfigError(
            "loss rae needs a code without noise, which mlp_autoencoder and "
            "conv_autoencoder have; '" +
            latent.name + "' is " + latent.family);
    decoder_ = losses::decoder_parameters(model_, "rae");
  }

  Terms evaluate(const Inference& inference, const Step& step) override {
    const auto code = 0.5 * losses::side_by_side(inference, names_).square().sum(1).mean();
    const auto objective = reconstruction(inference) + params_.beta() * code;
    if (params_.regulariser.is("none")) return {objective, {{"code", code}}};
    const auto regulariser = params_.regulariser.is("l2")
                                 ? squared_parameters(code.options())
                                 : squared_derivative(inference, step.draw);
    return {objective + params_.lambda() * regulariser,
            {{"code", code}, {"regulariser", regulariser}}};
  }

 private:
  /// As weight decay has it; 0 if the decoder is frozen.
  Tensor squared_parameters(const at::TensorOptions& options) const {
    auto sum = at::zeros({}, options);
    for (const auto& parameter : decoder_) sum = sum + 0.5 * parameter.square().sum();
    return sum;
  }

  /// The squared Frobenius norm of the derivative of the mean by the code, averaged over the batch.
  /// For a vector v of random signs, |v^T J|^2 is that on average (Hutchinson 1990).
  Tensor squared_derivative(const Inference& inference, Draw& draw) const {
    const at::AutoGradMode with_gradients(true);  // in evaluation as well
    std::vector<Tensor> codes;
    LatentValues values;
    bool is_differentiated = true;
    for (const auto& block : inference.blocks) {
      values[block.name] = block.value;
      is_differentiated = is_differentiated && block.value.requires_grad();
    }
    if (!is_differentiated)
      for (auto& [name, value] : values) value = value.detach().requires_grad_();
    for (const auto& name : names_) codes.push_back(values.at(name));
    const auto likelihood = is_differentiated ? inference.likelihood : model_.decode(values);
    const auto mean = likelihood->mean();
    const auto signs = 1 - 2 * draw.uniform(mean.sizes()).lt(0.5).to(mean.scalar_type());
    // Of operators that can be differentiated again, in evaluation too: the same bits.
    const auto derivatives = torch::autograd::grad({mean}, codes, {signs}, true, true);
    auto sum = at::zeros({}, mean.options());
    for (const auto& derivative : derivatives) sum = sum + derivative.square().sum();
    return sum / static_cast<double>(mean.size(0) * mean.size(1));
  }

  const Params& params_;
  Model& model_;
  std::vector<std::string> names_;
  std::vector<Tensor> decoder_;  // its parameters
};

}  // namespace

VARIA_PLUGIN("rae", "1.0.0") {
  registry.add<Rae>("rae",
                    "Regularised autoencoder: reconstruction, the code's norm, and a smooth "
                    "decoder, whose code's density is fitted afterwards (Ghosh et al. 2020).");
}
