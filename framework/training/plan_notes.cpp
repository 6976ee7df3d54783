#include "training/plan_notes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "training/trainer.hpp"

namespace varia::training {

namespace {

double value_at(const Schedule& schedule, std::int64_t step, const Horizon& horizon) {
  const auto epochs = static_cast<double>(step) / static_cast<double>(horizon.steps_per_epoch);
  return schedule.value({step, epochs}, horizon);
}

/// The lowest and the highest value that a schedule takes in a run. The value after the last step
/// counts too if the schedule is on its way there, and not if it jumps there.
Range range_in(const Schedule& schedule, const Horizon& horizon) {
  constexpr std::int64_t kMostLooks = 10'000;
  const auto at = [&](std::int64_t step) { return value_at(schedule, step, horizon); };
  Range range{at(0), at(0)};
  const auto take = [&](double value) {
    range.min = std::min(range.min, value);
    range.max = std::max(range.max, value);
  };
  const auto stride = std::max<std::int64_t>(1, horizon.steps / kMostLooks);
  for (std::int64_t step = 0; step < horizon.steps; step += stride) take(at(step));
  const auto last = horizon.steps - 1;
  take(at(last));
  if (last == 0 || at(last) != at(last - 1)) take(at(last + 1));
  return range;
}

std::string note_on(const std::string& key, const Scheduled& parameter,
                    const experiment::TrainParams& train, const Data& data,
                    const Registry& registry) {
  constexpr double kTolerance = 1e-3;  // of the whole way
  const auto config = configure(registry, Schedule::kKind, parameter.resolved());
  const auto schedule = std::static_pointer_cast<Schedule>(config.info->make_plain(*config.params));
  const auto horizon = horizon_of(train, data);
  const auto whole = schedule->bounds();
  const auto found = range_in(*schedule, horizon);
  const double missing = kTolerance * (whole.max - whole.min);
  bool up = false;
  bool down = false;
  constexpr std::int64_t kLatest = std::int64_t{1} << 50;
  for (auto step = horizon.steps; step < kLatest; step *= 2) {  // after the end of the run
    const double value = value_at(*schedule, step, horizon);
    up = up || value - found.max > missing;
    down = down || found.min - value > missing;
  }
  if (!up && !down) return "";
  const auto place = parameter.where().text();
  return fmt::format(
      "{}{}: the schedule {} goes {} to {:.6g}, but in {} it reaches {:.6g} only. Train longer, or "
      "make the schedule shorter",
      place.empty() ? "" : place + ": ", key, config.info->name, up ? "up" : "down",
      up ? whole.max : whole.min,
      train.steps.has_value() ? fmt::format("{} steps", train.steps())
      : train.epochs() == 1   ? "1 epoch"
                              : fmt::format("{} epochs", train.epochs()),
      up ? found.max : found.min);
}

/// That all is measured on the samples that are trained on.
std::string note_on_splits(const Value& section, const Data& data) {
  if (data.splits.test || data.splits.validation) return "";
  const auto place = section.where().text();
  return fmt::format(
      "{}data: there is no test split and no validation split, so that everything is measured on "
      "the samples that are trained on. `data.validation: 0.1` sets some aside",
      place.empty() ? "" : place + ": ");
}

/// That `data.limit` leaves out nothing.
std::string note_on_limit(const Value& section, const Data& data, const Registry& registry) {
  const auto config = configure(registry, Dataset::kKind, section);
  const auto& params = dynamic_cast<const DatasetParams&>(*config.params);
  if (!params.limit.has_value() || params.sample_size() != 1 || !params.held_out().empty())
    return "";
  const auto size = [](const auto& split) { return split ? split->size() : 0; };
  const auto training = data.splits.train.size() + size(data.splits.validation);
  const auto test = size(data.splits.test);
  if (params.limit() <= std::max(training, test)) return "";
  const auto place = params.limit.where().text();
  return fmt::format("{}data.limit: {} changes nothing: there are {} samples for training{}",
                     place.empty() ? "" : place + ": ", params.limit(), training,
                     test > 0 ? fmt::format(", and {} for test", test) : "");
}

}  // namespace

std::vector<std::string> plan_notes(const experiment::Plan& plan,
                                    const std::vector<std::size_t>& places,
                                    const Registry& registry, DataCache& data) {
  std::set<std::string> notes;
  std::set<experiment::SharedValue> looked_at;
  for (const auto place : places)
    if (const auto& section = plan.trials[place].data; looked_at.insert(section).second) {
      const auto opened = data.get(*section);
      notes.insert(note_on_splits(*section, *opened));
      notes.insert(note_on_limit(*section, *opened, registry));
    }
  // Trials share the sections that they have in common.
  std::set<
      std::tuple<experiment::SharedValue, experiment::SharedTrainParams, experiment::SharedValue>>
      seen;
  for (const auto place : places) {
    const auto& trial = plan.trials[place];
    for (const auto& section : experiment::kComponentSections) {
      const auto& value = trial.*section.value;
      if (value == trial.data || !seen.emplace(value, trial.train, trial.data).second) continue;
      const auto config = configure(registry, section.kind, *value);
      config.params->visit(section.key, [&](const std::string& key, Parameter& parameter) {
        const auto* scheduled = dynamic_cast<const Scheduled*>(&parameter);
        if (scheduled == nullptr || !scheduled->has_value() || scheduled->is_constant()) return;
        notes.insert(note_on(key, *scheduled, *trial.train, *data.get(*trial.data), registry));
      });
    }
  }
  notes.erase("");
  return {notes.begin(), notes.end()};
}

}  // namespace varia::training
