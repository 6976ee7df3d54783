#include "inverse_autoregressive_flow.hpp"

#include <ATen/Functions.h>

namespace varia::models {

namespace {
/// Gates begin near 1, so that a step begins near the identity (Kingma et al. 2016, section 4).
constexpr double kOpen = 2;

/// `values` [K|1, B|1, E] with the K and B of `like`. Adding zeros leaves both open to a trace.
Tensor spread(const Tensor& values, const Tensor& like) {
  return values + at::zeros_like(like.slice(-1, 0, 1));
}
}  // namespace

InverseAutoregressiveFlow::InverseAutoregressiveFlow(Normal base, Tensor context, Networks steps)
    : base_(std::move(base)), context_(std::move(context)), steps_(std::move(steps)) {}

InverseAutoregressiveFlow::Step InverseAutoregressiveFlow::step_at(
    const AutoregressiveNetwork& network, const Tensor& points) const {
  const auto outputs = network.forward(points, spread(context_, points));  // [K, B, 2, D]
  const auto gate = outputs.select(-2, 1) + kOpen;
  const auto opened = gate.sigmoid();
  return {(1 - opened) * outputs.select(-2, 0), opened, at::log_sigmoid(gate)};
}

Sample InverseAutoregressiveFlow::rsample(Draw& draw) const {
  auto z = base_.rsample(draw).value;
  auto log_q = base_.log_prob(z);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (i > 0) z = z.flip({-1});
    const auto step = step_at(*steps_[i], z);
    z = step.gate * z + step.shift;
    log_q = log_q - step.log_gate.sum(-1);
  }
  return {z, log_q};
}

std::vector<std::pair<std::string, Tensor>> InverseAutoregressiveFlow::parameters() const {
  auto all = base_.parameters();
  all.emplace_back("context", context_);
  return all;
}

Tensor InverseAutoregressiveFlow::log_density(const Tensor& value) const {
  auto z = spread(value, context_);
  Tensor log_q = at::zeros({1, 1}, z.options());
  for (auto i = steps_.size(); i-- > 0;) {
    // Each pass finds one dimension more: what a step did to it follows from those before it.
    auto before = at::zeros_like(z);
    for (std::int64_t d = 0; d < z.size(-1); ++d) {
      const auto step = step_at(*steps_[i], before);
      const auto found = ((z - step.shift) / step.gate).select(-1, d);
      before = at::cat({before.slice(-1, 0, d), found.unsqueeze(-1), before.slice(-1, d + 1)}, -1);
    }
    log_q = log_q - step_at(*steps_[i], before).log_gate.sum(-1);
    z = i > 0 ? before.flip({-1}) : before;
  }
  return (base_.log_prob(z) + log_q).unsqueeze(-1);
}

}  // namespace varia::models
