#include "varia/optimizer.hpp"

#include <ATen/Functions.h>

#include "varia/plugin.hpp"

namespace {

using namespace varia;

/// Beside what every optimizer takes: lr and clip_norm.
struct MyComponentParams final : OptimizerParams {
  Real momentum{this, "momentum", 0.9, {0, 1}, "How much of the mean gradient is kept a step."};
};

/// Steps of one size in every parameter, in the direction of the mean gradient's sign.
/// @see Bernstein et al. 2018, algorithm 2 (Signum)
class MyComponent final : public Optimizer {
 public:
  using Params = MyComponentParams;
  explicit MyComponent(const Params& params) : params_(params) {}

  void start(std::vector<Tensor> parameters) override {
    parameters_ = std::move(parameters);
    for (const auto& parameter : parameters_) means_.push_back(at::zeros_like(parameter));
  }

  void step() override {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (!parameters_[i].grad().defined()) continue;
      means_[i].mul_(params_.momentum()).add_(parameters_[i].grad(), 1 - params_.momentum());
      parameters_[i].sub_(means_[i].sign(), params_.lr());
    }
  }

  // What a checkpoint has to keep.
  std::map<std::string, Tensor> state() override {
    std::map<std::string, Tensor> state;
    for (std::size_t i = 0; i < means_.size(); ++i) state["mean" + std::to_string(i)] = means_[i];
    return state;
  }

 private:
  const Params& params_;
  std::vector<Tensor> parameters_;
  std::vector<Tensor> means_;
};

}  // namespace

VARIA_PLUGIN("my_component", "0.1.0") {
  registry.add<MyComponent>("my_component", "Sign of the mean gradient (Bernstein et al. 2018).");
}
