#include "sweep/preflight.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <set>

#include "sweep/search/search_metric.hpp"
#include "sweep/workers/channel.hpp"
#include "sweep/workers/child_process.hpp"
#include "sweep/workers/trial_log.hpp"
#include "training/evaluation/evaluator.hpp"
#include "training/messages.hpp"
#include "training/standard_records.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

using training::TrialComponents;

namespace {

void check_keep(const TrialComponents& components) {
  if (components.train.keep.is("best") && !components.data->splits.validation)
    throw ConfigError(components.train.keep.where(),
                      "train: keep: best needs a validation split to choose by; set "
                      "data.validation, or keep: last");
}

/// @returns the names of what every epoch of the validation split records
results::EpochRecord try_one_batch(TrialComponents& components) {
  const auto& train = components.data->splits.train;
  const torch::NoGradGuard no_grad;
  Draw draw(stream_key(0, "preflight"), components.train.samples(), components.device);
  const auto batch = train.slice(0, std::min<std::int64_t>(2, train.size()), draw);
  const Progress start{};
  components.advance(start, {});
  const auto inference = components.model->infer(batch, draw);
  results::EpochRecord record;
  auto& names = record.metrics["validation"];
  training::LatentRecords latents;
  latents.add(inference);
  names = latents.values();
  for (const auto& entry : components.phases) {
    const Step step{batch, draw, start, train.size(), entry.phase.name};
    const auto terms = components.loss->evaluate(inference, step);
    if (terms.objective.dim() != 0)
      throw Error(fmt::format("the loss must be a scalar; this one has {} dimensions",
                              terms.objective.dim()));
    if (&entry != &components.phases.front()) continue;
    for (const auto& scalar : training::standard_scalars(inference, terms))
      names[scalar.name] = results::Array::scalar(scalar.value);
  }
  return record;
}

/// What is declared better of a value of the validation split.
/// @param record as try_one_batch returns it
Better declared_better(TrialComponents& components, const training::Evaluator& evaluator,
                       const results::EpochRecord& record, const std::string& metric) {
  const auto infos = training::standard_infos({"validation"}, *components.model);
  if (const auto info = infos.find(metric); info != infos.end()) return info->second.better;
  const auto name = metric.substr(metric.find('/') + 1);
  return record.metrics.at("validation").contains(name) ? components.loss->better(name)
                                                        : evaluator.better(name);
}

/// @returns what is wrong; empty: nothing
std::string complaint(const experiment::Trial& trial, const Registry& registry,
                      training::DataCache& data, const experiment::Search* search) {
  try {
    TrialComponents components(trial, registry, data);
    check_keep(components);
    const training::Evaluator evaluator(components, trial, registry, 0);  // checks them all
    const auto record = try_one_batch(components);
    if (search != nullptr) {
      require_metric(*search, trial, record);
      searched_order(*search, declared_better(components, evaluator, record, search->metric));
    }
    return "";
  } catch (const ConfigError& error) {
    return error.what();
  } catch (const DataError& error) {
    return error.what();
  } catch (const std::exception& error) {
    const auto settings = training::swept_text(trial);
    return ConfigError(
               trial.model->where(),
               fmt::format("model {} with loss {}{} cannot process a batch: {}",
                           trial.model->find("use")->text(), trial.loss->find("use")->text(),
                           settings.empty() ? "" : " (" + settings + ")",
                           training::one_line(error)))
        .what();
  }
}

/// One trial of each distinct setting.
std::vector<const experiment::Trial*> distinct(
    const experiment::Plan& plan, const std::optional<std::vector<std::size_t>>& chosen) {
  std::set<std::string> seen;
  std::vector<const experiment::Trial*> trials;
  const auto add = [&](const experiment::Trial& trial) {
    std::string key;
    for (const auto& section : {trial.data, trial.model, trial.loss, trial.optimizer})
      key += section->canonical() + "\n";
    if (seen.insert(key).second) trials.push_back(&trial);
  };
  if (chosen)
    for (const auto i : *chosen) add(plan.trials[i]);
  else
    for (const auto& trial : plan.trials) add(trial);
  return trials;
}

using Timeout = std::optional<std::chrono::duration<double>>;

enum class Wait { heard, stopped, overdue };

/// Waits for a message, or the end of the process, while asking whether to go on.
Wait wait_for(const Channel& channel, const std::function<bool()>& should_stop,
              const Timeout& timeout) {
  const auto start = std::chrono::steady_clock::now();
  pollfd wait{channel.descriptor(), POLLIN, 0};
  constexpr int milliseconds = 100;
  while (::poll(&wait, 1, milliseconds) <= 0) {
    if (should_stop()) return Wait::stopped;
    if (timeout && std::chrono::steady_clock::now() - start > *timeout) return Wait::overdue;
  }
  return Wait::heard;
}

}  // namespace

std::vector<std::string> preflight(const experiment::Plan& plan, const Registry& registry,
                                   training::DataCache& data,
                                   const std::optional<std::vector<std::size_t>>& chosen,
                                   const std::function<bool()>& should_stop,
                                   std::optional<std::chrono::duration<double>> timeout,
                                   const experiment::Search* search) {
  const auto trials = distinct(plan, chosen);
  std::set<const Value*> opened;
  for (const auto* trial : trials)
    if (opened.insert(trial->data.get()).second) data.get(*trial->data);

  std::vector<std::string> crashes;
  std::size_t next = 0;  // of `trials`
  while (next < trials.size()) {
    TrialLog log;
    auto [here, there] = Channel::pair();
    const auto body = [&, first = next, &own = there, &other = here] {
      other.close();
      for (auto i = first; i < trials.size(); ++i)
        if (!own.send(complaint(*trials[i], registry, data, search))) break;
      return 0;
    };
    ChildProcess child(body, log.descriptor());
    there.close();
    auto wait = Wait::heard;
    while (next < trials.size() && (wait = wait_for(here, should_stop, timeout)) == Wait::heard) {
      const auto answer = here.receive();
      if (!answer) break;
      if (!answer->empty()) throw ConfigError(*answer);
      ++next;
    }
    if (next == trials.size() || should_stop()) break;
    if (wait == Wait::overdue) child.kill();
    const auto end = child.wait();
    const auto tail = log.tail();
    crashes.push_back(
        fmt::format("{}: the process that tried one batch {}{}", training::label_of(*trials[next]),
                    wait == Wait::overdue
                        ? fmt::format("took longer than run.trial_timeout ({} s)", timeout->count())
                        : end.text(),
                    tail.empty() ? "" : "; it printed: " + tail));
    ++next;
  }
  return crashes;
}

}  // namespace varia::sweep
