#pragma once

#include <memory>
#include <string>
#include <vector>

#include "experiment/trial.hpp"
#include "varia/model.hpp"

namespace varia::training {

class TrialComponents;

/// The parts of a model that stay as they are (`model.freeze`): their parameters have no gradients,
/// their modules are in evaluation mode while the rest is trained, and their buffers, which a model
/// or a layer may move by itself, are put back after every step.
class FrozenParts {
 public:
  FrozenParts() = default;
  /// Freezes them.
  /// @throws ConfigError naming the parts that the model has, if it has none of one of the names
  FrozenParts(const std::vector<std::string>& names, const Location& where, Model& model);

  /// Puts the modules back into evaluation mode, after the model was put into training mode.
  void keep_evaluating() const;

  /// The values of the buffers, in their order.
  std::vector<Tensor> buffer_values() const;
  void put_back(const std::vector<Tensor>& buffer_values) const;

 private:
  std::vector<std::shared_ptr<torch::nn::Module>> modules_;
  std::vector<Tensor> buffers_;
};

/// Gives the model the values that its trial starts with (`model.from`); none: changes nothing.
/// @throws ConfigError listing every tensor that the source lacks, or has in another shape or type;
///         nothing was changed then
void warm_start(const experiment::Trial& trial, const TrialComponents& components);

}  // namespace varia::training
