#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "training/checkpoint/component_state.hpp"
#include "varia/draw.hpp"
#include "varia/error.hpp"

namespace varia::portable {

using training::NamedTensors;

/// Why a function cannot be a script, in one line that follows the function's name.
class TraceError final : public Error {
 public:
  using Error::Error;
};

/// Stands for the number of samples of a batch in a shape.
inline constexpr std::int64_t kBatch = -1;

/// What a script takes or gives.
struct ScriptTensor {
  std::string name;
  at::ScalarType type = at::kFloat;
  std::vector<std::int64_t> shape;
  std::string noise;  ///< of an input: "normal" or "uniform"; empty if it is not noise
};

/// A function of tensors of a batch, which may draw numbers besides.
struct Function {
  /// Inputs for a batch of this many samples, by name; other numbers for each size of a batch.
  std::function<NamedTensors(std::int64_t batch)> inputs;
  /// The outputs, by name.
  std::function<NamedTensors(std::int64_t batch, const NamedTensors& inputs, Draw& draw)> evaluate;
};

/// A function as a TorchScript module, which PyTorch loads without Varia: LibTorch records the
/// operators that the function calls for one batch. `forward` takes the inputs that the outputs
/// depend on, then what was drawn ("noise0", ...), and gives a tuple of the outputs. On the CPU.
class Script {
 public:
  /// @param tensors the parameters and buffers that the function reads; those that it uses become
  ///                parameters and buffers of the module, by these names
  /// @throws TraceError if what was recorded is not the function: for batches of 1, 3 and 17 other
  ///         samples under other noise the script must give what the function gives, up to rounding
  Script(const Function& function, const NamedTensors& tensors);

  const std::vector<ScriptTensor>& inputs() const { return inputs_; }
  const std::vector<ScriptTensor>& outputs() const { return outputs_; }
  /// The content of the file that torch.jit.load takes.
  const std::string& content() const { return content_; }

 private:
  std::vector<ScriptTensor> inputs_, outputs_;
  std::string content_;
};

}  // namespace varia::portable
