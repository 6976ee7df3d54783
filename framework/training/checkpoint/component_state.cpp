#include "training/checkpoint/component_state.hpp"

#include <ATen/Functions.h>

#include "training/components.hpp"
#include "varia/error.hpp"

namespace varia::training {

namespace {

NamedTensors optimizer_state(const PhaseOptimizer& phase) {
  NamedTensors tensors;
  for (const auto& [name, tensor] : phase.optimizer->state()) tensors.emplace_back(name, tensor);
  return tensors;
}

void require_same(const NamedTensors& saved, const NamedTensors& live) {
  if (saved.size() != live.size())
    throw TrialError("a state of " + std::to_string(saved.size()) +
                     " tensors does not fit components with " + std::to_string(live.size()));
  for (std::size_t i = 0; i < saved.size(); ++i) {
    const auto& [name, tensor] = saved[i];
    const auto& [expected, target] = live[i];
    if (name != expected || tensor.scalar_type() != target.scalar_type() ||
        tensor.sizes() != target.sizes())
      throw TrialError("the state of '" + name + "' does not fit '" + expected + "'");
  }
}

void copy(const NamedTensors& saved, const NamedTensors& live) {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < saved.size(); ++i) {
    auto target = live[i].second;
    target.copy_(saved[i].second);
  }
}

}  // namespace

NamedTensors copies_of(const NamedTensors& tensors) {
  NamedTensors copies;
  for (const auto& [name, tensor] : tensors)
    copies.emplace_back(name, tensor.detach().to(at::kCPU).clone());
  return copies;
}

ComponentState state_of(const TrialComponents& components) {
  ComponentState state;
  const auto on_cpu = [](NamedTensors tensors) {
    for (auto& [name, tensor] : tensors) tensor = tensor.detach().to(at::kCPU);
    return tensors;
  };
  state.tensors = on_cpu(components.tensors());
  for (const auto& phase : components.phases)
    state.optimizers.push_back(on_cpu(optimizer_state(phase)));
  return state;
}

void restore(const ComponentState& state, TrialComponents& components) {
  const auto tensors = components.tensors();
  std::vector<NamedTensors> optimizers;
  for (const auto& phase : components.phases) optimizers.push_back(optimizer_state(phase));
  require_same(state.tensors, tensors);
  if (state.optimizers.size() != optimizers.size())
    throw TrialError("a state of " + std::to_string(state.optimizers.size()) +
                     " optimizers does not fit a loss with " + std::to_string(optimizers.size()) +
                     " phases");
  for (std::size_t i = 0; i < optimizers.size(); ++i)
    require_same(state.optimizers[i], optimizers[i]);

  copy(state.tensors, tensors);
  for (std::size_t i = 0; i < optimizers.size(); ++i) copy(state.optimizers[i], optimizers[i]);
}

}  // namespace varia::training
