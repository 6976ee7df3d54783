#include "decoder_parameters.hpp"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "varia/codes.hpp"
#include "varia/error.hpp"
#include "varia/evaluation_mode.hpp"

namespace varia::losses {

namespace {

/// The model's parameters that are trained and that what `compute` returns depends on.
template <class Compute>
std::vector<Tensor> parameters_behind(Model& model, const Compute& compute) {
  const at::AutoGradMode with_gradients(true);
  auto outputs = [&] {
    const EvaluationMode evaluating(model);
    return compute();
  }();
  std::erase_if(outputs, [](const Tensor& one) { return !one.defined() || !one.requires_grad(); });
  auto parameters = model.parameters();
  std::erase_if(parameters, [](const Tensor& one) { return !one.requires_grad(); });
  if (parameters.empty() || outputs.empty()) return {};
  for (auto& output : outputs) output = output.sum();
  const auto gradients =
      torch::autograd::grad(outputs, parameters, {}, false, false, /*allow_unused=*/true);
  std::vector<Tensor> found;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (gradients[i].defined()) found.push_back(parameters[i]);
  return found;
}

}  // namespace

std::vector<Tensor> decoder_parameters(Model& model, const std::string& loss) {
  return parameters_behind(model, [&] {
    const auto likelihood = model.decode(zeros_of(model.latents(), device_of(model)));
    const auto mean = likelihood ? likelihood->mean() : Tensor();
    if (!mean.defined())
      throw ConfigError("loss " + loss + " needs a model whose likelihood has a mean");
    return std::vector<Tensor>{mean};
  });
}

std::vector<Tensor> generative_parameters(Model& model) {
  return parameters_behind(model, [&] {
    Draw draw(0, 1, device_of(model));
    const auto values = model.sample_prior(1, {}, draw);
    std::vector<Tensor> all;
    const auto add = [&](const DistributionPtr& distribution) {
      if (!distribution) return;
      for (const auto& [name, parameter] : distribution->parameters()) all.push_back(parameter);
    };
    for (const auto& latent : model.latents()) add(latent.prior);
    for (const auto& [name, value] : values) all.push_back(value);
    add(model.decode(values));
    return all;
  });
}

std::vector<Tensor> without(std::vector<Tensor> all, const std::vector<Tensor>& some) {
  std::erase_if(all, [&](const Tensor& one) {
    return std::ranges::any_of(some, [&](const Tensor& other) { return one.is_same(other); });
  });
  return all;
}

}  // namespace varia::losses
