#include "training/run_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "training/built_in_metrics.hpp"
#include "training/components.hpp"
#include "training/evaluation/evaluator.hpp"
#include "training/messages.hpp"
#include "varia/error.hpp"

namespace varia::training {

namespace {

void check_keep(const TrialComponents& components) {
  if (components.train->keep.is("best") && !components.data->splits.validation)
    throw ConfigError(components.train->keep.where(),
                      "train: keep: best needs a validation split to choose by; set "
                      "data.validation, or keep: last");
}

/// @throws Error if images lie outside of what the likelihood is a distribution over
void check_support(const TrialComponents& components, const Inference& inference) {
  if (!inference.likelihood) return;
  const auto support = inference.likelihood->support();
  if (std::isinf(support.min) && std::isinf(support.max)) return;
  for (const auto* split : components.data->splits.all()) {
    const auto [least, most] = split->bounds();
    if (least >= support.min && most <= support.max) continue;
    throw Error(fmt::format(
        "the {} images have values from {:.6g} to {:.6g}, and the likelihood {} is one of values "
        "from {:g} to {:g}; scale the data, or use another likelihood, gaussian for instance",
        split->name(), least, most, inference.likelihood->family(), support.min, support.max));
  }
}

results::EpochRecord try_one_batch(TrialComponents& components) {
  const auto& train = components.data->splits.train;
  const torch::NoGradGuard no_grad;
  Draw draw(stream_key(0, "preflight"), components.train->samples(), components.device);
  const auto batch = train.slice(0, std::min<std::int64_t>(2, train.size()), draw);
  const Progress start{};
  components.advance(start, {});
  const auto inference = components.model->infer(batch, draw);
  check_support(components, inference);
  results::EpochRecord record;
  LatentMetrics latents;
  latents.add(inference);
  auto& values = record.metrics["validation"];
  values = latents.values();
  for (const auto& entry : components.phases) {
    const Step step{batch, draw, start, train.size(), entry.phase.name};
    const auto terms = components.loss->evaluate(inference, step);
    if (terms.objective.dim() != 0)
      throw Error(fmt::format("the loss must be a scalar; this one has {} dimensions",
                              terms.objective.dim()));
    if (&entry != &components.phases.front()) continue;
    for (const auto& [name, value] : built_in_scalars(inference, terms))
      values[name] = results::Array::scalar(value);
  }
  return record;
}

/// @param record as try_one_batch returns it
Better declared_better(TrialComponents& components, const Evaluator& evaluator,
                       const results::EpochRecord& record, const std::string& metric) {
  const auto infos = built_in_infos(components.data->all_splits(), *components.model);
  if (const auto info = infos.find(metric); info != infos.end()) return info->second.better;
  const auto name = metric.substr(metric.find('/') + 1);
  return record.metrics.at("validation").contains(name) ? components.loss->better(name)
                                                        : evaluator.better(name);
}

}  // namespace

TriedTrial try_trial(const experiment::Trial& trial, const Registry& registry, DataCache& data,
                     const std::string& metric) {
  try {
    TrialComponents components(trial, registry, data);
    check_keep(components);
    const Evaluator evaluator(components, trial, registry, 0);  // checks metrics and views
    TriedTrial tried{try_one_batch(components)};
    if (!metric.empty())
      tried.better = declared_better(components, evaluator, tried.record, metric);
    return tried;
  } catch (const ConfigError&) {
    throw;
  } catch (const DataError&) {
    throw;
  } catch (const std::exception& error) {
    const auto settings = trial.swept_text();
    throw ConfigError(trial.model->where(),
                      fmt::format("model {} with loss {}{} cannot process a batch: {}",
                                  trial.model->find("use")->text(), trial.loss->find("use")->text(),
                                  settings.empty() ? "" : " (" + settings + ")", one_line(error)));
  }
}

}  // namespace varia::training
