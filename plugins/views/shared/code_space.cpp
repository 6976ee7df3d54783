#include "code_space.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/error_list.hpp"
#include "varia/networks.hpp"

namespace varia::views {

namespace {

constexpr std::int64_t kSamplesOfKl = 1000;
constexpr std::int64_t kSamplesAtOnce = 500;
constexpr double kStep = 0.1;  // of the finite differences

}  // namespace

void CodeViewParams::check() const {
  ErrorList errors;
  for (const auto* parameter : parameters())
    errors.collect([&] {
      if (parameter->given() && !in_force(*parameter))
        fail(*parameter, "it has no effect beside the other parameters; leave it out");
    });
  errors.raise();
}

void CodeViewParams::require_plane(const IntegerList& dimensions) const {
  if (dimensions().size() != 2 || dimensions()[0] == dimensions()[1])
    fail(dimensions, "expected two different dimensions");
}

CodeSpace::CodeSpace(const Build& build, const CodeParams& params, std::string view)
    : view_(std::move(view)), latents_(params.latents_of(*build.model)) {
  for (const auto& latent : latents_) dimensions_ += latent.size();
}

void CodeSpace::require(const std::vector<std::int64_t>& dimensions,
                        const Parameter& parameter) const {
  for (const auto dimension : dimensions)
    if (dimension >= dimensions_)
      throw ConfigError(parameter.where(),
                        "view " + view_ + ": " + parameter.name() + ": expected dimensions below " +
                            std::to_string(dimensions_) + ", which the model's code has; found " +
                            std::to_string(dimension));
}

std::string code_axis(std::int64_t dimension) {
  return "code, dimension " + std::to_string(dimension);
}

Tensor as_points(const LatentValues& values, const std::vector<Latent>& latents) {
  std::vector<Tensor> parts;
  for (const auto& latent : latents)
    parts.push_back(values.at(latent.name).select(0, 0).flatten(1).to(at::kCPU, at::kDouble));
  return at::cat(parts, 1);
}

std::vector<double> CodeSpace::kl_per_dimension(const Evaluation& evaluation) const {
  std::map<std::string, Tensor> sums;
  const auto places =
      random_places(evaluation.split.size(), kSamplesOfKl, "samples of the KL divergence");
  for (const auto& part : places.split(kSamplesAtOnce)) {
    const auto batch = evaluation.split.batch(part, evaluation.draw);
    Inference inference(batch);
    inference.blocks = evaluation.model.encode(batch, evaluation.draw);
    for (std::size_t i = 0; i < inference.blocks.size(); ++i) {
      const auto& kl = inference.kl(i);
      if (!kl.defined()) continue;
      const auto sum = kl.mean(0).sum(0).to(at::kCPU, at::kDouble);  // [D] or [1]
      auto& all = sums[inference.blocks[i].name];
      all = all.defined() ? all + sum : sum;
    }
  }
  std::vector<double> means;
  for (const auto& latent : latents_) {
    const auto found = sums.find(latent.name);
    const bool is_known = found != sums.end() && found->second.numel() == latent.size();
    for (std::int64_t i = 0; i < latent.size(); ++i)
      means.push_back(is_known
                          ? found->second[i].item<double>() / static_cast<double>(places.size(0))
                          : std::numeric_limits<double>::quiet_NaN());
  }
  return means;
}

Tensor decoder_derivatives(Model& model, const LatentValues& values,
                           const std::vector<Latent>& latents) {
  const auto points = as_points(values, latents);  // [n, D]
  const auto dimensions = points.size(1);
  const auto step = kStep * at::eye(dimensions, at::kDouble);
  const auto moved = points + at::cat({step, -step}).unsqueeze(1);  // [2 D, n, D]
  LatentValues all;
  for (const auto& [name, value] : values) {
    std::vector<std::int64_t> times(static_cast<std::size_t>(value.dim()), 1);
    times[1] = 2 * dimensions;
    all[name] = value.repeat(times);
  }
  const auto device = values.at(latents.front().name).device();
  const auto likelihood = model.decode(with_points(all, latents, moved.flatten(0, 1), device));
  const auto mean = likelihood ? likelihood->mean() : Tensor();
  if (!mean.defined()) throw TrialError("the model's likelihood has no mean");
  const auto decoded = mean.select(0, 0)
                           .flatten(1)
                           .to(at::kCPU, at::kDouble)
                           .unflatten(0, {2 * dimensions, -1});  // [2 D, n, P]
  return (decoded.slice(0, 0, dimensions) - decoded.slice(0, dimensions)) / (2 * kStep);
}

LatentValues inferred_values(Model& model, const Batch& batch, bool sampled, Draw& draw) {
  LatentValues values;
  for (const auto& block : model.encode(batch, draw)) {
    auto& value = values[block.name];
    const auto mode = block.posterior && !sampled ? block.posterior->mode() : Tensor();
    if (mode.defined() || sampled)
      value = (sampled ? block.value : mode).narrow(0, 0, 1);
    else
      value = mean_code(block, draw);
  }
  return values;
}

LatentValues repeated(LatentValues values, std::int64_t times) {
  for (auto& [name, value] : values) {
    auto sizes = value.sizes().vec();
    sizes.insert(sizes.begin() + 1, times);
    value = value.unsqueeze(1).expand(sizes).flatten(1, 2);
  }
  return values;
}

}  // namespace varia::views
