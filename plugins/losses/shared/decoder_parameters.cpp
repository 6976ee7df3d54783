#include "decoder_parameters.hpp"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "varia/error.hpp"

namespace varia::losses {

namespace {

/// The mean of one decoded event, with gradients.
Tensor decoded_mean(Model& model, torch::Device device) {
  LatentValues values;
  for (const auto& latent : model.latents()) {
    auto sizes = latent.event;
    sizes.insert(sizes.begin(), {1, 1});
    values[latent.name] = at::zeros(sizes, device);
  }
  const bool is_training = model.is_training();
  model.eval();  // running means of its layers stay as they are
  const auto likelihood = model.decode(values);
  model.train(is_training);
  return likelihood ? likelihood->mean() : Tensor();
}

}  // namespace

std::vector<Tensor> decoder_parameters(Model& model, const std::string& loss) {
  const at::AutoGradMode with_gradients(true);
  auto parameters = model.parameters();
  const auto device = parameters.empty() ? torch::Device(torch::kCPU) : parameters.front().device();
  const auto mean = decoded_mean(model, device);
  if (!mean.defined())
    throw ConfigError("loss " + loss + " needs a model whose likelihood has a mean");
  std::erase_if(parameters, [](const Tensor& one) { return !one.requires_grad(); });
  if (parameters.empty() || !mean.requires_grad()) return {};
  const auto gradients =
      torch::autograd::grad({mean.sum()}, parameters, {}, false, false, /*allow_unused=*/true);
  std::vector<Tensor> found;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (gradients[i].defined()) found.push_back(parameters[i]);
  return found;
}

std::vector<Tensor> without(std::vector<Tensor> all, const std::vector<Tensor>& some) {
  std::erase_if(all, [&](const Tensor& one) {
    return std::ranges::any_of(some, [&](const Tensor& other) { return one.is_same(other); });
  });
  return all;
}

}  // namespace varia::losses
