#include "varia/codes.hpp"

#include <ATen/Functions.h>

#include <algorithm>

#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia {

namespace {

constexpr std::int64_t kBatch = 500;      // images at once
constexpr std::int64_t kDrawsAtOnce = 8;  // of each of them

/// [B, D] float64 on the CPU
Tensor codes_of(const std::vector<Block>& blocks, const std::vector<Latent>& chosen, bool sampled,
                Draw& draw) {
  std::vector<Tensor> parts;
  for (const auto& latent : chosen) {
    const auto block = std::ranges::find(blocks, latent.name, &Block::name);
    if (block == blocks.end())
      throw Error("the model inferred no latent variable '" + latent.name + "'");
    const auto values = sampled ? block->value : mean_code(*block, draw);
    parts.push_back(values.select(0, 0).flatten(1).detach().to(at::kCPU, at::kDouble));
  }
  return at::cat(parts, 1);
}

}  // namespace

std::vector<Latent> chosen_latents(const Model& model, const CodeOptions& options) {
  const auto all = model.latents();
  std::vector<std::string> names;
  for (const auto& latent : all) names.push_back(latent.name);
  for (const auto& name : options.blocks)
    if (std::ranges::find(names, name) == names.end())
      throw Error("the model has no latent variable '" + name + "'. " + suggestion(name, names));
  std::vector<Latent> chosen;
  for (const auto& latent : all) {
    const bool named = std::ranges::find(options.blocks, latent.name) != options.blocks.end();
    const bool usual = !latent.observed && latent.family != Categorical::kFamily;
    if (options.blocks.empty() ? usual : named) chosen.push_back(latent);
  }
  if (chosen.empty())
    throw Error("all latent variables of the model are categorical; name those to be used");
  return chosen;
}

CodeParams::CodeParams()
    : blocks(this, "blocks", {},
             "Names of the latent variables that make up the code; empty: all that are inferred "
             "and not categorical.") {}

CodeParams::~CodeParams() = default;

EncodedImagesParams::EncodedImagesParams(std::int64_t images_by_default, IntegerRange range,
                                         const std::string& what)
    : images(this, "images", images_by_default, range,
             what +
                 ": a random subset of the split, the same for every trial and experiment; all "
                 "if the split has no more.") {}

EncodedImagesParams::~EncodedImagesParams() = default;

std::vector<Latent> CodeParams::latents_of(const Model& model) const {
  try {
    return chosen_latents(model, {blocks(), false});
  } catch (const Error& error) {
    fail(blocks, error.what());
  }
}

Tensor mean_code(const Block& block, Draw& draw) {
  if (!block.posterior) return block.value.narrow(0, 0, 1);
  if (const auto mean = block.posterior->mean(); mean.defined()) return mean.narrow(0, 0, 1);
  Tensor sum;
  std::int64_t count = 0;
  while (count < kDrawsForMean) {
    auto some = draw.with_samples(kDrawsAtOnce);
    const auto values = block.posterior->rsample(some).value;
    const auto part = values.sum(0, true);
    sum = sum.defined() ? sum + part : part;
    count += values.size(0);
  }
  return sum / count;
}

Codes encode_split(Model& model, const Split& split, std::int64_t count, const CodeOptions& options,
                   Draw& draw) {
  const auto chosen = chosen_latents(model, options);
  const auto places = random_places(split.size(), count, "samples whose codes are looked at");
  std::vector<Tensor> parts;
  for (const auto& part : places.split(kBatch)) {
    const auto blocks = model.encode(split.batch(part, draw), draw);
    parts.push_back(codes_of(blocks, chosen, options.sampled, draw));
  }
  const auto rows_of = [&](const Tensor& all) {
    return all.defined() ? all.index_select(0, places) : all;
  };
  return {at::cat(parts), rows_of(split.labels()), rows_of(split.factors())};
}

at::Device device_of(const Model& model) {
  const auto parameters = model.parameters();
  return parameters.empty() ? at::Device(at::kCPU) : parameters.front().device();
}

LatentValues zeros_of(const std::vector<Latent>& latents, at::Device device) {
  LatentValues values;
  for (const auto& latent : latents) {
    auto sizes = latent.event;
    sizes.insert(sizes.begin(), {1, 1});
    values[latent.name] = at::zeros(sizes, device);
  }
  return values;
}

LatentValues with_points(LatentValues values, const std::vector<Latent>& chosen,
                         const Tensor& points, at::Device device) {
  std::int64_t begin = 0;
  for (const auto& latent : chosen) {
    const auto end = begin + latent.size();
    auto sizes = latent.event;
    sizes.insert(sizes.begin(), {1, points.size(0)});
    values[latent.name] = points.slice(1, begin, end).to(device, at::kFloat).reshape(sizes);
    begin = end;
  }
  return values;
}

LatentValues values_of(Model& model, const Tensor& points, const CodeOptions& options, Draw& draw) {
  const auto given = with_points({}, chosen_latents(model, options), points, draw.device());
  return model.sample_prior(points.size(0), given, draw);
}

}  // namespace varia
