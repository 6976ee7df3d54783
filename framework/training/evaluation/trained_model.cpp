#include "training/evaluation/trained_model.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "training/checkpoint/component_state.hpp"
#include "training/evaluation/plain_values.hpp"
#include "training/trainer.hpp"
#include "varia/codes.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"

namespace varia::training {

namespace {

/// [B, D]
Tensor rows_of(const Tensor& parameter, std::int64_t images) {
  return parameter.expand({1, images, -1}).select(0, 0).to(at::kCPU, at::kFloat);
}

/// Flat: [1, B, D]. One of K values if there are several.
Tensor flat(const Tensor& values) { return values.slice(0, 0, 1).flatten(2); }

/// @param blocks    that are inferred
/// @param noise     gives means that are not known otherwise
/// @param file_rows of the split
std::vector<results::NamedTensor> codes_of(const std::vector<Block>& blocks, const Batch& batch,
                                           Draw& noise, const Tensor& file_rows) {
  std::vector<results::NamedTensor> codes = {
      named_tensor("index", file_rows.index_select(0, batch.index.to(at::kCPU)))};
  const auto images = batch.size();
  for (const auto& block : blocks) {
    const auto variance = block.posterior ? block.posterior->variance() : Tensor();
    codes.push_back(named_tensor(block.name + results::kMeanSuffix,
                                 rows_of(flat(mean_code(block, noise)), images)));
    if (variance.defined())
      codes.push_back(named_tensor(block.name + results::kDeviationSuffix,
                                   rows_of(flat(variance.sqrt()), images)));
  }
  if (batch.labels.defined())
    codes.push_back(named_tensor("labels", batch.labels.to(at::kCPU, at::kLong)));
  if (batch.factors.defined())
    codes.push_back(named_tensor("factors", batch.factors.to(at::kCPU, at::kFloat)));
  return codes;
}

/// The value of a block that is decoded: [1, B, E].
Tensor decoded_code(const Block& block) {
  // The mean of other families need not be a value that they can have.
  const bool is_normal = block.posterior && block.posterior->family() == Normal::kFamily;
  return is_normal ? block.posterior->mean().slice(0, 0, 1).expand_as(block.value) : block.value;
}

}  // namespace

Tensor FileValues::completed() const {
  return at::where(observed.isnan(), reconstruction, observed);
}

TrainedModel::TrainedModel(const experiment::Trial& trial, const Registry& registry,
                           DataCache& data, const std::filesystem::path& parameters)
    : components_(trial, registry, data, MissingDevice::is_cpu),
      evaluator_(components_, trial, registry, static_cast<std::uint64_t>(trial.plan->seed)),
      seed_(static_cast<std::uint64_t>(trial.plan->seed)),
      epoch_(load_snapshot(parameters, trial.id, components_)) {
  const Trainer trainer(components_, static_cast<std::uint64_t>(trial.seed));
  const auto steps = std::min(epoch_ * trainer.steps_per_record(), trainer.horizon().steps);
  progress_ = trainer.progress(steps);
  // As they were for the last step that was taken.
  components_.advance(trainer.progress(std::max<std::int64_t>(steps - 1, 0)), trainer.horizon());
  components_.model->eval();
  components_.loss->eval();
}

std::vector<Evaluator::NamedRendering> TrainedModel::render() {
  return evaluator_.render(progress_, epoch_, epoch_);
}

const Split& TrainedModel::split_of(const std::string& name) const {
  for (const auto* split : components_.data->splits.all())
    if (split->name() == name) return *split;
  throw ConfigError("the data has no " + name + " split. " + suggestion(name, this->splits()));
}

std::vector<std::string> TrainedModel::splits() const {
  std::vector<std::string> names;
  for (const auto* split : components_.data->splits.all()) names.push_back(split->name());
  return names;
}

void TrainedModel::encode(const std::string& name, results::CodeFile& file) {
  const torch::NoGradGuard no_grad;
  const auto& split = split_of(name);
  const auto latents = components_.model->latents();
  const auto is_observed = [&](const Block& block) {
    const auto latent = std::ranges::find(latents, block.name, &Latent::name);
    return latent != latents.end() && latent->observed;
  };
  evaluator_.for_each_batch(split, [&](const Batch& batch, Draw& noise, std::int64_t begin) {
    auto blocks = components_.model->encode(batch, noise);
    std::erase_if(blocks, is_observed);
    const auto codes = codes_of(blocks, batch, noise, split.annotations().file_rows);
    if (begin == 0) {
      const auto& known = split.annotations();
      file.begin_split(name, split.size(),
                       {{"factors", known.factor_names}, {"labels", known.class_names}}, codes);
      if (!known.sample_names.empty()) file.write_names(known.sample_names);
    }
    file.append(codes);
  });
}

Tensor TrainedModel::decoded(const LatentValues& values, const Batch* observed) {
  const auto likelihood = components_.model->decode(values);
  Tensor mean;
  if (likelihood)
    mean = observed != nullptr
               ? likelihood->mean_given(observed->target.unsqueeze(0), observed->mask)
               : likelihood->mean();
  if (!mean.defined())
    throw TrialError("the model's likelihood has no mean that can stand for a sample");
  return components_.data->splits.train.annotations().units.of(mean.select(0, 0));
}

void TrainedModel::reconstruct(const std::string& name, const Visit& visit) {
  const torch::NoGradGuard no_grad;
  const auto& split = split_of(name);
  evaluator_.for_each_batch(split, [&](const Batch& batch, Draw& noise, std::int64_t begin) {
    LatentValues values;
    for (const auto& block : components_.model->encode(batch, noise))
      values[block.name] = decoded_code(block);
    auto observed = split.annotations().units.of(batch.target);
    if (batch.mask.defined())
      observed.masked_fill_(batch.mask.logical_not().to(at::kCPU),
                            std::numeric_limits<double>::quiet_NaN());
    visit({.observed = std::move(observed), .reconstruction = decoded(values, &batch)}, batch,
          begin);
  });
}

Tensor TrainedModel::sample(std::int64_t count) {
  const torch::NoGradGuard no_grad;
  Draw draw(stream_key(seed_, "samples"), 1, components_.device);
  std::vector<Tensor> parts;
  for (std::int64_t begin = 0; begin < count; begin += Evaluator::kBatch) {
    const auto size = std::min(Evaluator::kBatch, count - begin);
    parts.push_back(decoded(components_.model->sample_prior(size, {}, draw)));
  }
  return at::cat(parts);
}

}  // namespace varia::training
