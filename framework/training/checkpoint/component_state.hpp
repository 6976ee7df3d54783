#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "files/lease.hpp"
#include "results/tensors.hpp"
#include "varia/tensor.hpp"

namespace varia::training {

class TrialComponents;

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// The same tensors as copies on the CPU, without gradients.
NamedTensors copies_of(const NamedTensors& tensors);

/// "model.encoder.weight0 is nan": the first tensor with a number that is not finite. Empty if all
/// are finite.
std::string first_not_finite(const NamedTensors& tensors);

/// All that training changes in a trial's components. Random generators have no part in it: every
/// stream follows from the step.
struct ComponentState {
  NamedTensors tensors;                  ///< parameters and buffers of model and loss
  std::vector<NamedTensors> optimizers;  ///< of each phase
};

/// The state as it is now. The tensors share storage with the components if these are on the
/// CPU.
ComponentState state_of(const TrialComponents& components);

/// Copies each tensor into the one in the same place, without gradients.
void copy_tensors(const NamedTensors& saved, const NamedTensors& live);

/// Puts parameters and buffers into components that were made for the same trial, bit for bit.
/// @throws TrialError if a name, a type or a shape differs; nothing is changed then
void restore_tensors(const NamedTensors& saved, const TrialComponents& components);

/// Puts a state into components that were made for the same trial, bit for bit.
/// @throws TrialError if a name, a type or a shape differs; nothing is changed then
void restore(const ComponentState& state, TrialComponents& components);

/// Parameters and buffers as they were after an epoch.
struct ParameterSnapshot {
  std::int64_t epoch = 0;  ///< 0: before the first one
  /// Of the metric by which the epoch was chosen; NaN: by none yet.
  double value = std::numeric_limits<double>::quiet_NaN();
  NamedTensors tensors;  ///< none if they are not kept

  /// Takes a copy of what the components have now.
  void take(const TrialComponents& components, std::int64_t epoch, double value);
};

/// A tensor as files store it. @throws TrialError if its type is none of ElementType
results::NamedTensor named_tensor(const std::string& name, const Tensor& tensor);

/// A tensor of a file as one of LibTorch, sharing its bytes; undefined if it is not of that type.
/// @throws TrialError if files do not have the type
Tensor tensor_of(results::NamedTensor& saved, at::ScalarType type);

/// Writes a snapshot as a file of named tensors; nothing if it has none.
/// @param trial its id, which the file keeps
/// @param lease names the temporary file: a run that lost it may be writing another one
/// @throws StoreError
void save_snapshot(const ParameterSnapshot& snapshot, const std::filesystem::path& file,
                   const std::string& trial, const files::Lease& lease);

/// Puts the parameters of a snapshot's file into components that were made for the same trial.
/// @param trial its id
/// @returns the epoch that they are of
/// @throws StoreError if the file is not there, is damaged, or is of another trial
std::int64_t load_snapshot(const std::filesystem::path& file, const std::string& trial,
                           const TrialComponents& components);

}  // namespace varia::training
