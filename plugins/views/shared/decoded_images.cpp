#include "decoded_images.hpp"

#include <ATen/Functions.h>

#include <algorithm>

#include "varia/codes.hpp"
#include "varia/error.hpp"
#include "varia/evaluation_mode.hpp"

namespace varia::views {

namespace {

constexpr std::int64_t kImagesAtOnce = 500;

/// Looks at a model without leaving a trace in it.
struct Look {
  explicit Look(Model& model) : evaluating(model) {}
  EvaluationMode evaluating;
  torch::NoGradGuard no_grad;
};

}  // namespace

void require_pictures(const Build& build, const std::string& subject) {
  if (build.data.is_picture()) return;
  throw ConfigError(subject + " shows pictures, and a sample of this data is a row of " +
                    std::to_string(build.data.event_size()) +
                    " numbers; feature_reconstruction, heat_map, latent_scatter, density_curve and "
                    "density_contour show those");
}

void require_decoder(const Build& build, const std::string& subject) {
  require_pictures(build, subject);
  require_mean(build, subject);
}

void require_mean(const Build& build, const std::string& subject) {
  auto& model = *build.model;
  const Look look(model);
  const auto likelihood = model.decode(zeros_of(model.latents(), device_of(model)));
  if (!likelihood || !likelihood->mean().defined())
    throw ConfigError(subject + " needs a model whose likelihood has a mean");
}

void require_prior(const Build& build, const std::string& subject,
                   const std::vector<Latent>& given) {
  auto& model = *build.model;
  const Look look(model);
  Draw draw(0, 1, device_of(model));
  try {
    model.sample_prior(1, zeros_of(given, device_of(model)), draw);
  } catch (const Error& error) {
    throw ConfigError(subject + " draws from the model's prior: " + error.what());
  }
}

Tensor decoded_images(Model& model, const LatentValues& values) {
  const auto count = values.begin()->second.size(1);
  std::vector<Tensor> parts;
  for (std::int64_t begin = 0; begin < count; begin += kImagesAtOnce) {
    LatentValues part;
    for (const auto& [name, value] : values)
      part[name] = value.slice(1, begin, std::min(begin + kImagesAtOnce, count));
    const auto likelihood = model.decode(part);
    const auto mean = likelihood ? likelihood->mean() : Tensor();
    if (!mean.defined()) throw TrialError("the model's likelihood has no mean that can be shown");
    parts.push_back(mean.select(0, 0).to(at::kFloat).clamp(0, 1));
  }
  return at::cat(parts);
}

Tensor reconstructed(const Evaluation& evaluation, const Batch& batch, std::int64_t draws,
                     const std::string& subject) {
  auto draw = evaluation.draw.with_samples(draws);
  const auto at_once = std::max<std::int64_t>(kImagesAtOnce / draws, 1);
  const auto part_of = [](const Tensor& all, std::int64_t begin, std::int64_t end) {
    return all.defined() ? all.slice(0, begin, end) : all;
  };
  std::vector<Tensor> parts;
  for (std::int64_t begin = 0; begin < batch.size(); begin += at_once) {
    const auto end = std::min(begin + at_once, batch.size());
    const Batch part{.input = part_of(batch.input, begin, end),
                     .target = part_of(batch.target, begin, end),
                     .mask = part_of(batch.mask, begin, end),
                     .covariates = part_of(batch.covariates, begin, end),
                     .labels = part_of(batch.labels, begin, end),
                     .factors = part_of(batch.factors, begin, end),
                     .index = part_of(batch.index, begin, end)};
    const auto inference = evaluation.model.infer(part, draw);
    const auto mean = inference.likelihood
                          ? inference.likelihood->mean_given(part.target.unsqueeze(0), part.mask)
                          : Tensor();
    if (!mean.defined()) throw TrialError(subject + " needs a model whose likelihood has a mean");
    // A model without noise has one value however many are asked for.
    auto sizes = mean.sizes().vec();
    sizes[0] = draws;
    parts.push_back(mean.to(at::kFloat).expand(sizes));
  }
  return at::cat(parts, 1);
}

Tensor image_grid(const Tensor& images, std::int64_t columns) {
  columns = std::min(columns, images.size(0));
  const auto rows = (images.size(0) + columns - 1) / columns;
  auto sizes = images.sizes().vec();
  sizes[0] = rows * columns;
  auto tiles = at::zeros(sizes, images.options());
  tiles.slice(0, 0, images.size(0)).copy_(images);
  return tiles.unflatten(0, {rows, columns});
}

const Split& chosen_split(const Choice& split, const Evaluation& evaluation) {
  return split.is("train") ? evaluation.train : evaluation.split;
}

std::string class_text(std::int64_t label, const std::vector<std::string>& names) {
  const auto place = static_cast<std::size_t>(label);
  return place < names.size() ? names[place] : std::to_string(label);
}

}  // namespace varia::views
