#include <ATen/Functions.h>

#include <cmath>

#include "varia/adam_step.hpp"
#include "varia/optimizer.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

template <bool kDecoupled>
struct AdamParams final : OptimizerParams {
  Real beta1{this, "beta1", 0.9, {0, 0.999999}, "Decay of the mean of the gradients."};
  Real beta2{this, "beta2", 0.999, {0, 0.999999}, "Decay of the mean of their squares."};
  Real epsilon{this, "epsilon", 1e-8, {0, 1}, "Added to the root of the mean square."};
  Real weight_decay{this,
                    "weight_decay",
                    kDecoupled ? 0.01 : 0.0,
                    {0, 1e3},
                    kDecoupled ? "Part of each parameter that is taken off per unit of lr."
                               : "Weight of the squared parameters, added to the gradients."};
};

template <bool kDecoupled>
class Adam final : public Optimizer {
 public:
  using Params = AdamParams<kDecoupled>;
  explicit Adam(const Params& params) : params_(params), steps_(at::zeros({}, at::kDouble)) {}

  void start(std::vector<Tensor> parameters) override {
    parameters_ = std::move(parameters);
    for (const auto& parameter : parameters_) {
      means_.push_back(at::zeros_like(parameter));
      squares_.push_back(at::zeros_like(parameter));
    }
  }

  void step() override {
    const double t = ++*steps_.template data_ptr<double>();
    const double lr = params_.lr();
    AdamFactors f{};
    f.beta1 = static_cast<float>(params_.beta1());
    f.beta2 = static_cast<float>(params_.beta2());
    f.epsilon = static_cast<float>(params_.epsilon());
    // The corrections take the rounded decays that the means are made with: 1 - 0.999F is off by
    // 1e-5, and with the unrounded ones so would be every step.
    f.step_size = static_cast<float>(lr / (1 - std::pow(static_cast<double>(f.beta1), t)));
    f.root_correction =
        static_cast<float>(1 / std::sqrt(1 - std::pow(static_cast<double>(f.beta2), t)));
    f.shrink = kDecoupled ? static_cast<float>(1 - lr * params_.weight_decay()) : 1.0F;
    f.decay = kDecoupled ? 0.0F : static_cast<float>(params_.weight_decay());
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (parameters_[i].grad().defined()) update(i, f);
    }
  }

  std::map<std::string, Tensor> state() override {
    std::map<std::string, Tensor> state = {{"steps", steps_}};
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      state["mean" + std::to_string(i)] = means_[i];
      state["square" + std::to_string(i)] = squares_[i];
    }
    return state;
  }

 private:
  void update(std::size_t i, const AdamFactors& f) {
    auto& parameter = parameters_[i];
    if (parameter.is_cpu() && parameter.scalar_type() == at::kFloat &&
        parameter.is_non_overlapping_and_dense() &&
        parameter.strides() == parameter.grad().strides()) {
      adam_step(parameter.data_ptr<float>(), parameter.grad().data_ptr<float>(),
                means_[i].data_ptr<float>(), squares_[i].data_ptr<float>(), parameter.numel(), f);
      return;
    }
    // The same formulas for another device, type or layout.
    const auto g = parameter.grad() + f.decay * parameter;
    means_[i].mul_(f.beta1).add_(g, 1 - f.beta1);
    squares_[i].mul_(f.beta2).addcmul_(g, g, 1 - f.beta2);
    parameter.mul_(f.shrink).addcdiv_(means_[i], squares_[i].sqrt() * f.root_correction + f.epsilon,
                                      -f.step_size);
  }

  const Params& params_;
  Tensor steps_;
  std::vector<Tensor> parameters_;
  std::vector<Tensor> means_;
  std::vector<Tensor> squares_;
};

}  // namespace

VARIA_PLUGIN("adam", "1.0.0") {
  registry.add<Adam<false>>("adam", "Adam (Kingma & Ba 2015).");
  registry.add<Adam<true>>("adamw", "Adam with decoupled weight decay (Loshchilov & Hutter 2019).");
}
