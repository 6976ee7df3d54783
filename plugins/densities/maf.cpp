#include <ATen/Functions.h>
#include <torch/optim/adam.h>

#include <cmath>
#include <limits>
#include <memory>
#include <numbers>

#include "shared/points.hpp"
#include "varia/autoregressive_network.hpp"
#include "varia/density.hpp"
#include "varia/error.hpp"
#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

namespace varia::densities {
namespace {

const std::string kName = "maf";

struct MafParams final : ParamSet {
  Integer layers{
      this, "layers", 5, {1, 100}, "Autoregressive layers; every second one in reverse."};
  IntegerList hidden{this,
                     "hidden",
                     {64, 64},
                     {1, 1 << 14},
                     "Widths of the hidden layers of each layer's network."};
  Integer epochs{this, "epochs", 100, {1, 1'000'000}, "Passes over the points, at most."};
  Integer patience{this,
                   "patience",
                   5,
                   {1, 1'000'000},
                   "Passes without a better likelihood of the points held out, after which a fit "
                   "ends."};
  Integer batch{this, "batch", 256, {1, 1 << 20}, "Points of a step."};
  Real lr{this, "lr", 1e-3, {1e-9, 1}, "Of the optimizer, Adam."};

 protected:
  void check() const override {
    if (hidden().empty()) fail(hidden, "expected at least one width, found none");
  }
};

/// Of the points, held out to end a fit.
constexpr double kHeldOut = 0.1;
/// Of a dimension in which all points are equal.
constexpr double kLeastScale = 1e-6;
/// A layer scales a dimension by e^-7 to e^7: far points cannot make a fit diverge.
constexpr double kMostLogScale = 7;

/// Masked autoregressive flow: each dimension is Gaussian given those before it, layer on layer.
class Maf final : public Density {
 public:
  using Params = MafParams;
  explicit Maf(const Params& params) : params_(params) {}

  void fit(const Tensor& points, Draw& draw) override {
    const auto data = points_to_fit(kName, points);
    shift_ = data.mean(0);
    scale_ = data.std(0, /*unbiased=*/false).clamp_min(kLeastScale);
    start(data.size(1), draw);
    const auto order = draw.permutation(data.size(0));
    const auto standard = (data - shift_) / scale_;
    const auto held_out = static_cast<std::int64_t>(kHeldOut * static_cast<double>(data.size(0)));
    train(standard.index_select(0, order.slice(0, held_out)),
          standard.index_select(0, order.slice(0, 0, std::max<std::int64_t>(held_out, 1))), draw);
  }

  Tensor log_prob(const Tensor& points) const override {
    const auto data = points_to_judge(kName, points, dimensions());
    const at::NoGradGuard no_grad;
    const auto result = at::empty({data.size(0)}, at::kDouble);
    in_parts(data.size(0), params_.hidden().front(), kPart, [&](auto begin, auto end) {
      result.slice(0, begin, end)
          .copy_(log_prob_of_standard((data.slice(0, begin, end) - shift_) / scale_));
    });
    return result - scale_.log().sum();
  }

  Tensor sample(std::int64_t n, Draw& draw) const override {
    require_fit(kName, dimensions(), n);
    const at::NoGradGuard no_grad;
    auto x = draw.normal({n, dimensions()}).to(at::kDouble);
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
      // Each pass finds one dimension more.
      auto found = at::zeros_like(x);
      for (std::int64_t d = 0; d < dimensions(); ++d) {
        const auto [mean, log_scale] = given(**layer, found);
        found.select(1, d).copy_((x * log_scale.exp() + mean).select(1, d));
      }
      x = std::next(layer) == layers_.rend() ? found : found.flip({1});
    }
    return x * scale_ + shift_;
  }

 private:
  std::int64_t dimensions() const { return shift_.defined() ? shift_.size(0) : 0; }

  /// Networks with first values from the stream.
  void start(std::int64_t dimensions, Draw& draw) {
    layers_.clear();
    for (std::int64_t i = 0; i < params_.layers(); ++i) {
      layers_.push_back(std::make_shared<AutoregressiveNetwork>(dimensions, 2, params_.hidden()));
      layers_.back()->to(at::kDouble);
    }
    const at::NoGradGuard no_grad;
    for (auto& parameter : parameters()) {
      const double reach = 1 / std::sqrt(static_cast<double>(parameter.size(-1)));
      parameter.copy_((2 * draw.uniform(parameter.sizes()) - 1) * reach);
    }
  }

  std::vector<Tensor> parameters() const {
    std::vector<Tensor> all;
    for (const auto& layer : layers_)
      for (auto& parameter : layer->parameters()) all.push_back(parameter);
    return all;
  }

  void train(const Tensor& points, const Tensor& held_out, Draw& draw) {
    const at::AutoGradMode with_gradients(true);  // metrics are measured without
    torch::optim::Adam optimizer(parameters(), torch::optim::AdamOptions(params_.lr()));
    double best = -std::numeric_limits<double>::infinity();
    std::vector<Tensor> kept;
    std::int64_t waited = 0;
    for (std::int64_t epoch = 0; epoch < params_.epochs() && waited < params_.patience(); ++epoch) {
      for (const auto& rows : draw.permutation(points.size(0)).split(params_.batch())) {
        optimizer.zero_grad();
        (-log_prob_of_standard(points.index_select(0, rows)).mean()).backward();
        optimizer.step();
      }
      const at::NoGradGuard no_grad;
      const auto reached = log_prob_of_standard(held_out).mean().item<double>();
      ++waited;
      if (!(reached > best)) continue;
      best = reached;
      waited = 0;
      kept.clear();
      for (const auto& parameter : parameters()) kept.push_back(parameter.clone());
    }
    if (kept.empty())
      throw TrialError("density maf: no fit has a finite likelihood; a lower 'lr' may help.");
    const at::NoGradGuard no_grad;
    const auto all = parameters();
    for (std::size_t i = 0; i < all.size(); ++i) all[i].copy_(kept[i]);
  }

  struct Given {
    Tensor mean, log_scale;  ///< [n, D] of each dimension, given those before it
  };
  static Given given(const AutoregressiveNetwork& layer, const Tensor& points) {
    const auto outputs = layer.forward(points);
    return {outputs.select(-2, 0), kMostLogScale * (outputs.select(-2, 1) / kMostLogScale).tanh()};
  }

  /// @param points [n, D], of mean 0 and variance 1
  /// @returns      [n] nats
  Tensor log_prob_of_standard(const Tensor& points) const {
    auto x = points;
    auto log_prob = at::zeros({points.size(0)}, at::kDouble);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (i > 0) x = x.flip({1});
      const auto [mean, log_scale] = given(*layers_[i], x);
      x = (x - mean) * (-log_scale).exp();
      log_prob = log_prob - log_scale.sum(1);
    }
    return log_prob - 0.5 * (x.square() + std::log(2 * std::numbers::pi)).sum(1);
  }

  const Params& params_;
  Tensor shift_, scale_;  // [D]
  std::vector<std::shared_ptr<AutoregressiveNetwork>> layers_;
};

}  // namespace
}  // namespace varia::densities

VARIA_PLUGIN("maf", "1.0.0") {
  registry.add<varia::densities::Maf>(
      "maf", "A masked autoregressive flow, trained by Adam (Papamakarios et al. 2017).");
}
