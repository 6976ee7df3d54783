#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <vector>

#include "varia/error.hpp"
#include "varia/tensor.hpp"

namespace torch::jit {
struct Module;
}

namespace varia::models {

/// What is wrong with a script, in one line that follows its name: "is not a TorchScript file".
class ScriptError final : public Error {
 public:
  using Error::Error;
};

/// A module that torch.jit exported, trained as one of LibTorch's own: its parameters and buffers
/// are registered here by their names, and are the script's own tensors.
class ScriptModule final : public torch::nn::Module {
 public:
  /// In training mode.
  /// @param content of the file
  /// @throws ScriptError if it is not a TorchScript file, is of a newer version, has no forward of
  ///         one argument, has parameters that are not float32 or tensors that cannot be saved, or
  ///         assigns to its attributes, which no checkpoint would have
  explicit ScriptModule(const std::string& content);
  ~ScriptModule() override;

  void train(bool on = true) override;

  /// What the script's forward gives: a tensor, or those of a tuple or a list. The script is
  /// interpreted as it is written: what the interpreter makes of it after some calls need not round
  /// alike, and a run that resumes from a checkpoint would have other bits.
  /// @throws ScriptError with the script's own message if it fails
  std::vector<Tensor> forward(const Tensor& input) const;

  /// The same from a copy, without gradients. This module is as it was.
  /// @throws ScriptError as forward, and if, in evaluation, it gives other numbers when it is
  ///         asked again, or changes its own tensors
  std::vector<Tensor> try_out(const Tensor& input, bool training) const;

  /// Puts the numbers of each trained tensor in a random order, by the default generator.
  void permute_parameters();

  /// Whether the last that forward does to its numbers is a sigmoid.
  bool ends_in_sigmoid() const;

 private:
  std::unique_ptr<torch::jit::Module> script_;
};

}  // namespace varia::models
