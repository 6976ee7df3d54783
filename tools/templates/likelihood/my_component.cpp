#include "varia/likelihood.hpp"

#include <ATen/Functions.h>

#include <cmath>

#include "varia/distributions.hpp"
#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct MyComponentParams final : ParamSet {
  Real scale{this, "scale", 0.1, {1e-3, 10}, "Standard deviation of a pixel, white being 1."};
};

/// Pixels about a mean in (0, 1), which is a sigmoid of the decoder's output.
class MyComponent final : public Likelihood {
 public:
  using Params = MyComponentParams;
  explicit MyComponent(const Params& params) : params_(params) {}

  DistributionPtr distribution(const Tensor& output) const override {
    const auto log_var = at::full({1}, 2 * std::log(params_.scale()), output.options());
    return std::make_shared<Normal>(output.sigmoid(), log_var);
  }

  // The inverse of the sigmoid, finite at the ends.
  Tensor output_for_mean(const Tensor& mean) const override { return mean.logit(1e-3); }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("my_component", "0.1.0") {
  registry.add<MyComponent>("my_component", "Gaussian pixels whose mean is a sigmoid.");
}
