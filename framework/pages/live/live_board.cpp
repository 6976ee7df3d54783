#include "pages/live/live_board.hpp"

#include <algorithm>

namespace varia::live {

const char* state_text(LiveState state) {
  switch (state) {
    case LiveState::fresh:
      return "new";
    case LiveState::running:
      return "running";
    case LiveState::done:
      return "done";
    case LiveState::partial:
      return "partial";
    case LiveState::failed:
      return "failed";
  }
  return "";
}

const char* state_text(RunState state) {
  switch (state) {
    case RunState::running:
      return "running";
    case RunState::finished:
      return "finished";
    case RunState::interrupted:
      return "interrupted";
    case RunState::failed:
      return "failed";
  }
  return "";
}

namespace {

std::shared_ptr<const LiveRecord> scalars_of(const results::EpochRecord& record) {
  auto scalars = std::make_shared<LiveRecord>();
  scalars->epoch = record.epoch;
  for (const auto& [split, metrics] : record.metrics) {
    for (const auto& [name, array] : metrics) {
      if (array.shape.empty() && array.values.size() == 1)
        scalars->metrics[split][name] = array.values.front();
    }
  }
  return scalars;
}

/// The index of the first element that is newer than `seen`.
std::ptrdiff_t first_after(const std::vector<std::uint64_t>& revisions, std::uint64_t seen) {
  return std::upper_bound(revisions.begin(), revisions.end(), seen) - revisions.begin();
}

}  // namespace

LiveBoard::LiveBoard(std::string experiment, std::size_t max_picture_bytes)
    : experiment_(std::move(experiment)), max_picture_bytes_(max_picture_bytes) {}

std::uint64_t LiveBoard::touch(Entry& entry) {
  entry.revision = ++revision_;
  changed_.notify_all();
  return revision_;
}

void LiveBoard::set_trials(std::vector<LiveTrial> trials) {
  const std::lock_guard lock(mutex_);
  entries_.clear();
  for (auto& trial : trials) {
    entries_.emplace_back().trial = std::move(trial);
    touch(entries_.back());
  }
}

void LiveBoard::add_trials(std::vector<LiveTrial> trials) {
  const std::lock_guard lock(mutex_);
  for (auto& trial : trials) {
    entries_.emplace_back().trial = std::move(trial);
    touch(entries_.back());
  }
}

void LiveBoard::start(std::size_t trial) {
  const std::lock_guard lock(mutex_);
  auto& entry = entries_.at(trial);
  entry.trial.state = LiveState::running;
  entry.trial.error.clear();
  entry.records.clear();
  entry.record_revisions.clear();
  while (!entry.pictures.empty()) drop_picture(entry, entry.pictures.begin()->first);
  entry.points.clear();
  touch(entry);
}

void LiveBoard::set_progress(std::size_t trial, std::int64_t step, std::int64_t steps) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  auto& entry = entries_.at(trial);
  entry.trial.step = step;
  entry.trial.steps = steps;
  touch(entry);
}

void LiveBoard::add_record(std::size_t trial, const results::EpochRecord& record) {
  auto scalars = scalars_of(record);
  const std::lock_guard lock(mutex_);
  auto& entry = entries_.at(trial);
  // A trial that goes on from a checkpoint repeats some epochs, with the same numbers.
  if (!entry.records.empty() && entry.records.back()->epoch >= record.epoch) return;
  entry.records.push_back(std::move(scalars));
  entry.record_revisions.push_back(touch(entry));
}

std::size_t LiveBoard::number_of(const std::string& view) {
  const auto found = std::find(views_.begin(), views_.end(), view);
  if (found != views_.end()) return static_cast<std::size_t>(found - views_.begin());
  views_.push_back(view);
  return views_.size() - 1;
}

void LiveBoard::set_picture(std::size_t trial, const std::string& view, results::Picture picture) {
  auto content = std::make_shared<const results::Picture>(std::move(picture));
  const std::lock_guard lock(mutex_);
  auto& entry = entries_.at(trial);
  auto& newest = entry.pictures[number_of(view)];
  if (newest.content) picture_bytes_ -= newest.content->pixels.size();
  picture_bytes_ += content->pixels.size();
  newest = {std::move(content), touch(entry)};
  drop_oldest_pictures();
}

void LiveBoard::drop_oldest_pictures() {
  while (picture_bytes_ > max_picture_bytes_) {
    std::uint64_t oldest = revision_;  // the one just set stays
    Entry* from = nullptr;
    std::size_t view = 0;
    for (auto& entry : entries_) {
      for (const auto& [number, newest] : entry.pictures) {
        if (newest.revision >= oldest) continue;
        oldest = newest.revision;
        from = &entry;
        view = number;
      }
    }
    if (from == nullptr) return;
    drop_picture(*from, view);
  }
}

void LiveBoard::drop_picture(Entry& entry, std::size_t view) {
  picture_bytes_ -= entry.pictures.at(view).content->pixels.size();
  entry.pictures.erase(view);
}

void LiveBoard::set_points(std::size_t trial, const std::string& view, results::Points points) {
  auto content = std::make_shared<const results::Points>(std::move(points));
  const std::lock_guard lock(mutex_);
  auto& entry = entries_.at(trial);
  const auto number = number_of(view);
  entry.points[number] = {std::move(content), touch(entry)};
}

void LiveBoard::end(std::size_t trial, LiveState state, const std::string& error) {
  const std::lock_guard lock(mutex_);
  auto& entry = entries_.at(trial);
  entry.trial.state = state;
  entry.trial.error = error;
  touch(entry);
}

void LiveBoard::add_note(std::string note) {
  const std::lock_guard lock(mutex_);
  notes_.push_back(std::move(note));
  note_revisions_.push_back(++revision_);
  changed_.notify_all();
}

void LiveBoard::finish(RunState state) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  ++revision_;
  changed_.notify_all();
}

std::optional<LiveChange> LiveBoard::wait(std::uint64_t seen,
                                          std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, patience, [&] { return revision_ > seen; })) return std::nullopt;
  return change_since(seen);
}

LiveChange LiveBoard::change_since(std::uint64_t seen) const {
  LiveChange change;
  change.revision = revision_;
  change.experiment = experiment_;
  change.state = state_;
  change.notes.assign(notes_.begin() + first_after(note_revisions_, seen), notes_.end());
  for (std::size_t index = 0; index < entries_.size(); ++index) {
    const auto& entry = entries_[index];
    if (entry.revision <= seen) continue;
    auto& trial = change.trials.emplace_back();
    trial.index = index;
    trial.trial = entry.trial;
    const auto first = first_after(entry.record_revisions, seen);
    trial.first_record = static_cast<std::size_t>(first);
    trial.records.assign(entry.records.begin() + first, entry.records.end());
    for (const auto& [number, newest] : entry.pictures) {
      if (newest.revision > seen)
        trial.pictures.push_back(
            {views_[number], number, newest.content->epoch, newest.content->title});
    }
    for (const auto& [number, newest] : entry.points) {
      if (newest.revision > seen)
        trial.points.push_back(
            {views_[number], number, newest.content->epoch, newest.content->title});
    }
  }
  return change;
}

std::shared_ptr<const results::Picture> LiveBoard::picture(std::size_t trial,
                                                           std::size_t view) const {
  const std::lock_guard lock(mutex_);
  if (trial >= entries_.size()) return nullptr;
  const auto found = entries_[trial].pictures.find(view);
  return found == entries_[trial].pictures.end() ? nullptr : found->second.content;
}

std::shared_ptr<const results::Points> LiveBoard::points(std::size_t trial,
                                                         std::size_t view) const {
  const std::lock_guard lock(mutex_);
  if (trial >= entries_.size()) return nullptr;
  const auto found = entries_[trial].points.find(view);
  return found == entries_[trial].points.end() ? nullptr : found->second.content;
}

}  // namespace varia::live
