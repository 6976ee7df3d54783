#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <optional>

#include "experiment/monitored_metrics.hpp"
#include "experiment/params/warm_start_params.hpp"
#include "results/folder/monitored_values.hpp"
#include "results/names.hpp"
#include "training/built_in_metrics.hpp"
#include "training/components.hpp"
#include "training/evaluation/evaluator.hpp"
#include "training/messages.hpp"
#include "training/run_trial.hpp"
#include "training/trainer.hpp"
#include "varia/error.hpp"
#include "varia/error_list.hpp"

namespace varia::training {

namespace {

/// @throws ConfigError if the results have no place for what has such a name
void check_names(const experiment::Trial& trial) {
  const auto check = [](const Location& where, const auto& check_name, const std::string& name) {
    try {
      check_name(name);
    } catch (const TrialError& error) {
      throw ConfigError(where, error.what());
    }
  };
  ErrorList errors;
  for (const auto& entry : *trial.views)
    errors.collect([&] { check(entry.params.where(), results::check_view_name, entry.name); });
  for (const auto& setting : trial.parameters())
    errors.collect(
        [&] { check(setting.value.where(), results::check_parameter_key, setting.key); });
  errors.raise();
}

/// @throws ConfigError if all that would be trained is to stay as it is
void require_trained(const experiment::Trial& trial, const TrialComponents& components) {
  const auto* freeze = trial.model->find(experiment::kFreeze);
  const bool is_trained = std::ranges::any_of(
      components.phases, [](const auto& entry) { return !entry.phase.parameters.empty(); });
  if (freeze == nullptr || is_trained) return;
  throw ConfigError(freeze->where(),
                    "model: freeze: all that the model has stays as it is, so that nothing is "
                    "trained. Leave out the parts that are to be trained");
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
        "the {} samples have values from {:.6g} to {:.6g}, and the likelihood {} is one of values "
        "from {:g} to {:g}; scale the data, or use another likelihood, gaussian for instance",
        split->name(), least, most, inference.likelihood->family(), support.min, support.max));
  }
}

/// Whether a batch is tried with the graph that gradients need, which takes memory.
enum class Graph { none, made };

/// The loss of every phase for images of the training split, as a step has it.
/// @returns what of it is not finite: "kl_z is inf"; empty if nothing is
/// @throws Error if a phase has an objective that is no scalar, or has a graph and no gradient
std::string try_step(TrialComponents& components, std::int64_t begin, std::int64_t end,
                     Graph graph = Graph::none) {
  const auto& train = components.data->splits.train;
  const at::AutoGradMode gradients(graph == Graph::made);
  Draw draw(stream_key(0, "preflight"), components.train->samples(), components.device);
  const auto batch = train.slice(begin, end, draw);
  const auto inference = components.model->infer(batch, draw);
  check_support(components, inference);
  for (const auto& entry : components.phases) {
    const Step step{batch, draw, {}, train.size(), entry.phase.name};
    const auto terms = components.loss->evaluate(inference, step);
    if (terms.objective.dim() != 0)
      throw Error(fmt::format("the loss must be a scalar; this one has {} dimensions",
                              terms.objective.dim()));
    if (graph == Graph::made)
      if (const auto problem = gradient_problem(terms, entry.phase); !problem.empty())
        throw Error(problem);
    const BatchTerms read(inference, terms);
    const auto scalars = BatchTerms::read({&read, 1}).front();
    if (const auto* bad = read.not_finite(scalars))
      return fmt::format("{} is {}", bad->first, scalar_text(bad->second));
  }
  return "";
}

/// Two images, and as many as the last batch of an epoch has: normalisation over the batch fails
/// for a single one.
/// @throws Error if the loss of a batch of an epoch is not finite
void try_training(TrialComponents& components) {
  const auto size = components.data->splits.train.size();
  const auto require_finite = [](const std::string& problem) {
    if (!problem.empty())
      throw Error(fmt::format("{}, which is not finite; {}", problem, kFiniteAtFirst));
  };
  components.advance({}, horizon_of(*components.train, *components.data));
  // A loss may need more images than two, which no batch of the training may have. Whether it has a
  // gradient does not depend on how many there are.
  if (!try_step(components, 0, std::min<std::int64_t>(2, size), Graph::made).empty())
    require_finite(try_step(components, 0, std::min(components.data->batch, size)));
  if (const auto last = size % components.data->batch; last > 0)
    require_finite(try_step(components, size - last, size));
}

/// A split of the last `count` images.
Split last_of(const Split& split, std::int64_t count) {
  Draw draw(stream_key(0, "preflight"));
  const auto batch = split.slice(split.size() - count, split.size(), draw);
  auto values = batch.target;
  if (batch.mask.defined())
    values = values.masked_fill(batch.mask.logical_not(), std::numeric_limits<double>::quiet_NaN());
  const auto rows = at::arange(split.size() - count, split.size(), at::kLong);
  return {split.name(), std::make_shared<MemorySamples>(values, split.annotations().of(rows)),
          at::arange(count, at::kLong), Binarize::none};
}

/// The same data with few images in each split. One image if the last batch of an evaluation has
/// one, which is where a component fails that takes two for granted.
std::shared_ptr<const Data> few_of(const Data& data) {
  constexpr std::int64_t kFew = 16;
  const auto few = [kFew](const Split& split) {
    const bool ends_with_one = split.size() % Evaluator::kBatch == 1;
    return last_of(split, ends_with_one ? 1 : std::min(kFew, split.size()));
  };
  const auto& splits = data.splits;
  Splits all{splits.spec, last_of(splits.train, std::min(kFew, splits.train.size())), {}, {}};
  if (splits.validation) all.validation = few(*splits.validation);
  if (splits.test) all.test = few(*splits.test);
  return std::make_shared<const Data>(Data{.dataset = data.dataset,
                                           .splits = std::move(all),
                                           .batch = data.batch,
                                           .shuffle = data.shuffle});
}

/// As EpochRecord::metrics.
using SplitValues = std::map<std::string, std::map<std::string, results::Array>>;

/// All that a record takes: every split is evaluated, and every view is drawn.
/// @returns by split what is recorded of it
SplitValues try_record(TrialComponents& components, Evaluator& evaluator) {
  SplitValues recorded;
  for (const auto* split : components.data->splits.all()) {
    if (split == &components.data->splits.train) continue;
    recorded[split->name()] = evaluator.evaluate(*split, {}, 1, 1).values;
  }
  evaluator.render({}, 1, 1);
  return recorded;
}

/// Whether an error says where in the experiment it is.
bool has_place(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const ConfigError& error) {
    return !error.where().text().empty();
  } catch (...) {
    return false;
  }
}

/// @throws ConfigError with the place of the metric or view that failed, if it was one
SplitValues try_record_in_place(TrialComponents& components, Evaluator& evaluator,
                                const experiment::Trial& trial) {
  try {
    return try_record(components, evaluator);
  } catch (const DataError&) {
    throw;
  } catch (...) {
    const auto thrown = std::current_exception();
    const auto* entry = evaluator.at_work();
    if (entry == nullptr || has_place(thrown)) throw;
    const bool is_metric =
        std::ranges::any_of(*trial.metrics, [&](const auto& metric) { return &metric == entry; });
    const auto name = fmt::format("{} {}", is_metric ? "metric" : "view", entry->use);
    const auto what = one_line(thrown);
    throw ConfigError(entry->params.where(), what.starts_with(name) ? what : name + ": " + what);
  }
}

/// The training split is not evaluated; what it records is built in, or terms of the loss that the
/// others record, too.
void add_training_split(SplitValues& recorded,
                        const std::map<std::string, results::MetricInfo>& built_in) {
  const std::string prefix = "train/";
  std::map<std::string, results::Array> values;
  for (const auto& [split, others] : recorded) values.insert(others.begin(), others.end());
  for (const auto& [name, info] : built_in)
    if (name.starts_with(prefix) && info.axes.empty())
      values.try_emplace(name.substr(prefix.size()), results::Array::scalar(NAN));
  recorded["train"] = std::move(values);
}

/// Checks the metrics that the trial monitors against what it records of the validation split.
/// @throws ConfigError
void check_monitored(const experiment::Trial& trial, const Evaluator& evaluator,
                     const results::EpochRecord& record,
                     const std::map<std::string, results::MetricInfo>& built_in) {
  ErrorList errors;
  for (const auto& monitored : experiment::monitored_metrics(trial)) {
    errors.collect([&] {
      results::require_recorded(monitored, trial, record);
      if (evaluator.better(monitored.metric, built_in) != Better::neither) return;
      throw ConfigError(monitored.where,
                        fmt::format("{}: '{}' does not declare whether higher or lower values are "
                                    "better, so that no epoch can be chosen by it",
                                    monitored.user, monitored.metric));
    });
  }
  errors.raise();
}

}  // namespace

TriedTrial try_trial(const experiment::Trial& trial, const Registry& registry, DataCache& data,
                     std::set<std::string>& measured, const std::string& metric) {
  try {
    // A sweep may be checked where it is not trained. A run itself knows its GPUs.
    const bool is_cuda = trial.train->device.is("cuda");
    TrialComponents components(trial, registry, data,
                               is_cuda ? MissingDevice::is_cpu : MissingDevice::is_error);
    ErrorList errors;
    errors.collect([&] { check_names(trial); });
    errors.collect([&] { require_trained(trial, components); });
    errors.collect([&] { warm_start(trial, components); });
    std::optional<Evaluator> evaluator;
    errors.collect([&] { evaluator.emplace(components, trial, registry, 0); });
    errors.raise();
    try_training(components);

    // Metrics and views take longest, and depend on what the model is rather than on its size.
    auto measures = trial.data->canonical() + trial.model->find("use")->text() +
                    trial.loss->find("use")->text();
    for (const auto& entries : {trial.metrics, trial.views})
      for (const auto& entry : *entries) measures += experiment::entry_value(entry).canonical();
    auto plain = trial;
    if (!measured.insert(measures).second)
      plain.metrics = plain.views = std::make_shared<const std::vector<experiment::ListEntry>>();
    Evaluator measuring(components, plain, registry, 0);
    TriedTrial tried;
    auto& recorded = tried.record.metrics;
    const auto all = std::exchange(components.data, few_of(*components.data));
    try {
      recorded = try_record(components, measuring);
    } catch (...) {
      if (has_place(std::current_exception())) throw;
      // Some need more images than these. With all of them it is no fault of the try.
      components.data = all;
      recorded = try_record_in_place(components, measuring, plain);
    }
    const auto built_in = built_in_infos(components.data->splits.all(), *components.model);
    check_monitored(trial, *evaluator, tried.record, built_in);
    add_training_split(recorded, built_in);
    if (!metric.empty()) tried.better = evaluator->better(metric, built_in);
    return tried;
  } catch (const ConfigError&) {
    throw;
  } catch (const DataError&) {
    throw;
  } catch (...) {
    const auto what = one_line(std::current_exception());
    const auto settings = trial.swept_text();
    throw ConfigError(trial.model->where(),
                      fmt::format("model {} with loss {}{} cannot process a batch: {}",
                                  trial.model->find("use")->text(), trial.loss->find("use")->text(),
                                  settings.empty() ? "" : " (" + settings + ")", what));
  }
}

}  // namespace varia::training
