#include "sweep/search/asha.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace varia::sweep {

namespace {

std::vector<std::int64_t> rungs_of(std::int64_t min_records, std::int64_t factor,
                                   std::int64_t length) {
  std::vector<std::int64_t> rungs;
  for (auto at = min_records; at < length; at *= factor) {
    rungs.push_back(at);
    if (at > length / factor) break;  // the next one would be beyond, or overflow
  }
  rungs.push_back(length);
  return rungs;
}

}  // namespace

Asha::Asha(std::int64_t min_records, std::int64_t factor, std::vector<Trial> trials)
    : factor_(factor), trials_(std::move(trials)) {
  for (std::size_t i = 0; i < trials_.size(); ++i) {
    const auto& trial = trials_[i];
    if (trial.group >= groups_.size()) groups_.resize(trial.group + 1);
    auto& group = groups_[trial.group];
    group.trials.push_back(i);
    group.rungs = rungs_of(min_records, factor, trial.length);
    levels_ = std::max(levels_, group.rungs.size());
  }
}

void Asha::record(std::size_t trial, std::int64_t record, double value) {
  auto& progress = trials_.at(trial);
  progress.values[record] = value;
  progress.records = std::max(progress.records, record);
  climb(groups_[progress.group]);
}

void Asha::finish(std::size_t trial) { trials_.at(trial).finished = true; }

void Asha::fail(std::size_t trial) {
  trials_.at(trial).failed = true;
  auto& group = groups_[trials_.at(trial).group];
  group.failed = true;
  climb(group);
}

void Asha::put_back(std::size_t trial) { trials_.at(trial).out = false; }
void Asha::take_out(std::size_t trial) { trials_.at(trial).out = true; }

std::vector<std::int64_t> Asha::rungs(std::size_t trial) const {
  return groups_[trials_.at(trial).group].rungs;
}

bool Asha::all_have(const Group& group, std::int64_t records) const {
  return std::ranges::all_of(group.trials, [&](std::size_t trial) {
    return trials_[trial].finished || trials_[trial].records >= records;
  });
}

/// A trial that went beyond a rung, or failed there, shows that its group was promoted.
void Asha::climb(Group& group) const {
  const auto was_promoted = [&](std::int64_t rung) {
    return std::ranges::any_of(group.trials, [&](std::size_t trial) {
      return trials_[trial].records > rung || (group.failed && all_have(group, rung));
    });
  };
  while (group.level + 1 < group.rungs.size() && was_promoted(group.rungs[group.level]))
    ++group.level;
}

bool Asha::has_reached(const Group& group, std::size_t rung) const {
  if (rung > group.level) return false;
  // One that has failed on the way to a rung ends there.
  return (group.failed && rung == group.level) || all_have(group, group.rungs[rung]);
}

double Asha::value(const Group& group, std::size_t rung) const {
  constexpr double kLast = std::numeric_limits<double>::infinity();
  if (group.failed && rung == group.level) return kLast;
  double sum = 0;
  for (const auto trial : group.trials) {
    const auto& progress = trials_[trial];
    const auto at =
        progress.finished ? std::min(group.rungs[rung], progress.records) : group.rungs[rung];
    const auto found = progress.values.find(at);
    if (found == progress.values.end()) return kLast;
    sum += found->second;
  }
  const double mean = sum / static_cast<double>(group.trials.size());
  if (!std::isfinite(mean)) return kLast;
  return mean;
}

std::vector<std::size_t> Asha::reached(std::size_t rung) const {
  std::vector<std::size_t> groups;
  for (std::size_t i = 0; i < groups_.size(); ++i)
    if (has_reached(groups_[i], rung)) groups.push_back(i);
  return groups;
}

std::vector<std::size_t> Asha::promoted(std::size_t rung) const {
  std::vector<std::size_t> groups;
  for (std::size_t i = 0; i < groups_.size(); ++i)
    if (groups_[i].level > rung) groups.push_back(i);
  return groups;
}

std::vector<std::size_t> Asha::best(std::size_t rung) const {
  std::vector<std::pair<double, std::size_t>> ranks;
  for (const auto i : reached(rung)) ranks.emplace_back(value(groups_[i], rung), i);
  std::sort(ranks.begin(), ranks.end());
  ranks.resize(ranks.size() / static_cast<std::size_t>(factor_));
  std::vector<std::size_t> groups;
  for (const auto& [value, group] : ranks)
    if (std::isfinite(value)) groups.push_back(group);
  return groups;
}

std::optional<std::size_t> Asha::promotable(std::size_t rung) const {
  for (const auto i : best(rung)) {
    const auto& group = groups_[i];
    if (!group.failed && group.level == rung && rung + 1 < group.rungs.size()) return i;
  }
  return std::nullopt;
}

bool Asha::is_begun(const Group& group) const {
  return std::ranges::any_of(group.trials, [&](std::size_t trial) {
    return trials_[trial].records > 0 || trials_[trial].out;
  });
}

bool Asha::is_complete(std::size_t trial, std::int64_t until) const {
  const auto& progress = trials_[trial];
  return progress.finished || (until != progress.length && progress.records >= until);
}

std::optional<TrialChoice> Asha::choice_of(const Group& group) const {
  if (group.failed) return std::nullopt;
  const auto until = group.rungs[group.level];
  for (const auto trial : group.trials)
    if (!trials_[trial].out && !is_complete(trial, until)) return TrialChoice{trial, until};
  return std::nullopt;
}

std::optional<TrialChoice> Asha::next() {
  const auto take = [&](const TrialChoice& job) {
    take_out(job.trial);
    return job;
  };
  for (std::size_t rung = levels_; rung-- > 0;) {
    for (const auto& group : groups_) {
      if (group.level != rung || (rung == 0 && !is_begun(group))) continue;
      if (const auto job = choice_of(group)) return take(*job);
    }
    if (rung == 0) break;
    while (const auto group = promotable(rung - 1)) {
      ++groups_[*group].level;
      // None if all its trials are in other hands.
      if (const auto job = choice_of(groups_[*group])) return take(*job);
    }
  }
  for (const auto& group : groups_)
    if (group.level == 0 && !is_begun(group))
      if (const auto job = choice_of(group)) return take(*job);
  return std::nullopt;
}

Asha::State Asha::state(std::size_t trial) const {
  const auto& progress = trials_.at(trial);
  const auto& group = groups_[progress.group];
  if (progress.failed) return State::failed;
  if (progress.finished) return State::whole;
  if (group.failed) return State::dropped;
  return is_complete(trial, group.rungs[group.level]) ? State::stopped : State::waiting;
}

}  // namespace varia::sweep
