#include "training/evaluation/evaluator.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <string_view>

#include "results/names.hpp"
#include "training/evaluation/plain_values.hpp"
#include "training/messages.hpp"
#include "varia/error.hpp"
#include "varia/error_list.hpp"

namespace varia::training {

Evaluator::Evaluator(TrialComponents& components, const experiment::Trial& trial,
                     const Registry& registry, std::uint64_t experiment_seed)
    : components_(components), seed_(experiment_seed), entries_(trial.metrics) {
  const auto configured = [&registry](const char* kind, const experiment::ListEntry& entry) {
    auto section = entry.params;
    section.set("use", Value::text(entry.use));
    return configure(registry, kind, section);
  };
  ErrorList errors;
  const auto collect = [&errors](const experiment::ListEntry& entry, const auto& make_it) {
    errors.collect([&] {
      try {
        make_it();
      } catch (const ConfigError& error) {
        // A component knows the places of its parameters, and not its own. A list of errors has one
        // in each line.
        const bool is_list = std::string_view(error.what()).find('\n') != std::string_view::npos;
        if (is_list || !error.where().text().empty()) throw;
        throw ConfigError(entry.params.where(), error.what());
      }
    });
  };
  // What does not suit the model or the data says so now, and not after an epoch.
  for (const auto& entry : *entries_) {
    collect(entry, [&] {
      metrics_.emplace_back(&entry, configured(Metric::kKind, entry));
      const auto metric = make<Metric>(metrics_.back().second, components_.build);
      if (metric->follows_training()) following_.insert(entry.name);
    });
  }
  for (const auto& entry : *trial.views) {
    collect(entry, [&] {
      views_.emplace_back(entry, make<View>(configured(View::kKind, entry), components.build));
    });
  }
  errors.raise();
}

Draw Evaluator::draw(const std::string& purpose, std::int64_t step) const {
  return Draw(stream_key(seed_, purpose, 0, step), 1, components_.device);
}

void Evaluator::seed_generator(const std::string& purpose, std::int64_t step) const {
  seed_default_generator(stream_key(seed_, "default generator of " + purpose, 0, step),
                         components_.device);
}

namespace {

std::map<std::string, results::Array> arrays_of(const std::map<std::string, RunningMean>& means) {
  std::map<std::string, results::Array> arrays;
  for (const auto& [name, mean] : means) arrays[name] = results::Array::scalar(mean.mean());
  return arrays;
}

}  // namespace

Better Evaluator::better(const std::string& metric,
                         const std::map<std::string, results::MetricInfo>& built_in) const {
  if (const auto info = built_in.find(metric); info != built_in.end()) return info->second.better;
  const auto name = metric.substr(metric.find('/') + 1);
  const auto* entry = experiment::entry_of(name, *entries_);
  if (entry == nullptr) return components_.loss->better(name);
  const auto& configured =
      std::ranges::find(metrics_, entry, [](const auto& one) { return one.first; })->second;
  const auto made = make<Metric>(configured, components_.build);
  const auto rest = name.substr(entry->name.size());
  // The two keys that ListEntry::value_name may have made `name` of.
  const auto better = made->better(entry->use + rest);
  return better != Better::neither || rest.empty() ? better : made->better(rest.substr(1));
}

std::vector<Evaluator::Measurement> Evaluator::begin(const Split& split, const Progress& progress,
                                                     std::int64_t epoch, std::int64_t last,
                                                     bool all) {
  std::vector<Measurement> due;
  seed_generator("metrics on " + split.name());
  for (const auto& [entry, configured] : metrics_) {
    if (!entry->is_due(epoch, last) || !(all || following_.contains(entry->name))) continue;
    at_work_ = entry;
    due.push_back({entry, make<Metric>(configured, components_.build),
                   draw("metric " + entry->name + " on " + split.name())});
  }
  for (auto& one : due) {
    at_work_ = one.entry;
    one.metric->begin(evaluation(split, progress, one.draw));
  }
  at_work_ = nullptr;
  return due;
}

Evaluation Evaluator::evaluation(const Split& split, const Progress& progress, Draw& stream) const {
  return {*components_.model, components_.data->splits.train, split, stream, progress};
}

namespace {

/// @throws ConfigError with the metric's place if results files have no place for the value
void check_storable(const experiment::ListEntry& metric, const std::string& value) {
  try {
    results::check_metric_name(value);
  } catch (const TrialError& error) {
    throw ConfigError(
        metric.params.where(),
        "metric " + metric.use + ": a value has no place in the results: " + one_line(error));
  }
}

}  // namespace

void Evaluator::finish(std::vector<Measurement>& measurements, const Split& split,
                       const Progress& progress, Result& result) {
  for (auto& one : measurements) {
    stop_if_asked();
    at_work_ = one.entry;
    seed_generator("metric " + one.entry->name + " on " + split.name());
    for (const auto& [key, value] : one.metric->result(evaluation(split, progress, one.draw))) {
      const auto name = one.entry->value_name(key);
      check_storable(*one.entry, name);
      if (!result.values.emplace(name, to_array(value)).second)
        throw ConfigError(one.entry->params.where(),
                          "metric " + one.entry->use + ": a value named '" + name +
                              "' is recorded already; give the metric another name with 'as'");
      result.infos[name] = {.units = one.metric->units(key), .better = one.metric->better(key)};
    }
  }
  at_work_ = nullptr;
}

std::optional<Evaluator::RunningMetrics> Evaluator::running_metrics() const {
  if (!is_following_) return std::nullopt;
  const torch::NoGradGuard no_grad;
  RunningMetrics metrics;
  for (const auto& one : running_) {
    auto state = one.metric->state();
    if (!state) return std::nullopt;
    for (auto& [key, tensor] : *state) tensor = tensor.detach().to(at::kCPU).clone();
    metrics[one.entry->name] = std::move(*state);
  }
  return metrics;
}

void Evaluator::restore_running_metrics(const RunningMetrics& saved) {
  const torch::NoGradGuard no_grad;
  for (auto& one : running_) {
    const auto state = saved.find(one.entry->name);
    if (state == saved.end())
      throw Error("metric " + one.entry->name + ": the checkpoint has no state of it");
    one.metric->restore(state->second);
  }
}

void Evaluator::stop_if_asked() const {
  if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) throw Interrupted{};
}

void Evaluator::begin_training(const Progress& progress, std::int64_t epoch, std::int64_t last) {
  const torch::NoGradGuard no_grad;
  running_ = begin(components_.data->splits.train, progress, epoch, last, false);
  is_following_ = true;
}

void Evaluator::follow(const Inference& inference, const Batch& batch) {
  for (auto& one : running_) one.metric->update(inference, batch);
}

Evaluator::Result Evaluator::finish_training(const Progress& progress, std::int64_t epoch,
                                             std::int64_t last,
                                             const std::map<std::string, RunningMean>& recorded) {
  const torch::NoGradGuard no_grad;
  is_following_ = false;
  Result result{arrays_of(recorded), {}};
  std::erase_if(running_, [&](const Measurement& one) { return !one.entry->is_due(epoch, last); });
  finish(running_, components_.data->splits.train, progress, result);
  running_.clear();
  return result;
}

void Evaluator::for_each_batch(const Split& split, const Visit& visit) const {
  for (std::int64_t begin = 0; begin < split.size(); begin += kBatch) {
    stop_if_asked();
    seed_generator("images of " + split.name(), begin);
    auto images = draw("images of " + split.name(), begin);
    const auto batch = split.slice(begin, std::min(begin + kBatch, split.size()), images);
    auto noise = draw("noise on " + split.name(), begin);
    visit(batch, noise, begin);
  }
}

Evaluator::Result Evaluator::evaluate(const Split& split, const Progress& progress,
                                      std::int64_t epoch, std::int64_t last) {
  const torch::NoGradGuard no_grad;
  components_.model->eval();
  components_.loss->eval();

  auto due = begin(split, progress, epoch, last, true);
  std::map<std::string, RunningMean> means;
  LatentMetrics latents;
  for_each_batch(split, [&](const Batch& batch, Draw& noise, std::int64_t begin) {
    const auto inference = components_.model->infer(batch, noise);
    auto loss_draw = draw("loss on " + split.name(), begin);
    const Step step{batch, loss_draw, progress, split.size(),
                    components_.phases.front().phase.name};
    const BatchTerms terms(inference, components_.loss->evaluate(inference, step));
    const auto scalars = BatchTerms::read({&terms, 1}).front();
    for (const auto& [name, value] : scalars) means[name].add(value, batch.size());
    latents.add(inference);
    for (auto& one : due) {
      at_work_ = one.entry;
      one.metric->update(inference, batch);
    }
    at_work_ = nullptr;
  });

  Result result{arrays_of(means), {}};
  result.values.merge(latents.values());
  finish(due, split, progress, result);
  return result;
}

std::vector<Evaluator::NamedRendering> Evaluator::render(const Progress& progress,
                                                         std::int64_t epoch, std::int64_t last) {
  const torch::NoGradGuard no_grad;
  components_.model->eval();
  components_.loss->eval();
  const Split& split = *components_.data->splits.all().back();
  std::vector<NamedRendering> renderings;
  for (const auto& [entry, view] : views_) {
    if (!entry.is_due(epoch, last)) continue;
    stop_if_asked();
    at_work_ = &entry;
    seed_generator("view " + entry.name);
    auto stream = draw("view " + entry.name);
    renderings.emplace_back(entry.name, view->render(evaluation(split, progress, stream)));
  }
  at_work_ = nullptr;
  return renderings;
}

}  // namespace varia::training
