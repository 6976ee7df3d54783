#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "varia/better.hpp"
#include "varia/export.hpp"

namespace varia {

/// A closed interval of real numbers.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};

/// One value of a curve by steps.
struct StepValue {
  std::int64_t step = 0;
  double value = 0;

  bool operator==(const StepValue&) const = default;
};

/// What was measured of a metric in a run, in the order of the steps after which it was measured.
struct Measured {
  Better order = Better::neither;  ///< which values are better
  std::vector<StepValue> values;
};

/// How far a run has come.
struct Progress {
  std::int64_t step = 0;  ///< steps of the optimizer taken so far
  double epoch = 0;       ///< the same in epochs: step / steps per epoch
  /// The metrics that schedules follow, by "split/name". They may go beyond `step`. Null: none.
  const std::map<std::string, Measured>* measured = nullptr;
};

/// How far a run goes.
struct Horizon {
  std::int64_t steps_per_epoch = 1;
  std::int64_t steps = 1;  ///< of the whole run
};

/// A number that changes while a model is trained (kind `schedule`).
class VARIA_API Schedule {
 public:
  using KindBase = Schedule;
  static constexpr const char* kKind = "schedule";
  virtual ~Schedule();

  /// The value in force for the step that follows `progress`. A pure function of its arguments, of
  /// which `progress.measured` counts up to `progress.step`.
  virtual double value(const Progress& progress, const Horizon& horizon) const = 0;

  /// Bounds of every value it can take; checked against the parameter's own range.
  virtual Range bounds() const = 0;

  /// True if the value depends on `horizon.steps`; the length of the run is then a part of the
  /// trial's identity.
  virtual bool depends_on_run_length() const { return false; }

  /// A metric of the validation split that the value follows, such as "validation/elbo"; it is then
  /// in `progress.measured`. Empty: none.
  virtual std::string follows() const { return {}; }
};

}  // namespace varia
