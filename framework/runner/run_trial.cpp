#include "runner/run_trial.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "runner/evaluator.hpp"
#include "runner/kept_parameters.hpp"
#include "runner/messages.hpp"
#include "runner/pictures.hpp"
#include "runner/trainer.hpp"
#include "store/trial_file.hpp"
#include "varia/error.hpp"

namespace varia::runner {

namespace {

using Clock = std::chrono::steady_clock;

/// A trial file is committed at most this often, and at the end.
constexpr auto kCommitEvery = std::chrono::seconds(5);

std::vector<std::string> split_names(const TrialComponents& components) {
  std::vector<std::string> names = {"train"};
  if (components.data->splits.validation) names.emplace_back("validation");
  if (components.data->splits.test) names.emplace_back("test");
  return names;
}

store::TrialHeader header_of(const TrialJob& job, const TrialComponents& components,
                             std::int64_t records) {
  store::TrialHeader header;
  const auto& trial = job.trial;
  header.id = trial.id;
  header.experiment = trial.plan->name;
  header.seed = static_cast<std::uint64_t>(trial.seed);
  header.replicate = trial.replicate;
  header.host = job.environment.host;
  header.cpu = job.environment.cpu;
  header.versions = job.environment.versions();
  header.config = trial.yaml();
  header.target_epochs = records;
  for (const auto& setting : trial.parameters()) {
    const auto number = setting.value.quoted() ? std::nullopt : setting.value.as_real();
    if (number)
      header.parameters.push_back({setting.key, *number, setting.swept});
    else
      header.parameters.push_back({setting.key, setting.value.text(), setting.swept});
  }
  header.metrics = standard_infos(split_names(components), *components.model);
  return header;
}

/// One run of one trial: what it is made of, and what it has recorded.
class Session {
 public:
  Session(const TrialJob& job, TrialObserver& observer)
      : job_(job),
        observer_(observer),
        components_(job.trial, job.registry, job.data),
        trainer_(components_, static_cast<std::uint64_t>(job.trial.seed)),
        evaluator_(components_, job.trial, job.registry,
                   static_cast<std::uint64_t>(job.trial.plan->seed)),
        records_(lengthened(trainer_, job.least_records)),
        file_(job.results_file, header_of(job, components_, records_)),
        kept_(job.parameters_file, components_) {
    for (const auto& [name, info] : standard_infos(split_names(components_), *components_.model))
      described_.insert(name);
  }

  TrialOutcome run() {
    try {
      kept_.remember(0, std::numeric_limits<double>::quiet_NaN());
      for (std::int64_t record = 1; record <= records_; ++record) {
        if (!run_record(record)) {
          file_.commit();
          return {TrialEnd::interrupted, ""};
        }
      }
    } catch (const StoreError&) {
      throw;
    } catch (const std::exception& error) {
      kept_.save();
      const auto message = one_line(error);
      file_.finish(store::Status::failed, message);
      return {TrialEnd::failed, message};
    }
    kept_.save();
    file_.finish(store::Status::done);
    return {};
  }

 private:
  static std::int64_t lengthened(Trainer& trainer, std::int64_t records) {
    trainer.extend_to(records);
    return trainer.records();
  }

  /// @returns false where it was interrupted
  bool run_record(std::int64_t record) {
    const auto start = Clock::now();
    const auto first = (record - 1) * trainer_.steps_per_record();
    const auto end = std::min(first + trainer_.steps_per_record(), trainer_.horizon().steps);
    store::EpochRecord entry;
    entry.epoch = record;
    RunningMeans means;
    evaluator_.begin_training(trainer_.progress(first), record, records_);
    const auto follow = [this](const Inference& inference, const Batch& batch) {
      evaluator_.follow(inference, batch);
    };
    for (auto step = first; step < end; ++step) {
      if (job_.stop.load(std::memory_order_relaxed)) return false;
      const auto result = trainer_.step(step, follow);
      for (const auto& scalar : result.scalars) means.add(scalar.name, scalar.value, result.images);
      record_step(step + 1, result, entry);
      observer_.on_step(step + 1, trainer_.horizon().steps, result.images,
                        result.scalars.front().value);
    }
    entry.schedules = components_.scheduled_values();
    auto trained = evaluator_.finish_training(trainer_.progress(end), means.means());
    describe("train", trained);
    entry.metrics["train"] = std::move(trained.values);
    evaluate(trainer_.progress(end), record, entry);
    entry.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    file_.append(entry);
    render(trainer_.progress(end), record);
    kept_.remember(record, selection_loss(entry));
    if (Clock::now() - committed_ >= kCommitEvery) {
      file_.commit();
      committed_ = Clock::now();
    }
    observer_.on_record(entry);
    return true;
  }

  void record_step(std::int64_t step, const Trainer::StepResult& result,
                   store::EpochRecord& entry) const {
    const auto every = components_.train.record_every();
    if (every == 0 || step % every != 0) return;
    for (const auto& scalar : result.scalars)
      entry.steps[scalar.name].push_back({step, scalar.value});
    for (const auto& [key, value] : components_.scheduled_values())
      entry.steps[key].push_back({step, value});
  }

  /// Metrics, and a loss's own terms, become known with their first record.
  void describe(const std::string& split, const Evaluator::Result& result) {
    for (const auto& [name, value] : result.values) {
      if (!described_.insert(split + "/" + name).second) continue;
      const auto info = result.infos.find(name);
      file_.describe(split + "/" + name,
                     info != result.infos.end() ? info->second : store::MetricInfo{"nats", "", {}});
    }
  }

  void evaluate(const Progress& progress, std::int64_t record, store::EpochRecord& entry) {
    const auto& splits = components_.data->splits;
    for (const auto* split : {&splits.validation, &splits.test}) {
      if (!split->has_value()) continue;
      const auto& name = (*split)->name();
      auto result = evaluator_.evaluate(**split, progress, record, records_);
      if (const auto loss = result.values.at("loss").values.front(); !std::isfinite(loss))
        throw TrialError(
            fmt::format("epoch {}: {} loss is {}, which is not finite", record, name, loss));
      describe(name, result);
      entry.metrics[name] = std::move(result.values);
    }
  }

  void render(const Progress& progress, std::int64_t record) {
    for (const auto& [name, rendering] : evaluator_.render(progress, record, records_)) {
      for (const auto& picture : rendering.pictures) {
        auto composed = compose(picture, record);
        observer_.on_picture(name, composed.picture);
        file_.add_picture(name, composed.layout, std::move(composed.picture));
      }
      for (const auto& scatter : rendering.scatters) {
        auto points = to_points(scatter, record);
        observer_.on_points(name, points);
        file_.add_points(name, std::move(points));
      }
    }
  }

  static double selection_loss(const store::EpochRecord& entry) {
    const auto split = entry.metrics.find("validation");
    if (split == entry.metrics.end()) return std::numeric_limits<double>::quiet_NaN();
    return split->second.at("loss").values.front();
  }

  const TrialJob& job_;
  TrialObserver& observer_;
  TrialComponents components_;
  Trainer trainer_;
  Evaluator evaluator_;
  std::int64_t records_;
  store::TrialFile file_;
  KeptParameters kept_;
  std::set<std::string> described_;
  Clock::time_point committed_ = Clock::now();
};

}  // namespace

TrialOutcome run_trial(const TrialJob& job, TrialObserver& observer) {
  set_threads(static_cast<int>(job.trial.train->find("threads")->as_integer().value()));
  return Session(job, observer).run();
}

}  // namespace varia::runner
