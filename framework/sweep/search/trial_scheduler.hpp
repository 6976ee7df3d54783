#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "results/records.hpp"

namespace varia::sweep {

/// A trial to be trained until it has so many records.
struct TrialChoice {
  std::size_t trial = 0;   ///< its index in the plan
  std::int64_t until = 0;  ///< 0: to its end

  bool operator==(const TrialChoice&) const = default;
};

/// Says which trial a run trains next, and how far. This one takes them in their order, each to its
/// end. Only the supervisor calls it.
class TrialScheduler {
 public:
  virtual ~TrialScheduler() = default;

  /// A trial that is ready to be trained; it is in progress then, until `look_at` is called for it.
  /// @param first the first that is ready; nullopt: none is
  /// @returns nullopt if none of them is to be trained by what is known now
  virtual std::optional<TrialChoice> next(std::optional<std::size_t> first) {
    if (!first) return std::nullopt;
    return TrialChoice{*first, 0};
  }
  /// A trial failed here. Its files may not say so: an older result, which is finished, stays.
  virtual void fail(std::size_t trial) {}
  /// A trial is no longer in progress here, or another run had it: its files may hold more.
  virtual void look_at(std::size_t trial) {}
  /// Looks at what other runs did. @returns whether there is anything new
  virtual bool look_around() { return false; }
  /// Adds trials to the plan; called if a worker is idle. @returns whether any of them are to be
  /// trained
  virtual bool more() { return false; }
  /// Whether there may be more soon, since another run is about to make some.
  virtual bool waits() const { return false; }
  /// Trials that are not in the plan yet.
  virtual std::size_t missing() const { return 0; }
  /// Why the search came to nothing: no value told good trials from bad ones, say, or none was
  /// trained to its end. Empty if it did not.
  virtual std::string problem() const { return ""; }
  /// Receives a record. @throws ConfigError if it lacks the metric that is compared
  virtual void hear(std::size_t trial, const results::EpochRecord& record) {}
};

}  // namespace varia::sweep
