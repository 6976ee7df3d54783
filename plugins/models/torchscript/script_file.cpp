#include "torchscript/script_file.hpp"

#include <ATen/Functions.h>
#include <c10/util/accumulate.h>

#include <string>

namespace varia::models {

std::shared_ptr<ScriptModule> load_script(const FileDigest& file) {
  return at_file(file, [&] { return std::make_shared<ScriptModule>(file.content()); });
}

void try_script(
    const ScriptModule& script, const Tensor& inputs, TriedModes modes,
    const std::function<void(const std::vector<Tensor>& outputs, std::int64_t count)>& check) {
  for (const std::int64_t count : {3, 2}) {
    for (const bool training : {true, false}) {
      if (training && modes == TriedModes::evaluation) continue;
      const auto outputs = script.try_out(inputs.slice(0, 0, count), training);
      for (const auto& output : outputs)
        if (output.scalar_type() != at::kFloat)
          throw ScriptError(std::string("forward gives ") + toString(output.scalar_type()) +
                            "; expected float32");
      check(outputs, count);
    }
  }
}

Tensor three_inputs(std::vector<std::int64_t> event) {
  event.insert(event.begin(), 3);
  return at::linspace(-1, 1, c10::multiply_integers(event), at::kFloat).view(event);
}

std::string shapes_text(const std::vector<Tensor>& tensors) {
  std::string text;
  for (const auto& tensor : tensors) text += (text.empty() ? "" : ", ") + c10::str(tensor.sizes());
  return text;
}

}  // namespace varia::models
