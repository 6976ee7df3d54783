#pragma once

#include <torch/csrc/jit/api/module.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "portable/script.hpp"

/// How a function becomes a TorchScript module. Private to script.cpp.
namespace varia::portable {

/// What LibTorch recorded.
struct Traced {
  torch::jit::Module module;
  std::vector<std::size_t> inputs;  ///< those it takes: places among the function's inputs
  std::vector<std::size_t> noise;   ///< then places among what was drawn
};

/// @param key of the numbers that are drawn
/// @throws TraceError
Traced traced(const Function& function, std::int64_t batch, std::uint64_t key,
              const NamedTensors& tensors);

}  // namespace varia::portable
