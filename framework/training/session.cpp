#include "training/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "files/lease.hpp"
#include "results/folder/trial_header.hpp"
#include "training/evaluation/pictures.hpp"
#include "training/files/publication.hpp"
#include "training/messages.hpp"
#include "training/standard_records.hpp"
#include "varia/error.hpp"

namespace varia::training {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// At the end of an epoch a checkpoint is worth less time than within one.
constexpr std::chrono::duration<double> kSaveEpochsEvery{5};

std::vector<std::string> split_names(const TrialComponents& components) {
  std::vector<std::string> names = {"train"};
  if (components.data->splits.validation) names.emplace_back("validation");
  if (components.data->splits.test) names.emplace_back("test");
  return names;
}

std::int64_t lengthened(Trainer& trainer, std::int64_t records) {
  trainer.extend_to(records);
  return trainer.records();
}

/// What a checkpoint of these components can take at most: their state, the parameters that are
/// kept beside it, and what a record gathers.
std::uint64_t checkpoint_limit(const TrialComponents& components) {
  constexpr std::uint64_t kRecord = std::uint64_t{1} << 30;
  const auto state = state_of(components);
  std::uint64_t bytes = 0;
  for (const auto& [name, tensor] : state.tensors) bytes += 2 * (tensor.nbytes() + name.size());
  for (const auto& optimizer : state.optimizers)
    for (const auto& [name, tensor] : optimizer) bytes += tensor.nbytes() + name.size();
  return bytes + kRecord;
}

double selection_loss(const results::EpochRecord& entry) {
  const auto split = entry.metrics.find("validation");
  return split == entry.metrics.end() ? kNaN : split->second.at("loss").values.front();
}

}  // namespace

Session::Session(const TrialJob& job, TrialObserver& observer)
    : job_(job),
      observer_(observer),
      folder_(job.lease),
      components_(job.trial, job.registry, job.data),
      trainer_(components_, static_cast<std::uint64_t>(job.trial.seed)),
      evaluator_(components_, job.trial, job.registry,
                 static_cast<std::uint64_t>(job.trial.plan->seed)),
      records_(lengthened(trainer_, job.least_records)),
      header_(
          results::header_of(job.trial, job.registry, job.environment, records_, job.lease.token)),
      fingerprint_(results::fingerprint_of(job.trial, job.registry, header_)),
      kept_(components_) {
  evaluator_.stop_when(job.stop);
  header_.metrics = standard_infos(split_names(components_), *components_.model);
  for (const auto& [name, info] : header_.metrics) described_.insert(name);
  resume();
  if (file_) return;
  file_.emplace(folder_.trial_file(), header_);
  kept_.remember(0, kNaN);
}

void Session::resume() {
  const auto pairs = folder_.checkpoints();
  if (pairs.empty()) return;
  const auto limit = checkpoint_limit(components_);
  for (const auto& pair : pairs) {
    try {
      go_on_from(pair, limit);
      return;
    } catch (const StoreError&) {
    } catch (const TrialError&) {
    }
    // Damaged, or of another version: an older one, or none, gives the same results.
  }
}

void Session::go_on_from(const TrialFolder::Pair& pair, std::uint64_t limit) {
  auto checkpoint = read_checkpoint(pair.checkpoint, limit);
  const auto first = checkpoint.records * trainer_.steps_per_record();
  const auto end = std::min(first + trainer_.steps_per_record(), trainer_.horizon().steps);
  if (checkpoint.trial != job_.trial.id || checkpoint.fingerprint != fingerprint_ ||
      checkpoint.records < 0 || checkpoint.records > records_ || checkpoint.step < 1 ||
      checkpoint.step < std::min(first, end) || checkpoint.step > end)
    throw TrialError("the checkpoint is of another trial, or of another version of it");
  auto file = results::TrialFile::resume(pair.trial_file, folder_.trial_file(), header_,
                                         checkpoint.records);
  // Copies what the old file has, so that a damaged one shows now, and not later.
  file.commit();
  restore(checkpoint.components, components_);

  file_.emplace(std::move(file));
  kept_.restore(std::move(checkpoint.kept));
  step_ = saved_step_ = checkpoint.step;
  done_ = saved_done_ = checkpoint.records;
  under_way_ = {checkpoint.seconds, RunningMeans(std::move(checkpoint.sums)),
                std::move(checkpoint.steps), std::move(checkpoint.followed)};
  // As the last step left them: the mode, and the scheduled values that were in force.
  components_.model->train();
  components_.loss->train();
  components_.advance(trainer_.progress(step_ - 1), trainer_.horizon());
  folder_.remove_all_but(pair.token);
}

TrialOutcome Session::run() {
  try {
    if (!files::is_held(job_.lease) || is_published(job_.lease, job_.published)) throw Superseded{};
    return train();
  } catch (const Superseded&) {
  } catch (const StoreError&) {
    // Who took the trial over may have removed what this run was writing.
    if (files::is_held(job_.lease)) throw;
  }
  folder_.remove_own();
  return {TrialEnd::superseded, ""};
}

TrialOutcome Session::train() {
  observer_.on_start(step_);
  try {
    while (done_ < records_) {
      const bool pause = job_.pause_after > 0 && done_ >= job_.pause_after;
      if (!pause && run_record()) continue;
      save();
      return {TrialEnd::interrupted, ""};
    }
  } catch (const StoreError&) {
    throw;
  } catch (const std::exception& error) {
    return finish(results::Status::failed, one_line(error));
  }
  return finish(results::Status::done, "");
}

TrialOutcome Session::finish(results::Status status, const std::string& error) {
  const auto publication =
      publish(*file_, status, error, job_.lease, job_.published, job_.replaces,
              [this] { save_kept(kept_.kept(), job_.parameters_file, job_.lease); });
  if (publication == Publication::superseded) throw Superseded{};
  return {status == results::Status::done ? TrialEnd::done : TrialEnd::failed, error};
}

bool Session::run_record() {
  const auto record = done_ + 1;
  const auto first = done_ * trainer_.steps_per_record();
  const auto end = std::min(first + trainer_.steps_per_record(), trainer_.horizon().steps);
  if (job_.stop.load(std::memory_order_relaxed)) return false;
  started_ = Clock::now();
  evaluator_.begin_training(trainer_.progress(first), record, records_);
  if (step_ > first && under_way_.followed) evaluator_.restore_followed(*under_way_.followed);
  stage_ = Stage::training;
  take_steps(end);
  if (step_ < end || job_.stop.load(std::memory_order_relaxed)) return false;

  results::EpochRecord entry;
  entry.epoch = record;
  entry.steps = under_way_.steps;
  entry.schedules = components_.scheduled_values();
  under_way_.followed = evaluator_.followed();
  stage_ = Stage::trained;
  try {
    auto trained = evaluator_.finish_training(trainer_.progress(end), under_way_.means.means());
    describe("train", trained);
    entry.metrics["train"] = std::move(trained.values);
    evaluate(entry);
    entry.seconds = seconds_since_start();
    file_->append(entry);
    render();
  } catch (const Interrupted&) {
    return false;
  }
  kept_.remember(record, selection_loss(entry));
  done_ = record;
  stage_ = Stage::complete;
  under_way_ = {};
  observer_.on_record(entry);
  // What comes after the last record is the publication.
  if (done_ < records_ && is_time_to_save(std::min(kSaveEpochsEvery, job_.checkpoint_every)))
    save();
  return true;
}

void Session::take_steps(std::int64_t end) {
  const auto follow = [this](const Inference& inference, const Batch& batch) {
    evaluator_.follow(inference, batch);
  };
  while (step_ < end && !job_.stop.load(std::memory_order_relaxed)) {
    const auto result = trainer_.step(step_, follow);
    ++step_;
    for (const auto& scalar : result.scalars)
      under_way_.means.add(scalar.name, scalar.value, result.images);
    record_step(result);
    observer_.on_step(step_, trainer_.horizon().steps, result.images, result.scalars.front().value);
    if (is_time_to_save(job_.checkpoint_every)) save();
  }
}

void Session::record_step(const Trainer::StepResult& result) {
  const auto every = components_.train->record_every();
  if (every == 0 || step_ % every != 0) return;
  for (const auto& scalar : result.scalars)
    under_way_.steps[scalar.name].push_back({step_, scalar.value});
  for (const auto& [key, value] : components_.scheduled_values())
    under_way_.steps[key].push_back({step_, value});
}

/// Metrics, and a loss's own terms, become known with their first record.
void Session::describe(const std::string& split, const Evaluator::Result& result) {
  for (const auto& [name, value] : result.values) {
    if (!described_.insert(split + "/" + name).second) continue;
    const auto info = result.infos.find(name);
    file_->describe(split + "/" + name, info != result.infos.end()
                                            ? info->second
                                            : results::MetricInfo{"nats", "", {}});
  }
}

void Session::evaluate(results::EpochRecord& entry) {
  const auto progress = trainer_.progress(step_);
  const auto& splits = components_.data->splits;
  for (const auto* split : {&splits.validation, &splits.test}) {
    if (!split->has_value()) continue;
    const auto& name = (*split)->name();
    auto result = evaluator_.evaluate(**split, progress, entry.epoch, records_);
    if (const auto loss = result.values.at("loss").values.front(); !std::isfinite(loss))
      throw TrialError(
          fmt::format("epoch {}: {} loss is {}, which is not finite", entry.epoch, name, loss));
    describe(name, result);
    entry.metrics[name] = std::move(result.values);
  }
}

void Session::render() {
  const auto record = done_ + 1;
  for (const auto& [name, rendering] :
       evaluator_.render(trainer_.progress(step_), record, records_)) {
    for (const auto& picture : rendering.pictures) {
      auto composed = compose(picture, record);
      observer_.on_picture(name, composed.picture);
      file_->add_picture(name, composed.layout, std::move(composed.picture));
    }
    for (const auto& scatter : rendering.scatters) {
      auto points = to_points(scatter, record);
      observer_.on_points(name, points);
      file_->add_points(name, std::move(points));
    }
  }
}

double Session::seconds_since_start() const {
  return under_way_.seconds + std::chrono::duration<double>(Clock::now() - started_).count();
}

void Session::save() {
  if (step_ == saved_step_ && done_ == saved_done_) return;
  Checkpoint checkpoint;
  if (stage_ != Stage::complete) {
    const auto followed = stage_ == Stage::training ? evaluator_.followed() : under_way_.followed;
    if (!followed) return;
    checkpoint.followed = *followed;
    checkpoint.seconds = seconds_since_start();
    checkpoint.sums = under_way_.means.sums();
    checkpoint.steps = under_way_.steps;
  }
  if (!files::is_held(job_.lease)) throw Superseded{};
  // The file first: a checkpoint counts on the records before it.
  file_->commit();
  checkpoint.trial = job_.trial.id;
  checkpoint.fingerprint = fingerprint_;
  checkpoint.step = step_;
  checkpoint.records = done_;
  checkpoint.components = state_of(components_);
  checkpoint.kept = kept_.kept();
  write_checkpoint(folder_.checkpoint(), checkpoint);
  saved_step_ = step_;
  saved_done_ = done_;
  saved_at_ = Clock::now();
  // From the second one on, the older of the own ones is there should the newer one be damaged.
  if (++saves_ == 2) folder_.remove_all_but(job_.lease.token);
}

}  // namespace varia::training
