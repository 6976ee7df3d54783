#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <utility>
#include <vector>

namespace varia {

/// Keeps a module and its parts in evaluation mode, then puts each part back into the mode that it
/// had: frozen parts evaluate in training, too. For a loss, a metric or a view that tries a model:
/// running means of its layers stay as they are.
class EvaluationMode {
 public:
  /// @param module outlives this
  explicit EvaluationMode(torch::nn::Module& module)
      : module_(module), was_training_(module.is_training()) {
    for (const auto& part : module.modules(/*include_self=*/false))
      parts_.emplace_back(part, part->is_training());
    module_.eval();
  }
  ~EvaluationMode() {
    module_.train(was_training_);
    for (const auto& [part, was_training] : parts_) part->train(was_training);
  }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  torch::nn::Module& module_;
  bool was_training_;
  /// Each before its own parts.
  std::vector<std::pair<std::shared_ptr<torch::nn::Module>, bool>> parts_;
};

}  // namespace varia
