#include "training/evaluation/scores.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "varia/error.hpp"
#include "varia/evidence.hpp"

namespace varia::training {

namespace {

/// Values of samples that come in parts, in the order in which they were first given.
class Columns {
 public:
  /// @param values [B]
  void add(const std::string& name, const Tensor& values) {
    auto& parts = parts_[name];
    if (parts.empty()) names_.push_back(name);
    parts.push_back(values.to(at::kCPU, at::kDouble));
  }
  NamedTensors whole() const {
    NamedTensors all;
    for (const auto& name : names_) all.emplace_back(name, at::cat(parts_.at(name)));
    return all;
  }

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::vector<Tensor>> parts_;
};

/// [B]
Tensor squared_error(const Inference& inference, const Tensor& mean) {
  auto errors = (mean.mean(0) - inference.target()).square().flatten(1);
  if (!inference.mask().defined()) return errors.mean(1);
  const auto observed = inference.mask().flatten(1);
  return errors.masked_fill(observed.logical_not(), 0).sum(1) / observed.sum(1);
}

void add_terms(const Inference& inference, Columns& columns) {
  if (!inference.likelihood)
    throw TrialError("the model has no likelihood, by which samples could be scored");
  std::vector<std::pair<std::string, Tensor>> of_blocks;
  Tensor kl;
  for (std::size_t i = 0; i < inference.blocks.size(); ++i) {
    if (!inference.kl(i).defined()) continue;
    of_blocks.emplace_back("kl_" + inference.blocks[i].name, inference.kl_per_sample(i));
    kl = kl.defined() ? kl + of_blocks.back().second : of_blocks.back().second;
  }
  if (kl.defined()) columns.add("elbo", inference.elbo_per_sample());
  columns.add("reconstruction", -inference.log_likelihood().mean(0));
  if (kl.defined()) columns.add("kl", kl);
  for (const auto& [name, value] : of_blocks) columns.add(name, value);
  const auto mean =
      inference.likelihood->mean_given(inference.target().unsqueeze(0), inference.mask());
  if (mean.defined()) columns.add("squared_error", squared_error(inference, mean));
}

}  // namespace

NamedTensors scores_of(TrainedModel& trained, const Split& split, std::int64_t samples,
                       const Prepare& prepare) {
  const torch::NoGradGuard no_grad;
  auto& model = *trained.components().model;
  const auto prepared = [&](const Batch& batch) { return prepare ? prepare(batch) : batch; };
  Columns columns;
  trained.evaluator().for_each_batch(split, [&](const Batch& batch, Draw& noise, std::int64_t) {
    add_terms(model.infer(prepared(batch), noise), columns);
  });
  if (model.bound() == "none") return columns.whole();
  // Batches and noise are those of the metric.
  auto stream = trained.evaluator().draw("metric nll on " + split.name());
  const auto at_once = std::clamp<std::int64_t>(kDecodedAtOnce / samples, 1, split.size());
  for (std::int64_t begin = 0; begin < split.size(); begin += at_once) {
    const auto batch = split.slice(begin, std::min(begin + at_once, split.size()), stream);
    const auto evidence = estimate_evidence(model, prepared(batch), samples, stream);
    columns.add("nll", -evidence.log_evidence);
    columns.add("nll_standard_error", evidence.standard_error);
  }
  return columns.whole();
}

}  // namespace varia::training
