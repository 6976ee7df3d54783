#include "training/components.hpp"

#include <vector>

#include "experiment/params/warm_start_params.hpp"
#include "varia/draw.hpp"
#include "varia/error.hpp"
#include "varia/host/host_key.hpp"

namespace varia::training {

ConfiguredComponent configure(const Registry& registry, const std::string& kind,
                              const Value& section, const std::string& likelihood) {
  const auto* use = section.find("use");
  if (use == nullptr) throw ConfigError(section.where(), kind + ": 'use' is missing");
  ConfiguredComponent configured;
  configured.info = &registry.get(kind, use->text(), use->where());
  auto parameters = section;
  parameters.erase("use");
  if (kind == Model::kKind)
    for (const char* key : experiment::kWarmStartKeys) parameters.erase(key);
  configured.where = use->where();
  configured.params = configured.info->make_params();
  configured.params->load(parameters, {.registry = &registry,
                                       .subject = kind + " " + use->text(),
                                       .where = section.where(),
                                       .likelihood = likelihood});
  return configured;
}

std::shared_ptr<void> make_untyped(const ConfiguredComponent& configured, const Build& build) {
  try {
    return configured.info->make(*configured.params, build);
  } catch (const ConfigError& error) {
    if (!error.where().text().empty() || configured.where.text().empty()) throw;
    throw ConfigError(configured.where, error.what());
  }
}

namespace {

std::optional<double> clip_norm(const ParamSet& params) {
  const auto* known = dynamic_cast<const OptimizerParams*>(&params);
  if (known == nullptr || !known->clip_norm.has_value()) return std::nullopt;
  return known->clip_norm();
}

/// Covariates that a model ignores would be a silent mistake.
/// @throws ConfigError if the data has covariates and the model has no latent variable for them
void require_covariates_told(const Model& model, const Data& data, const Value& section) {
  if (data.splits.spec.covariates.empty()) return;
  for (const auto& latent : model.latents())
    if (latent.name == "covariates") return;
  throw ConfigError(section.where(), "model " + section.find("use")->text() +
                                         " is not told the covariates of the data; "
                                         "conditional_vae and cell_vae are. Use one of these, or "
                                         "remove the covariates");
}

}  // namespace

TrialComponents::TrialComponents(const experiment::Trial& trial, const Registry& registry,
                                 DataCache& cache, MissingDevice missing)
    : train(trial.train),
      device(choose_device(*train, missing)),
      data(cache.get(*trial.data, data_place(*train, device))) {
  build.data = data->splits.spec;
  build.train = &data->splits.train;
  const auto seed = static_cast<std::uint64_t>(trial.seed);

  const auto model_config = configure(registry, Model::kKind, *trial.model);
  seed_default_generator(stream_key(seed, "initialisation of the model"));
  model = make<Model>(model_config, build);
  move_to(*model, device);

  require_covariates_told(*model, *data, *trial.model);
  if (const auto parts = experiment::frozen_parts(*trial.model); !parts.empty())
    frozen_ = FrozenParts(parts, trial.model->find(experiment::kFreeze)->where(), *model);

  build.model = model.get();
  const auto loss_config = configure(registry, Loss::kKind, *trial.loss);
  seed_default_generator(stream_key(seed, "initialisation of the loss"));
  loss = make<Loss>(loss_config, build);
  move_to(*loss, device);

  optimizer_ = configure(registry, Optimizer::kKind, *trial.optimizer);
  for (auto& phase : loss->phases(*model)) {
    // LibTorch refuses to differentiate with respect to frozen parameters.
    std::erase_if(phase.parameters,
                  [](const Tensor& parameter) { return !parameter.requires_grad(); });
    PhaseOptimizer entry;
    entry.phase = phase;
    if (phase.optimizer != nullptr) {
      entry.optimizer = phase.optimizer->make(build);
      entry.clip_norm = clip_norm(*phase.optimizer->params());
    } else {
      entry.optimizer = make<Optimizer>(optimizer_, build);
      entry.clip_norm = clip_norm(*optimizer_.params);
    }
    entry.optimizer->start(phase.parameters);
    phases.push_back(std::move(entry));
  }
  if (phases.empty())
    throw ConfigError(trial.loss->where(), "loss " + loss_config.info->name +
                                               ": its phases() returned no phase to train; "
                                               "this is an error in the plugin");

  const auto collect = [this](const std::string& path, Parameter& parameter) {
    auto* scheduled = dynamic_cast<Scheduled*>(&parameter);
    if (scheduled != nullptr && scheduled->has_value()) scheduled_.emplace_back(path, scheduled);
  };
  model_config.params->visit("model", collect);
  loss_config.params->visit("loss", collect);
  optimizer_.params->visit("optimizer", collect);

  const auto add = [this](const std::string& prefix, const torch::nn::Module& module) {
    for (const auto& item : module.named_parameters())
      tensors_.emplace_back(prefix + item.key(), item.value());
    for (const auto& item : module.named_buffers())
      tensors_.emplace_back(prefix + item.key(), item.value());
  };
  add("model.", *model);
  add("loss.", *loss);
}

void TrialComponents::begin_training() const {
  if (!model->is_training()) {
    model->train();
    loss->train();
  }
  // Who looked at the model may have put all of it back into training mode.
  frozen_.keep_evaluating();
}

void TrialComponents::advance(const Progress& progress, const Horizon& horizon) {
  for (auto& [path, scheduled] : scheduled_) scheduled->advance(HostKey{}, progress, horizon);
}

std::set<std::string> TrialComponents::followed() const {
  std::set<std::string> metrics;
  for (const auto& [path, scheduled] : scheduled_) metrics.insert(scheduled->follows());
  metrics.erase("");
  return metrics;
}

std::map<std::string, double> TrialComponents::scheduled_values() const {
  std::map<std::string, double> values;
  for (const auto& [path, scheduled] : scheduled_) values[path] = (*scheduled)();
  return values;
}

}  // namespace varia::training
