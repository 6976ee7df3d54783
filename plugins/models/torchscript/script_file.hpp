#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "torchscript/script_module.hpp"
#include "varia/file_digest.hpp"

// A parameter that names a TorchScript file, and what its network must give before it is used.

namespace varia::models {

/// What such a parameter expects.
inline const FileDigest::Kind kScriptFile{
    "a TorchScript file", "write it from Python by torch.jit.script(module).save(FILE)"};

/// Puts the file's place in front of what is wrong with its script.
/// @throws ConfigError if `function` throws a ScriptError
template <class Function>
auto at_file(const FileDigest& file, const Function& function) {
  try {
    return function();
  } catch (const ScriptError& error) {
    file.refuse_file(error.what());
  }
}

/// @throws ConfigError at the file's place
std::shared_ptr<ScriptModule> load_script(const FileDigest& file);

/// Whether the network is used in training, too.
enum class TriedModes { evaluation, both };

/// Tries a network on three inputs and on two of them, since one that was traced can be bound to a
/// number.
/// @param inputs [3, ...]
/// @param check  is told what the network gave for so many inputs, float32 tensors
/// @throws ScriptError as ScriptModule::try_out, if an output is not float32, and what `check`
/// throws
void try_script(
    const ScriptModule& script, const Tensor& inputs, TriedModes modes,
    const std::function<void(const std::vector<Tensor>& outputs, std::int64_t count)>& check);

/// Three inputs of numbers from -1 to 1, no two alike.
/// @param event of one, [C, H, W] or [D]
Tensor three_inputs(std::vector<std::int64_t> event);

/// "[3, 10], [3, 10]"
std::string shapes_text(const std::vector<Tensor>& tensors);

}  // namespace varia::models
