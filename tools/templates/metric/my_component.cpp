#include "varia/metric.hpp"

#include <ATen/Functions.h>

#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct MyComponentParams final : ParamSet {
  Boolean root{this, "root", false, "The square root of the mean, in units of a pixel."};
};

/// Mean squared difference of a pixel from what the model makes of it.
class MyComponent final : public Metric {
 public:
  using Params = MyComponentParams;
  explicit MyComponent(const Params& params) : params_(params) {}

  std::string units(std::string_view) const override { return "1"; }
  // What `varia show` and `varia compare` rank by; without it they ask for --order.
  Better better(std::string_view) const override { return Better::lower; }

  void begin(const Evaluation&) override {
    sum_ = 0;
    pixels_ = 0;
  }

  // One batch of the pass that all metrics share; a metric that needs passes of its own makes them
  // in result().
  void update(const Inference& inference, const Batch& batch) override {
    const auto difference = inference.likelihood->mean() - batch.target;  // [1, B, C, H, W]
    sum_ += difference.to(at::kDouble).square().sum().item<double>();
    pixels_ += batch.target.numel();
  }

  Values result(const Evaluation&) override {
    const auto mean = at::scalar_tensor(sum_ / static_cast<double>(pixels_), at::kDouble);
    return {{"my_component", params_.root() ? mean.sqrt() : mean}};
  }

 private:
  const Params& params_;
  double sum_ = 0;
  std::int64_t pixels_ = 0;
};

}  // namespace

VARIA_PLUGIN("my_component", "0.1.0") {
  registry.add<MyComponent>("my_component", "Mean squared error of the reconstructed pixels.");
}
