#include <ATen/Functions.h>

#include <cmath>

#include "varia/adam_step.hpp"
#include "varia/optimizer.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct DecayedParams : OptimizerParams {
  Real weight_decay{this,
                    "weight_decay",
                    0.0,
                    {0, 1e3},
                    "Weight of half the squared parameters, whose gradient is added."};
};

/// Keeps a few tensors per parameter and the number of steps; a derived class has the formula.
class PerParameterOptimizer : public Optimizer {
 public:
  /// @param weight_decay times a parameter is added to its gradient
  PerParameterOptimizer(const OptimizerParams& params, double weight_decay,
                        std::vector<std::string> slots)
      : lr_(params.lr),
        weight_decay_(weight_decay),
        slots_(std::move(slots)),
        steps_(at::zeros({}, at::kDouble)) {}

  void start(std::vector<Tensor> parameters) override {
    parameters_ = std::move(parameters);
    for (const auto& parameter : parameters_) {
      kept_.emplace_back();
      for (std::size_t slot = 0; slot < slots_.size(); ++slot)
        kept_.back().push_back(at::zeros_like(parameter));
    }
  }

  void step() override {
    const double count = ++*steps_.data_ptr<double>();
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      auto& parameter = parameters_[i];
      if (!parameter.grad().defined()) continue;
      const auto gradient = weight_decay_ == 0
                                ? parameter.grad()
                                : at::add(parameter.grad(), parameter, weight_decay_);
      update(parameter, gradient, kept_[i], lr_(), count);
    }
  }

  std::map<std::string, Tensor> state() override {
    std::map<std::string, Tensor> state = {{"steps", steps_}};
    for (std::size_t i = 0; i < kept_.size(); ++i)
      for (std::size_t slot = 0; slot < slots_.size(); ++slot)
        state[slots_[slot] + std::to_string(i)] = kept_[i][slot];
    return state;
  }

 protected:
  /// @param kept the tensors of this parameter, one per slot
  /// @param step from 1
  virtual void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& kept,
                      double lr, double step) = 0;

 private:
  const Scheduled& lr_;
  double weight_decay_;
  std::vector<std::string> slots_;
  Tensor steps_;
  std::vector<Tensor> parameters_;
  std::vector<std::vector<Tensor>> kept_;
};

struct SgdParams final : DecayedParams {
  Real momentum{this, "momentum", 0.0, {0, 0.999999}, "Decay of the running sum of gradients."};
  Boolean nesterov{this, "nesterov", false,
                   "Look ahead along the momentum (Sutskever et al. 2013)."};

 protected:
  void check() const override {
    if (nesterov() && momentum() == 0)
      fail(nesterov, "nesterov looks ahead along the momentum and needs one above 0");
  }
};

class Sgd final : public PerParameterOptimizer {
 public:
  using Params = SgdParams;
  explicit Sgd(const Params& params)
      : PerParameterOptimizer(params, params.weight_decay(), slots(params)), params_(params) {}

 private:
  static std::vector<std::string> slots(const Params& params) {
    return params.momentum() > 0 ? std::vector<std::string>{"momentum"}
                                 : std::vector<std::string>{};
  }

  void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& kept, double lr,
              double) override {
    if (kept.empty()) {
      parameter.add_(gradient, -lr);
      return;
    }
    kept[0].mul_(params_.momentum()).add_(gradient);
    if (params_.nesterov())
      parameter.add_(at::add(gradient, kept[0], params_.momentum()), -lr);
    else
      parameter.add_(kept[0], -lr);
  }

  const Params& params_;
};

struct RmspropParams final : DecayedParams {
  Real alpha{this, "alpha", 0.99, {0, 0.999999}, "Decay of the mean of squared gradients."};
  Real epsilon{this, "epsilon", 1e-8, {1e-20, 1}, "Added to the root of the mean square."};
  Boolean centered{this, "centered", false,
                   "Divide by the standard deviation of the gradients in place of their root mean "
                   "square (Graves 2013, section 4.2)."};

 protected:
  // Trials from before there was the choice keep their ids.
  bool in_force(const Parameter& parameter) const override {
    return &parameter != &centered || centered();
  }
};

class Rmsprop final : public PerParameterOptimizer {
 public:
  using Params = RmspropParams;
  explicit Rmsprop(const Params& params)
      : PerParameterOptimizer(params, params.weight_decay(),
                              params.centered() ? std::vector<std::string>{"square", "mean"}
                                                : std::vector<std::string>{"square"}),
        params_(params) {}

 private:
  void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& kept, double lr,
              double) override {
    kept[0].mul_(params_.alpha()).addcmul_(gradient, gradient, 1 - params_.alpha());
    auto scale = kept[0];
    if (params_.centered()) {
      kept[1].mul_(params_.alpha()).add_(gradient, 1 - params_.alpha());
      // Equal gradients have no variance, and rounding must not make it negative.
      scale = kept[0].addcmul(kept[1], kept[1], -1).clamp_min_(0);
    }
    parameter.addcdiv_(gradient, scale.sqrt().add_(params_.epsilon()), -lr);
  }

  const Params& params_;
};

struct AdamaxParams final : DecayedParams {
  Real beta1{this, "beta1", 0.9, {0, 0.999999}, "Decay of the mean of the gradients."};
  Real beta2{this, "beta2", 0.999, {0, 0.999999}, "Decay of their largest magnitude."};
  Real epsilon{this, "epsilon", 1e-8, {1e-20, 1}, "Added to every magnitude."};
};

class Adamax final : public PerParameterOptimizer {
 public:
  using Params = AdamaxParams;
  explicit Adamax(const Params& params)
      : PerParameterOptimizer(params, params.weight_decay(), {"mean", "largest"}),
        params_(params) {}

 private:
  void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& kept, double lr,
              double step) override {
    kept[0].mul_(params_.beta1()).add_(gradient, 1 - params_.beta1());
    kept[1].mul_(params_.beta2());
    at::maximum_out(kept[1], kept[1], gradient.abs().add_(params_.epsilon()));
    parameter.addcdiv_(kept[0], kept[1], -lr / (1 - std::pow(params_.beta1(), step)));
  }

  const Params& params_;
};

template <bool kDecoupled>
struct AdamParams final : OptimizerParams {
  Real beta1{this, "beta1", 0.9, {0, 0.999999}, "Decay of the mean of the gradients."};
  Real beta2{this, "beta2", 0.999, {0, 0.999999}, "Decay of the mean of their squares."};
  Real epsilon{this, "epsilon", 1e-8, {1e-20, 1}, "Added to the root of the mean square."};
  Real weight_decay{this,
                    "weight_decay",
                    kDecoupled ? 0.01 : 0.0,
                    {0, 1e3},
                    kDecoupled ? "Part of each parameter that is taken off per unit of lr."
                               : "Weight of half the squared parameters, whose gradient is added."};
};

template <bool kDecoupled>
class Adam final : public PerParameterOptimizer {
 public:
  using Params = AdamParams<kDecoupled>;
  // The pass over a parameter adds the decay itself.
  explicit Adam(const Params& params)
      : PerParameterOptimizer(params, 0, {"mean", "square"}), params_(params) {}

 private:
  AdamFactors factors(double lr, double step) const {
    AdamFactors f{};
    f.beta1 = static_cast<float>(params_.beta1());
    f.beta2 = static_cast<float>(params_.beta2());
    f.epsilon = static_cast<float>(params_.epsilon());
    // The corrections take the rounded decays that the means are made with: 1 - 0.999F is off by
    // 1e-5, and with the unrounded ones so would be every step.
    f.step_size = static_cast<float>(lr / (1 - std::pow(static_cast<double>(f.beta1), step)));
    f.root_correction =
        static_cast<float>(1 / std::sqrt(1 - std::pow(static_cast<double>(f.beta2), step)));
    f.shrink = kDecoupled ? static_cast<float>(1 - lr * params_.weight_decay()) : 1.0F;
    f.decay = kDecoupled ? 0.0F : static_cast<float>(params_.weight_decay());
    return f;
  }

  void update(Tensor& parameter, const Tensor& gradient, std::vector<Tensor>& kept, double lr,
              double step) override {
    const auto f = factors(lr, step);
    if (parameter.is_cpu() && parameter.scalar_type() == at::kFloat &&
        parameter.is_non_overlapping_and_dense() && parameter.strides() == gradient.strides()) {
      adam_step(parameter.data_ptr<float>(), gradient.data_ptr<float>(), kept[0].data_ptr<float>(),
                kept[1].data_ptr<float>(), parameter.numel(), f);
      return;
    }
    // The same formulas for another device, type or layout.
    const auto g = gradient + f.decay * parameter;
    kept[0].mul_(f.beta1).add_(g, 1 - f.beta1);
    kept[1].mul_(f.beta2).addcmul_(g, g, 1 - f.beta2);
    parameter.mul_(f.shrink).addcdiv_(kept[0], kept[1].sqrt() * f.root_correction + f.epsilon,
                                      -f.step_size);
  }

  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("optimizers", "1.0.0") {
  registry.add<Adam<false>>("adam", "Adam (Kingma & Ba 2015).");
  registry.add<Adam<true>>("adamw", "Adam with decoupled weight decay (Loshchilov & Hutter 2019).");
  registry.add<Sgd>("sgd", "Stochastic gradient descent with momentum (Sutskever et al. 2013).");
  registry.add<Rmsprop>("rmsprop",
                        "Division by a running root mean square (Tieleman & Hinton 2012).");
  registry.add<Adamax>("adamax", "Adam with the infinity norm (Kingma & Ba 2015).");
}
