#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sweep/search/trial_scheduler.hpp"

namespace varia::sweep {

/// Asynchronous successive halving (Li et al. 2020, algorithm 2) over groups of replicates.
///
/// Rung k stands at min_records * factor^k records; the last rung of a trial is its length. A group
/// has reached a rung when all its trials have, and its value there is their mean; one with a trial
/// that has failed, or whose value is not finite, ranks last. Of the n groups that have reached a
/// rung the best floor(n / factor) are promoted, as soon as they are among these: each trial of
/// such a group is trained up to the next rung. A new group is begun only if none can be
/// promoted.
///
/// Nothing is remembered but what was recorded, so that a run that resumes from trial files decides
/// as if it had never stopped. For one order of results the decisions are always the
/// same; equal values rank in the order of the plan.
class Asha {
 public:
  /// One trial of the plan, with what was recorded; those of one group follow each other.
  struct Trial {
    std::size_t group = 0;    ///< counted from 0
    std::int64_t length = 1;  ///< records of the whole trial

    // Told by the functions below.
    std::int64_t records = 0;
    std::map<std::int64_t, double> values = {};  ///< by record
    bool finished = false;
    bool failed = false;
    bool out = false;
  };
  enum class State {
    waiting,  ///< not begun, or on its way to a rung
    stopped,  ///< at a rung, and not promoted by what is known now
    whole,    ///< finished
    failed,
    dropped,  ///< not begun or not continued, since another trial of its group has failed
  };

  Asha(std::int64_t min_records, std::int64_t factor, std::vector<Trial> trials);

  /// The value of a trial at a record, from 1: less is better. It has all records before, too.
  void record(std::size_t trial, std::int64_t record, double value);
  /// The trial is finished. Its records were given before; if it ended before its length, the last
  /// one counts at all rungs that are left.
  void finish(std::size_t trial);
  /// The trial has failed, after the records that were given.
  void fail(std::size_t trial);

  /// What to do next; the trial is in progress then, and not offered again until `put_back`.
  /// @returns nullopt if there is nothing to do before more is known
  std::optional<TrialChoice> next();
  /// The trial is no longer in progress.
  void put_back(std::size_t trial);
  /// The trial is in other hands until `put_back`.
  void take_out(std::size_t trial);

  State state(std::size_t trial) const;
  /// Records that the trial has.
  std::int64_t records(std::size_t trial) const { return trials_.at(trial).records; }
  /// Records of the whole trial.
  std::int64_t length(std::size_t trial) const { return trials_.at(trial).length; }
  /// The records at which the rungs of a trial stand, the last one its length.
  std::vector<std::int64_t> rungs(std::size_t trial) const;
  /// The groups that have reached a rung, and of them those that were promoted.
  std::vector<std::size_t> reached(std::size_t rung) const;
  std::vector<std::size_t> promoted(std::size_t rung) const;

 private:
  struct Group {
    std::vector<std::size_t> trials;
    std::vector<std::int64_t> rungs;
    std::size_t level = 0;  // the rung that it is on the way to, or has reached
    bool failed = false;
  };

  bool all_have(const Group& group, std::int64_t records) const;
  bool has_reached(const Group& group, std::size_t rung) const;
  double value(const Group& group, std::size_t rung) const;  // less is better
  bool is_begun(const Group& group) const;
  bool is_complete(std::size_t trial, std::int64_t until) const;
  std::optional<TrialChoice> choice_of(const Group& group) const;
  std::vector<std::size_t> best(std::size_t rung) const;
  std::optional<std::size_t> promotable(std::size_t rung) const;
  void climb(Group& group) const;

  std::int64_t factor_;
  std::vector<Trial> trials_;
  std::vector<Group> groups_;
  std::size_t levels_ = 0;  // of the longest trial
};

}  // namespace varia::sweep
