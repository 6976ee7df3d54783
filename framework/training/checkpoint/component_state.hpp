#pragma once

#include <string>
#include <utility>
#include <vector>

#include "varia/tensor.hpp"

namespace varia::training {

class TrialComponents;

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// The same tensors as copies on the CPU, without gradients.
NamedTensors copies_of(const NamedTensors& tensors);

/// All that training changes in a trial's components. Random generators have no part in it: every
/// stream follows from the step.
struct ComponentState {
  NamedTensors tensors;                  ///< parameters and buffers of model and loss
  std::vector<NamedTensors> optimizers;  ///< of each phase
};

/// The state as it is now. The tensors share storage with the components where these are on the
/// CPU.
ComponentState state_of(const TrialComponents& components);

/// Puts a state into components that were made for the same trial, bit for bit.
/// @throws TrialError where a name, a type or a shape differs; nothing is changed then
void restore(const ComponentState& state, TrialComponents& components);

}  // namespace varia::training
