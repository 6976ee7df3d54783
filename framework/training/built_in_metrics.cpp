#include "training/built_in_metrics.hpp"

#include <ATen/Functions.h>

#include <cmath>
#include <limits>
#include <optional>

#include "training/evaluation/plain_values.hpp"
#include "varia/scaled_sum.hpp"

namespace varia::training {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Var_x(E[z | x]) above which a unit counts as active, whose prior has the variance 1 (Burda et
/// al. 2016).
constexpr double kActiveVariance = 0.01;

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

BatchTerms::BatchTerms(const Inference& inference, const Terms& terms) {
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
    kl_.emplace_back("kl_" + inference.blocks[i].name, scaled_sum(per_image, 1 / images));
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
  scalars["loss"] = *next++;
  const double distortion = reconstruction_.defined() ? *next++ : kNaN;
  scalars["reconstruction"] = distortion;
  std::optional<double> sum;
  for (const auto& [name, value] : kl_) {
    const double of_block = *next++;
    scalars[name] = of_block;
    sum = sum ? *sum + of_block : of_block;
  }
  scalars["kl"] = sum.value_or(kNaN);
  scalars["elbo"] = -(distortion + sum.value_or(kNaN));
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
    return name.starts_with("kl_") ? 0 : name == "reconstruction" ? 1 : name != "loss" ? 2 : 3;
  };
  const Scalars::value_type* found = nullptr;
  for (const auto& scalar : scalars) {
    const auto& [name, value] = scalar;
    if (std::isfinite(value) || name == "kl" || name == "elbo") continue;
    if (name == "reconstruction" && !reconstruction_.defined()) continue;
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
      values["kl_per_dim_" + name] = to_array(block.kl / static_cast<double>(block.samples));
    auto variance = block.means.variance();
    if (!variance.defined()) continue;
    if (block.prior_variance.defined()) variance = variance / block.prior_variance;
    values["active_units_" + name] = to_array(variance.gt(kActiveVariance).sum().to(at::kDouble));
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
    for (const auto* name : {"loss", "reconstruction", "kl"})
      infos[split + "/" + name] = part_of_loss;
    infos[split + "/elbo"] = {
        .units = "nats", .bound = std::string(model.bound()), .better = Better::higher};
    for (const auto& latent : model.latents()) {
      if (latent.observed) continue;
      infos[split + "/kl_" + latent.name] = part_of_loss;
      if (split == "train") continue;
      infos[split + "/kl_per_dim_" + latent.name] = {.units = "nats", .axes = {"dimension"}};
      infos[split + "/active_units_" + latent.name] = {.units = "count", .better = Better::higher};
    }
  }
  model.eval();
  return infos;
}

}  // namespace varia::training
