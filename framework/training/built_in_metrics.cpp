#include "training/built_in_metrics.hpp"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "results/names.hpp"
#include "training/evaluation/plain_values.hpp"
#include "training/messages.hpp"
#include "varia/codes.hpp"
#include "varia/error.hpp"
#include "varia/scaled_sum.hpp"

namespace varia::training {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The names of what every trial records: of all of it, and, followed by a block's name, of a block.
constexpr const char* kLoss = "loss";
constexpr const char* kReconstruction = "reconstruction";
constexpr const char* kKl = "kl";
constexpr const char* kElbo = "elbo";
constexpr const char* kKlOf = "kl_";
constexpr const char* kKlPerDimensionOf = "kl_per_dim_";
constexpr const char* kActiveUnitsOf = "active_units_";

/// Whether every trial records a value of this name.
bool is_built_in(std::string_view name, const Inference& inference) {
  constexpr std::array<std::string_view, 4> kOfAll = {kLoss, kReconstruction, kKl, kElbo};
  constexpr std::array<std::string_view, 3> kOfBlock = {kKlOf, kKlPerDimensionOf, kActiveUnitsOf};
  if (std::ranges::find(kOfAll, name) != kOfAll.end()) return true;
  return std::ranges::any_of(kOfBlock, [&](std::string_view beginning) {
    if (!name.starts_with(beginning)) return false;
    const auto rest = name.substr(beginning.size());
    return std::ranges::any_of(inference.blocks,
                               [&](const Block& block) { return block.name == rest; });
  });
}

/// @throws TrialError if results files have no place for a term of this name: it is a metric, and a
/// curve under `train.record_every`
void check_storable(const std::string& name) {
  results::check_metric_name(name);
  results::check_curve_name(name);
}

/// On the CPU it is read at once. Elsewhere later steps come first, which may change a buffer that
/// a loss records.
Tensor unchanging(const Tensor& term) {
  return term.device().is_cpu() ? term.detach() : term.detach().clone();
}

/// [D] float64, each number's variance under a prior that all images share; else undefined.
Tensor common_variance(const Distribution& prior) {
  const auto variance = prior.variance();  // [K|1, B|1, E]
  if (!variance.defined() || variance.size(0) != 1 || variance.size(1) != 1) return {};
  return variance.flatten().to(at::kDouble);
}

}  // namespace

void RunningVariance::add(const Tensor& rows) {
  const auto values = rows.to(at::kDouble);
  const auto mean = values.mean(0);
  const auto squares = (values - mean).square().sum(0);
  if (count_ == 0) {
    mean_ = mean;
    squares_ = squares;
    count_ = values.size(0);
    return;
  }
  const auto old_count = static_cast<double>(count_);
  const auto new_count = static_cast<double>(values.size(0));
  const auto shift = mean - mean_;
  squares_ =
      squares_ + squares + shift.square() * (old_count * new_count / (old_count + new_count));
  mean_ = mean_ + shift * (new_count / (old_count + new_count));
  count_ += values.size(0);
}

std::vector<std::string> term_problems(const Inference& inference, const Terms& terms) {
  std::vector<std::string> problems;
  for (auto term = terms.recorded.begin(); term != terms.recorded.end(); ++term) {
    const auto& name = term->name;
    try {
      check_storable(name);
    } catch (const TrialError& error) {
      problems.push_back(one_line(fmt::format(
          "the loss records a term that has no place in the results: {}", error.what())));
      continue;
    }
    if (is_built_in(name, inference))
      problems.push_back(
          fmt::format("the loss records a term '{}', which is the name of a value that every trial "
                      "records; give the term another name",
                      name));
    if (std::ranges::find(terms.recorded.begin(), term, name, &Term::name) != term)
      problems.push_back(fmt::format(
          "the loss records two terms that are called '{}'; give one of them another name", name));
  }
  return problems;
}

BatchTerms::BatchTerms(const Inference& inference, const Terms& terms) {
  if (const auto problems = term_problems(inference, terms); !problems.empty())
    throw Error(problems.front());
  // An inference keeps its first answers, and a phase that shares it may want their gradients.
  if (inference.likelihood) inference.log_likelihood();
  for (std::size_t i = 0; i < inference.blocks.size(); ++i) inference.kl(i);
  const torch::NoGradGuard no_grad;
  for (const auto& term : terms.recorded) own_.emplace_back(term.name, unchanging(term.value));
  objective_ = unchanging(terms.objective);
  if (inference.likelihood) reconstruction_ = reconstruction(inference);
  for (std::size_t i = 0; i < inference.blocks.size(); ++i) {
    const auto& per_image = inference.kl(i);  // [K, B, D]
    if (!per_image.defined()) continue;
    const auto images = static_cast<double>(per_image.size(0) * per_image.size(1));
    kl_.emplace_back(kKlOf + inference.blocks[i].name, scaled_sum(per_image, 1 / images));
  }
}

std::vector<Tensor> BatchTerms::tensors() const {
  std::vector<Tensor> all;
  for (const auto& [name, value] : own_) all.push_back(value);
  all.push_back(objective_);
  if (reconstruction_.defined()) all.push_back(reconstruction_);
  for (const auto& [name, value] : kl_) all.push_back(value);
  return all;
}

Scalars BatchTerms::scalars(const double*& next) const {
  Scalars scalars;
  for (const auto& [name, value] : own_) scalars[name] = *next++;
  scalars[kLoss] = *next++;
  const double distortion = reconstruction_.defined() ? *next++ : kNaN;
  scalars[kReconstruction] = distortion;
  std::optional<double> sum;
  for (const auto& [name, value] : kl_) {
    const double of_block = *next++;
    scalars[name] = of_block;
    sum = sum ? *sum + of_block : of_block;
  }
  scalars[kKl] = sum.value_or(kNaN);
  scalars[kElbo] = -(distortion + sum.value_or(kNaN));
  return scalars;
}

std::vector<Scalars> BatchTerms::read(std::span<const BatchTerms> all) {
  const torch::NoGradGuard no_grad;
  std::vector<double> numbers;
  std::vector<Tensor> remote;
  std::vector<std::size_t> places;  // of those in `numbers`
  for (const auto& terms : all) {
    for (const auto& tensor : terms.tensors()) {
      if (!tensor.device().is_cpu()) {
        remote.push_back(tensor.to(at::kDouble).reshape({}));
        places.push_back(numbers.size());
      }
      numbers.push_back(tensor.device().is_cpu() ? tensor.item<double>() : kNaN);
    }
  }
  if (!remote.empty()) {
    const auto read = at::stack(remote).to(at::kCPU);
    for (std::size_t i = 0; i < places.size(); ++i) numbers[places[i]] = read.data_ptr<double>()[i];
  }
  std::vector<Scalars> scalars;
  const auto* next = numbers.data();
  for (const auto& terms : all) scalars.push_back(terms.scalars(next));
  return scalars;
}

const Scalars::value_type* BatchTerms::not_finite(const Scalars& scalars) const {
  // A posterior that is not finite spoils the reconstruction too, and either of them the loss.
  const auto rank = [](const std::string& name) {
    return name.starts_with(kKlOf) ? 0 : name == kReconstruction ? 1 : name != kLoss ? 2 : 3;
  };
  const Scalars::value_type* found = nullptr;
  for (const auto& scalar : scalars) {
    const auto& [name, value] = scalar;
    if (std::isfinite(value) || name == kKl || name == kElbo) continue;
    if (name == kReconstruction && !reconstruction_.defined()) continue;
    if (found == nullptr || rank(name) < rank(found->first)) found = &scalar;
  }
  return found;
}

void LatentMetrics::add(const Inference& inference) {
  for (std::size_t i = 0; i < inference.blocks.size(); ++i) {
    const auto& latent = inference.blocks[i];
    const auto [place, is_new] = blocks_.try_emplace(latent.name);
    auto& block = place->second;
    if (is_new && latent.prior) block.prior_variance = common_variance(*latent.prior);
    const auto mean = latent.posterior ? latent.posterior->mean() : Tensor();
    if (mean.defined()) block.means.add(mean.mean(0).flatten(1));
    const auto& kl = inference.kl(i);
    if (!kl.defined()) continue;
    const auto sum = kl.mean(0).to(at::kDouble).sum(0);
    block.kl = block.kl.defined() ? block.kl + sum : sum;
    block.samples += kl.size(1);
  }
}

std::map<std::string, results::Array> LatentMetrics::values() const {
  std::map<std::string, results::Array> values;
  for (const auto& [name, block] : blocks_) {
    if (block.kl.defined())
      values[kKlPerDimensionOf + name] = to_array(block.kl / static_cast<double>(block.samples));
    auto variance = block.means.variance();
    if (!variance.defined()) continue;
    if (block.prior_variance.defined()) variance = variance / block.prior_variance;
    values[kActiveUnitsOf + name] = to_array(variance.gt(kActiveVariance).sum().to(at::kDouble));
  }
  return values;
}

std::map<std::string, results::MetricInfo> built_in_infos(const std::vector<const Split*>& splits,
                                                          Model& model) {
  std::map<std::string, results::MetricInfo> infos;
  for (const auto* one : splits) {
    const auto& split = one->name();
    const results::MetricInfo part_of_loss{.units = "nats", .better = Better::lower};
    model.train(split == "train");
    for (const auto* name : {kLoss, kReconstruction, kKl}) infos[split + "/" + name] = part_of_loss;
    infos[split + "/" + kElbo] = {
        .units = "nats", .bound = std::string(model.bound()), .better = Better::higher};
    for (const auto& latent : model.latents()) {
      if (latent.observed) continue;
      infos[split + "/" + kKlOf + latent.name] = part_of_loss;
      if (split == "train") continue;
      infos[split + "/" + kKlPerDimensionOf + latent.name] = {.units = "nats",
                                                              .axes = {"dimension"}};
      infos[split + "/" + kActiveUnitsOf + latent.name] = {.units = "count",
                                                           .better = Better::higher};
    }
  }
  model.eval();
  return infos;
}

}  // namespace varia::training
