#include "training/trial_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "files/lease.hpp"
#include "results/folder/monitored_values.hpp"
#include "results/folder/trial_header.hpp"
#include "training/built_in_metrics.hpp"
#include "training/device.hpp"
#include "training/evaluation/plain_values.hpp"
#include "training/messages.hpp"
#include "varia/error.hpp"

namespace varia::training {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// At the end of an epoch a checkpoint is worth less time than within one.
constexpr std::chrono::duration<double> kSaveEpochsEvery{5};

/// Steps after which a device that is not the CPU is waited for.
constexpr std::int64_t kStepsPerRead = 32;

}  // namespace

TrialRun::TrialRun(const TrialJob& job, TrialObserver& observer)
    : job_(job),
      observer_(observer),
      folder_(job.lease),
      components_(job.trial, job.registry, job.data),
      trainer_(components_, static_cast<std::uint64_t>(job.trial.seed), job.finished_records),
      evaluator_(components_, job.trial, job.registry,
                 static_cast<std::uint64_t>(job.trial.plan->seed)),
      records_(trainer_.records()),
      header_(
          results::header_of(job.trial, job.registry, job.environment, records_, job.lease.token)) {
  if (!components_.device.is_cpu())
    header_.gpu = job.environment.gpu.empty() ? components_.device.str() : job.environment.gpu;
  now_.trial = job.trial.id;
  now_.fingerprint = results::fingerprint_of(job.trial, job.registry, header_);
  evaluator_.stop_when(job.stop);
  header_.metrics = built_in_infos(components_.data->splits.all(), *components_.model);
  for (const auto& [name, info] : header_.metrics) described_.insert(name);
  const auto& train = *job.trial.train;
  kept_by_ = monitored(train.keep_metric());
  if (train.stop.given()) stopped_by_ = monitored(train.stop().metric());
  for (const auto& metric : components_.followed())
    measured_[metric].order = evaluator_.better(metric, header_.metrics);
  trainer_.follow(measured_);
  resume();
  if (file_) return;
  warm_start(job.trial, components_);
  file_.emplace(folder_.trial_file(), header_);
  if (train.keeps_parameters() && first_not_finite(components_.tensors()).empty())
    now_.kept.take(components_, 0, kNaN);
}

TrialRun::Monitored TrialRun::monitored(const std::string& metric) const {
  if (metric.empty()) return {};
  return {metric, evaluator_.better(metric, header_.metrics)};
}

TrialOutcome TrialRun::run() {
  try {
    if (!files::is_held(job_.lease) || is_published(job_.lease, job_.published_file))
      throw Superseded{};
    return train();
  } catch (const Superseded&) {
  } catch (const StoreError&) {
    // Who took the trial over may have removed what this run was writing.
    if (files::is_held(job_.lease)) throw;
  }
  folder_.remove_own();
  return {TrialEnd::superseded, ""};
}

TrialOutcome TrialRun::train() {
  observer_.on_start(now_.step, header_.metrics);
  try {
    while (!has_ended()) {
      const bool pause = job_.until > 0 && now_.records >= job_.until;
      if (!pause && run_record()) continue;
      save();
      return {TrialEnd::interrupted, ""};
    }
    require_same_data();
  } catch (const StoreError&) {
    throw;
  } catch (const Superseded&) {
    throw;
  } catch (...) {
    // A component may throw what is not a std::exception.
    return finish(results::TrialState::failed, cause_of(one_line(std::current_exception())));
  }
  if (!stopped_by_.metric.empty())
    file_->end(now_.records < records_ ? now_.records : 0, now_.stopping.best.epoch);
  return finish(results::TrialState::done, "");
}

bool TrialRun::has_ended() const {
  return now_.records >= records_ ||
         (!stopped_by_.metric.empty() && now_.stopping.is_over(job_.trial.train->stop()));
}

std::int64_t TrialRun::possible_last(std::int64_t record) const {
  if (stopped_by_.metric.empty()) return records_;
  auto next = now_.stopping;
  ++next.waited;
  return next.is_over(job_.trial.train->stop()) ? record : records_;
}

void TrialRun::require_same_data() const {
  if (components_.data->dataset->digest() != job_.trial.data_digest)
    throw TrialError(
        "the data changed while the trial was trained: they are not those that it is named by; run "
        "again to train with the data as they are now");
}

TrialOutcome TrialRun::finish(results::TrialState status, const std::string& error) {
  std::error_code ignored;
  const bool had_parameters = std::filesystem::exists(job_.parameters_file, ignored);
  const auto save = [this] {
    save_snapshot(now_.kept, job_.parameters_file, job_.trial.id, job_.lease);
  };
  bool is_published = false;
  try {
    is_published =
        publish(*file_, status, error, job_.lease, job_.published_file, job_.published_token, save);
  } catch (const StoreError&) {
    // They were written first. Without their trial they would stay behind for nothing.
    if (!had_parameters && !std::filesystem::exists(job_.published_file, ignored) &&
        files::is_held(job_.lease))
      std::filesystem::remove(job_.parameters_file, ignored);
    throw;
  }
  if (!is_published) throw Superseded{};
  return {status == results::TrialState::done ? TrialEnd::done : TrialEnd::failed, error};
}

bool TrialRun::run_record() {
  const auto record = now_.records + 1;
  const auto first = now_.records * trainer_.steps_per_record();
  const auto end = std::min(first + trainer_.steps_per_record(), trainer_.horizon().steps);
  if (job_.stop.load(std::memory_order_relaxed)) return false;
  started_ = Clock::now();
  evaluator_.begin_training(trainer_.progress(first), record, possible_last(record));
  if (now_.step > first && now_.record.metrics)
    evaluator_.restore_running_metrics(*now_.record.metrics);
  now_.record.metrics.reset();
  take_steps(end);
  if (now_.step < end || job_.stop.load(std::memory_order_relaxed)) return false;
  require_finite();

  results::EpochRecord entry;
  entry.epoch = record;
  entry.steps = now_.record.steps;
  entry.schedules = components_.scheduled_values();
  now_.record.metrics = evaluator_.running_metrics();
  auto stopping = now_.stopping;
  try {
    measure(entry, stopping);
  } catch (const Interrupted&) {
    return false;
  }
  now_.records = record;
  now_.record = {};
  now_.stopping = std::move(stopping);
  for (auto& [metric, measured] : measured_)
    if (const auto value = results::recorded_value(entry, metric))
      measured.values.push_back({now_.step, *value});
  keep_parameters(entry);
  file_->use_gpu_memory(peak_memory(components_.device));
  observer_.on_record(entry);
  // What comes after the last record is the publication.
  if (!has_ended() && is_time_to_save(std::min(kSaveEpochsEvery, job_.checkpoint_every))) save();
  return true;
}

void TrialRun::measure(results::EpochRecord& entry, EarlyStopping& stopping) {
  const auto& train = *job_.trial.train;
  const auto& splits = components_.data->splits;
  const auto record = entry.epoch;
  auto last = records_;
  if (!stopped_by_.metric.empty()) {
    // First of all: it tells whether this record is the last one.
    evaluate(entry, *splits.validation, last);
    if (const auto value = results::recorded_value(entry, stopped_by_.metric))
      stopping.observe(train.stop(), stopped_by_.order, record, *value, components_);
    if (stopping.is_over(train.stop())) last = record;
  }
  const bool is_measured = !stopped_by_.metric.empty() && record < last;
  const auto& best = stopping.best;
  NamedTensors own;
  if (record == last && !best.tensors.empty() && best.epoch < record) {
    own = copies_of(components_.tensors());
    restore_tensors(best.tensors, components_);
  }
  try {
    auto trained =
        evaluator_.finish_training(trainer_.progress(now_.step), record, last, now_.record.means);
    describe("train", trained);
    entry.metrics["train"] = std::move(trained.values);
    for (const auto* split : splits.all()) {
      const bool is_validation = splits.validation && split == &*splits.validation;
      if (split != &splits.train && !(is_validation && is_measured)) evaluate(entry, *split, last);
    }
    entry.seconds = seconds_since_start();
    file_->append(entry);
    render(record, last);
  } catch (const Interrupted&) {
    if (!own.empty()) restore_tensors(own, components_);
    throw;
  }
}

void TrialRun::keep_parameters(const results::EpochRecord& entry) {
  const auto& train = *job_.trial.train;
  if (!train.keeps_parameters()) return;
  const auto& best = now_.stopping.best;
  const bool is_best = has_ended() && !best.tensors.empty();
  const auto epoch = is_best ? best.epoch : entry.epoch;
  if (kept_by_.metric.empty()) {
    now_.kept.take(components_, epoch, kNaN);
  } else if (const auto value = results::recorded_value(entry, kept_by_.metric);
             value && is_better(*value, now_.kept.value, kept_by_.order)) {
    now_.kept.take(components_, epoch, *value);
  }
}

void TrialRun::take_steps(std::int64_t end) {
  const auto follow = [&](const Inference& inference, const Batch& batch) {
    evaluator_.follow(inference, batch);
  };
  while (now_.step < end && !job_.stop.load(std::memory_order_relaxed)) {
    trainer_.step(now_.step, follow);
    ++now_.step;
    if (is_recorded(now_.step)) keep_step(now_.step, components_.scheduled_values());
    const bool is_read_later = trainer_.defers_records() && now_.step % kStepsPerRead != 0;
    const bool saves = is_time_to_save(job_.checkpoint_every);
    if (saves || !is_read_later) record_steps();
    if (saves) save();
  }
  record_steps();
}

void TrialRun::record_steps() {
  for (const auto& record : trainer_.take_records()) {
    for (const auto& [name, value] : record.scalars)
      now_.record.means[name].add(value, record.images);
    const auto taken = record.step + 1;
    if (is_recorded(taken)) keep_step(taken, record.scalars);
    observer_.on_step(taken, trainer_.horizon().steps, record.images, record.scalars.at("loss"));
  }
}

bool TrialRun::is_recorded(std::int64_t step) const {
  const auto every = components_.train->record_every();
  return every != 0 && step % every == 0;
}

void TrialRun::keep_step(std::int64_t step, const std::map<std::string, double>& values) {
  for (const auto& [name, value] : values) now_.record.steps[name].push_back({step, value});
}

/// Metrics, and a loss's own terms, become known with their first record.
void TrialRun::describe(const std::string& split, const Evaluator::Result& result) {
  for (const auto& [name, value] : result.values) {
    if (!described_.insert(split + "/" + name).second) continue;
    const auto info = result.infos.find(name);
    file_->describe(
        split + "/" + name,
        info != result.infos.end()
            ? info->second
            : results::MetricInfo{.units = "nats", .better = components_.loss->better(name)});
  }
}

void TrialRun::evaluate(results::EpochRecord& entry, const Split& split, std::int64_t last) {
  const auto& name = split.name();
  auto result = evaluator_.evaluate(split, trainer_.progress(now_.step), entry.epoch, last);
  if (const auto loss = result.values.at("loss").values.front(); !std::isfinite(loss))
    throw TrialError(fmt::format("epoch {}: {} loss is {}, which is not finite", entry.epoch, name,
                                 scalar_text(loss)));
  describe(name, result);
  entry.metrics[name] = std::move(result.values);
}

void TrialRun::render(std::int64_t record, std::int64_t last) {
  for (const auto& [name, rendering] :
       evaluator_.render(trainer_.progress(now_.step), record, last)) {
    for (const auto& picture : rendering.pictures) {
      auto [layout, composed] = compose(picture, record);
      observer_.on_picture(name, composed);
      file_->add_picture(name, layout, std::move(composed));
    }
    for (const auto& scatter : rendering.scatters) {
      auto points =
          to_points(scatter, components_.data->splits.train.annotations().class_names, record);
      observer_.on_points(name, points);
      file_->add_points(name, std::move(points));
    }
  }
}

double TrialRun::seconds_since_start() const {
  return now_.record.seconds + std::chrono::duration<double>(Clock::now() - started_).count();
}

}  // namespace varia::training
