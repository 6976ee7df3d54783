#include "training/trial_check.hpp"

#include <fmt/format.h>

#include <algorithm>

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

results::EpochRecord try_one_batch(TrialComponents& components) {
  const auto& train = components.data->splits.train;
  const torch::NoGradGuard no_grad;
  Draw draw(stream_key(0, "preflight"), components.train->samples(), components.device);
  const auto batch = train.slice(0, std::min<std::int64_t>(2, train.size()), draw);
  const Progress start{};
  components.advance(start, {});
  const auto inference = components.model->infer(batch, draw);
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
    for (const auto& scalar : built_in_scalars(inference, terms))
      values[scalar.name] = results::Array::scalar(scalar.value);
  }
  return record;
}

}  // namespace

results::EpochRecord try_trial(const experiment::Trial& trial, const Registry& registry,
                               DataCache& data) {
  try {
    TrialComponents components(trial, registry, data);
    check_keep(components);
    const Evaluator checks_metrics_and_views(components, trial, registry, 0);
    return try_one_batch(components);
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
