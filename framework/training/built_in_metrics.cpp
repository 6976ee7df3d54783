#include "training/built_in_metrics.hpp"

#include <ATen/Functions.h>

#include <cmath>
#include <limits>

#include "varia/scaled_sum.hpp"

namespace varia::training {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Var_x(E[z | x]) above which a unit counts as active (Burda et al. 2016).
constexpr double kActiveVariance = 0.01;

double number(const Tensor& scalar) { return scalar.item<double>(); }

}  // namespace

std::vector<NamedScalar> built_in_scalars(const Inference& inference, const Terms& terms) {
  const torch::NoGradGuard no_grad;
  std::vector<NamedScalar> scalars;
  scalars.push_back({"loss", number(terms.objective)});
  const double distortion = inference.likelihood ? number(reconstruction(inference)) : kNaN;
  scalars.push_back({"reconstruction", distortion});
  double kl = kNaN;
  std::vector<NamedScalar> per_block;
  for (std::size_t i = 0; i < inference.blocks.size(); ++i) {
    const auto& per_image = inference.kl(i);  // [K, B, D]
    if (!per_image.defined()) continue;
    const auto images = static_cast<double>(per_image.size(0) * per_image.size(1));
    per_block.push_back(
        {"kl_" + inference.blocks[i].name, number(scaled_sum(per_image, 1 / images))});
    kl = (std::isnan(kl) && per_block.size() == 1) ? per_block.back().value
                                                   : kl + per_block.back().value;
  }
  scalars.push_back({"kl", kl});
  scalars.push_back({"elbo", -(distortion + kl)});
  scalars.insert(scalars.end(), per_block.begin(), per_block.end());
  for (const auto& term : terms.recorded) scalars.push_back({term.name, number(term.value)});
  return scalars;
}

const NamedScalar* first_not_finite(const std::vector<NamedScalar>& scalars,
                                    const Inference& inference) {
  // A part says more than the whole: a posterior that is not finite spoils the reconstruction too,
  // and either of them the loss.
  const NamedScalar* found = nullptr;
  for (const auto& scalar : scalars) {
    if (std::isfinite(scalar.value) || scalar.name == "kl" || scalar.name == "elbo") continue;
    if (scalar.name == "reconstruction" && !inference.likelihood) continue;
    if (scalar.name.starts_with("kl_")) return &scalar;
    if (found == nullptr || found->name == "loss") found = &scalar;
  }
  return found;
}

void LatentMetrics::add(const Inference& inference) {
  for (std::size_t i = 0; i < inference.blocks.size(); ++i) {
    const auto& latent = inference.blocks[i];
    auto& block = blocks_[latent.name];
    const auto mean = latent.posterior ? latent.posterior->mean() : Tensor();
    if (mean.defined()) block.means.add(mean.mean(0).flatten(1));
    const auto& kl = inference.kl(i);
    if (!kl.defined()) continue;
    const auto sum = kl.mean(0).to(at::kDouble).sum(0);
    block.kl = block.kl.defined() ? block.kl + sum : sum;
    block.images += kl.size(1);
  }
}

std::map<std::string, results::Array> LatentMetrics::values() const {
  std::map<std::string, results::Array> values;
  for (const auto& [name, block] : blocks_) {
    if (block.kl.defined())
      values["kl_per_dim_" + name] = to_array(block.kl / static_cast<double>(block.images));
    if (block.means.mean().defined())
      values["active_units_" + name] =
          to_array(block.means.variance().gt(kActiveVariance).sum().to(at::kDouble));
  }
  return values;
}

std::map<std::string, results::MetricInfo> built_in_infos(const std::vector<std::string>& splits,
                                                          Model& model) {
  std::map<std::string, results::MetricInfo> infos;
  for (const auto& split : splits) {
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
