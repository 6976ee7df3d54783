#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "varia/tensor.hpp"

namespace varia::test {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// Writes a TorchScript module, as Python's torch.jit.script(module).save does.
/// @param forward    its lines, from `x` to what it returns
/// @param parameters by name
/// @param buffers    by name
void write_script(const std::filesystem::path& file, const std::vector<std::string>& forward,
                  const NamedTensors& parameters, const NamedTensors& buffers = {});

/// Fully connected layers with relu between them, from x [B, ...].
struct Stack {
  NamedTensors parameters;  ///< weight0 [out, in], bias0 [out], weight1, ...
  std::vector<std::string> forward;
};
Stack stack(const std::vector<std::int64_t>& sizes);

/// Parameters of the model `torchscript`, without braces: networks for images of 28x28 and a code
/// of 20 dimensions. Their files live as long as the program.
const std::string& script_parameters();

}  // namespace varia::test
