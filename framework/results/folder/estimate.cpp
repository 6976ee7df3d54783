#include "results/folder/estimate.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <system_error>
#include <tuple>

namespace varia::results {

namespace fs = std::filesystem;

namespace {

/// Sizes are alike; a look at each of many files would take longer than the rest of the plan.
constexpr std::size_t kFilesLookedAt = 200;

struct Mean {
  double total = 0;
  double weight = 0;
  double value() const {
    return weight > 0 ? total / weight : std::numeric_limits<double>::quiet_NaN();
  }
  void add(double amount, double of) {
    total += amount;
    weight += of;
  }
};

/// Trials of a plan share equal sections.
using Kind = std::tuple<const void*, const void*, const void*>;
Kind kind_of(const experiment::Trial& trial) {
  return {trial.data.get(), trial.model.get(), trial.loss.get()};
}

/// Bytes of the file; 0 if it is not there.
double size_of(const fs::path& file) {
  std::error_code error;
  const auto bytes = fs::file_size(file, error);
  return error ? 0 : static_cast<double>(bytes);
}

}  // namespace

Estimate estimate(const experiment::Plan& plan, const std::vector<TrialStatus>& states,
                  const ResultPaths& paths) {
  Estimate sum;
  std::map<Kind, Mean> seconds_by_kind;  // of a record
  Mean seconds;
  Mean stopping;  // epochs of trials that may end early
  Mean trial_bytes;
  Mean parameter_bytes;
  std::size_t looked_at = 0;
  std::size_t packed = 0;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const auto& trial = plan.trials[i];
    if (trial.train->keeps_parameters()) ++sum.files;
    if (states[i].finished_records() == 0) continue;
    ++sum.measured;
    const auto records = static_cast<double>(states[i].finished_records());
    seconds_by_kind[kind_of(trial)].add(states[i].published.total_seconds, records);
    seconds.add(states[i].published.total_seconds, records);
    if (trial.train->stop.given()) stopping.add(records, 1);
    if (states[i].packed) ++packed;
    if (looked_at++ >= kFilesLookedAt) continue;
    if (!states[i].packed) trial_bytes.add(size_of(paths.trial(trial.id)), 1);
    if (const auto bytes = size_of(paths.parameters(trial.id)); bytes > 0)
      parameter_bytes.add(bytes, 1);
  }
  sum.files += plan.trials.size() - packed + 1;  // and the merged file
  // The merged file holds what the trial files hold.
  if (trial_bytes.weight == 0 && packed > 0)
    trial_bytes.add(size_of(paths.merged()), static_cast<double>(packed));
  for (std::size_t i = 0; i < states.size(); ++i) {
    const auto& trial = plan.trials[i];
    const auto kind = seconds_by_kind.find(kind_of(trial));
    const auto each = (kind != seconds_by_kind.end() ? kind->second : seconds).value();
    auto records = static_cast<double>(states[i].target_records);
    if (states[i].published.stopped_early > 0)
      records = static_cast<double>(states[i].finished_records());
    else if (trial.train->stop.given() && stopping.weight > 0)
      records = std::min(records, stopping.value());
    sum.seconds += each * records;
    const auto state = states[i].state;
    if (!states[i].is_stopped() && (state == TrialState::fresh || state == TrialState::partial))
      sum.seconds_left +=
          each * std::max(0.0, records - static_cast<double>(states[i].records_done));
    sum.bytes += (states[i].packed ? 1 : 2) * trial_bytes.value();
    if (trial.train->keeps_parameters()) sum.bytes += parameter_bytes.value();
  }
  return sum;
}

std::vector<std::string> processors(const std::vector<TrialStatus>& states,
                                    const std::string& this_one) {
  std::set<std::string> models = {this_one};
  for (const auto& state : states)
    if (state.finished_records() > 0 && !state.published.processor().empty())
      models.insert(state.published.processor());
  return {models.begin(), models.end()};
}

}  // namespace varia::results
