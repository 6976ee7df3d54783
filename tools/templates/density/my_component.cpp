#include "varia/density.hpp"

#include <ATen/Functions.h>

#include <cmath>
#include <numbers>

#include "varia/error.hpp"
#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct MyComponentParams final : ParamSet {
  Real floor{this, "floor", 1e-6, {0, 1e6}, "Added to every variance."};
};

/// A Gaussian with the mean and the variance of the points in every dimension.
class MyComponent final : public Density {
 public:
  using Params = MyComponentParams;
  explicit MyComponent(const Params& params) : params_(params) {}

  void fit(const Tensor& points, Draw&) override {
    const auto x = checked(points);
    if (x.size(0) == 0) throw TrialError("density my_component: there are no points to fit.");
    mean_ = x.mean(0);
    variance_ = x.var(0, false) + params_.floor();
  }

  Tensor log_prob(const Tensor& points) const override {
    require_fit();
    const auto x = checked(points);
    if (x.size(1) != mean_.size(0))
      throw TrialError("density my_component: the points have another number of dimensions.");
    const auto squares = (x - mean_).square() / variance_;
    return -0.5 * (squares + variance_.log() + std::log(2 * std::numbers::pi)).sum(1);
  }

  Tensor sample(std::int64_t n, Draw& draw) const override {
    require_fit();
    if (n < 0) throw TrialError("density my_component: a sample has no negative size.");
    return mean_ + variance_.sqrt() * draw.normal({n, mean_.size(0)}).to(at::kDouble);
  }

 private:
  /// [N, D] float64 on the CPU
  static Tensor checked(const Tensor& points) {
    if (!points.defined() || points.dim() != 2)
      throw TrialError("density my_component: expected points [N, D].");
    const auto x = points.to(at::kCPU, at::kDouble);
    if (!x.isfinite().all().item<bool>())
      throw TrialError("density my_component: a point is not finite.");
    return x;
  }
  void require_fit() const {
    if (!mean_.defined()) throw TrialError("density my_component: nothing was fitted yet.");
  }

  const Params& params_;
  Tensor mean_;      // [D]
  Tensor variance_;  // [D]
};

}  // namespace

VARIA_PLUGIN("my_component", "0.1.0") {
  registry.add<MyComponent>("my_component", "A Gaussian with independent dimensions.");
}
