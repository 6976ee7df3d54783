#include "script_files.hpp"

#include <ATen/Functions.h>
#include <torch/csrc/jit/api/module.h>

#include "support/temporary_folder.hpp"
#include "varia/draw.hpp"

namespace varia::test {

void write_script(const std::filesystem::path& file, const std::vector<std::string>& forward,
                  const NamedTensors& parameters, const NamedTensors& buffers) {
  torch::jit::Module module("Network");
  module.register_attribute("training", c10::BoolType::get(), true);
  for (const auto& [name, tensor] : parameters)
    module.register_parameter(name, tensor.detach().clone().requires_grad_(), false);
  for (const auto& [name, tensor] : buffers) module.register_buffer(name, tensor);
  std::string code = "def forward(self, x):\n";
  for (const auto& line : forward) code += "  " + line + "\n";
  module.define(code);
  module.save(file.string());
}

Stack stack(const std::vector<std::int64_t>& sizes) {
  Stack stack;
  stack.forward = {"x = torch.flatten(x, 1)"};
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    const auto number = std::to_string(i);
    Draw draw(i + 1);
    stack.parameters.emplace_back("weight" + number, 0.05 * draw.normal({sizes[i + 1], sizes[i]}));
    stack.parameters.emplace_back("bias" + number, 0.05 * draw.normal({sizes[i + 1]}));
    if (i > 0) stack.forward.emplace_back("x = torch.relu(x)");
    stack.forward.push_back("x = torch.linear(x, self.weight" + number + ", self.bias" + number +
                            ")");
  }
  stack.forward.emplace_back("return x");
  return stack;
}

const std::string& script_parameters() {
  static const testing::TemporaryFolder folder;
  static const std::string text = [] {
    const auto encoder = stack({784, 30, 40}), decoder = stack({20, 30, 784});
    write_script(folder / "encoder.pt", encoder.forward, encoder.parameters);
    write_script(folder / "decoder.pt", decoder.forward, decoder.parameters);
    return "encoder: " + (folder / "encoder.pt").string() +
           ", decoder: " + (folder / "decoder.pt").string();
  }();
  return text;
}

}  // namespace varia::test
