#include "planar_flow.hpp"

#include <ATen/Functions.h>

namespace varia::models {

PlanarFlow::PlanarFlow(Normal base, const std::vector<Tensor>& maps) : base_(std::move(base)) {
  const auto dimensions = base_.mean().size(-1);
  for (const auto& map : maps) {
    const auto w = map.slice(-1, 0, dimensions);
    const auto u = map.slice(-1, dimensions, 2 * dimensions);
    const auto given = (w * u).sum(-1, true);
    const auto along = at::softplus(given) - 1;
    const auto square = w.square().sum(-1, true).clamp_min(1e-12);
    maps_.push_back({w, u + (along - given) * w / square, map.slice(-1, 2 * dimensions), along});
  }
}

Sample PlanarFlow::rsample(Draw& draw) const {
  auto z = base_.rsample(draw).value;
  auto log_q = base_.log_prob(z);
  for (const auto& map : maps_) {
    const auto bend = ((map.w * z).sum(-1, true) + map.b).tanh();
    z = z + map.u * bend;
    log_q = log_q - at::log1p(map.along * (1 - bend.square())).squeeze(-1);
  }
  return {z, log_q};
}

std::vector<std::pair<std::string, Tensor>> PlanarFlow::parameters() const {
  auto all = base_.parameters();
  for (std::size_t i = 0; i < maps_.size(); ++i) {
    const auto number = std::to_string(i);
    all.emplace_back("w" + number, maps_[i].w);
    all.emplace_back("u" + number, maps_[i].u);
    all.emplace_back("b" + number, maps_[i].b);
  }
  return all;
}

Tensor PlanarFlow::log_density(const Tensor& value) const {
  auto z = value;
  auto log_q = at::zeros({1, 1, 1}, value.options());
  for (auto map = maps_.rbegin(); map != maps_.rend(); ++map) {
    // With a = w z before the map, w z after it is a + along tanh(a + b): rising, so bisected.
    const auto after = (map->w * z).sum(-1, true);
    const auto excess = [&](const Tensor& a) {
      return a + map->along * (a + map->b).tanh() - after;
    };
    Tensor a;
    {
      const at::NoGradGuard no_grad;
      auto low = after - map->along.abs(), high = after + map->along.abs();
      for (int halving = 0; halving < 60; ++halving) {
        const auto middle = 0.5 * (low + high);
        const auto above = excess(middle) > 0;
        high = at::where(above, middle, high);
        low = at::where(above, low, middle);
      }
      a = 0.5 * (low + high);
    }
    // One step of Newton's method from the root stays there, and has the root's gradient.
    const auto slope = [&](const Tensor& at) {
      return 1 + map->along * (1 - (at + map->b).tanh().square());
    };
    a = a - excess(a) / slope(a).detach();
    z = z - map->u * (a + map->b).tanh();
    log_q = log_q - slope(a).log();
  }
  return base_.log_prob(z).unsqueeze(-1) + log_q;
}

}  // namespace varia::models
