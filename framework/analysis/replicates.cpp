#include "analysis/replicates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "analysis/statistics/estimates.hpp"

namespace varia::analysis {

namespace {

/// Why trials of one seed have no value between them.
std::size_t MissingValues::*reason(const std::vector<results::TrialInfo>& rows,
                                   const std::vector<std::size_t>& trials) {
  const auto is = [&](results::TrialState status) {
    return std::any_of(trials.begin(), trials.end(),
                       [&](std::size_t trial) { return rows[trial].status == status; });
  };
  if (is(results::TrialState::done)) return &MissingValues::without_value;
  return is(results::TrialState::failed) ? &MissingValues::failed : &MissingValues::partial;
}

/// The mean of those that are there; NaN of none.
double mean_of_present(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  return statistics::mean(values);
}

/// Means over the seeds of which both values are there.
std::pair<double, double> shared_means(const PairedValues& shared) {
  std::vector<double> a, b;
  for (std::size_t i = 0; i < shared.a.size(); ++i) {
    if (std::isnan(shared.a[i]) || std::isnan(shared.b[i])) continue;
    a.push_back(shared.a[i]);
    b.push_back(shared.b[i]);
  }
  return {statistics::mean(a), statistics::mean(b)};
}

}  // namespace

MissingValues& MissingValues::operator+=(const MissingValues& other) {
  failed += other.failed;
  partial += other.partial;
  absent += other.absent;
  without_value += other.without_value;
  return *this;
}

std::string MissingValues::text() const {
  std::string text;
  const auto add = [&](std::size_t count, const char* reason) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, reason);
  };
  add(failed, "failed");
  add(partial, "partial");
  add(absent, "missing");
  add(without_value, "without a value");
  return text;
}

std::vector<double> Replicates::values() const {
  std::vector<double> values;
  for (const auto& replicate : list) values.push_back(replicate.value);
  return values;
}

Replicates gather_replicates(const results::Results& results, std::span<const double> values,
                             const std::vector<std::size_t>& trials,
                             const std::set<std::int64_t>& expected) {
  const auto& rows = results.trials();
  std::map<std::pair<std::int64_t, std::uint64_t>, std::vector<std::size_t>> seeds;
  for (const auto trial : trials) seeds[{rows[trial].replicate, rows[trial].seed}].push_back(trial);
  Replicates found;
  auto without_trial = expected;
  for (const auto& [key, own] : seeds) {
    without_trial.erase(key.first);
    if (own.size() > 1) ++found.repeated;
    std::vector<double> present;
    std::vector<std::size_t> counted;
    for (const auto trial : own) {
      if (rows[trial].status != results::TrialState::done || std::isnan(values[trial])) continue;
      present.push_back(values[trial]);
      counted.push_back(trial);
    }
    if (present.empty()) ++(found.missing.*reason(rows, own));
    found.list.push_back({key.first, key.second, statistics::mean(present), std::move(counted)});
  }
  found.missing.absent += without_trial.size();
  return found;
}

PairedValues shared_seeds(const Replicates& a, const Replicates& b) {
  std::map<std::uint64_t, double> others;
  for (const auto& replicate : b.list) others[replicate.seed] = replicate.value;
  PairedValues shared;
  for (const auto& replicate : a.list) {
    const auto other = others.find(replicate.seed);
    if (other == others.end()) continue;
    shared.a.push_back(replicate.value);
    shared.b.push_back(other->second);
  }
  return shared;
}

std::vector<double> Sample::values() const {
  if (!is_pooled) return places.front().values();
  std::vector<double> means;
  for (const auto& place : places) means.push_back(mean_of_present(place.values()));
  return means;
}

MissingValues Sample::missing() const {
  MissingValues sum;
  for (const auto& place : places) sum += place.missing;
  return sum;
}

std::size_t Sample::repeated() const {
  std::size_t sum = 0;
  for (const auto& place : places) sum += place.repeated;
  return sum;
}

Sample take_sample(const results::Results& results, std::span<const double> values,
                   const Setting& group, const std::set<std::int64_t>& expected) {
  Sample sample;
  sample.is_pooled = !group.places.empty();
  if (!sample.is_pooled)
    sample.places.push_back(gather_replicates(results, values, group.trials, expected));
  for (const auto& place : group.places) {
    sample.places.push_back(gather_replicates(results, values, place.trials, expected));
    sample.places.back().pooled = place.values;
  }
  return sample;
}

PairedValues shared_values(const Sample& a, const Sample& b) {
  if (!a.is_pooled || !b.is_pooled) return shared_seeds(a.places.front(), b.places.front());
  PairedValues pairs;
  for (const auto& place : a.places) {
    const auto other = std::ranges::find(b.places, place.pooled, &Replicates::pooled);
    if (other == b.places.end()) continue;
    const auto means = shared_means(shared_seeds(place, *other));
    pairs.a.push_back(means.first);
    pairs.b.push_back(means.second);
  }
  return pairs;
}

}  // namespace varia::analysis
