#include "analysis/replicates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "analysis/statistics/location.hpp"

namespace varia::analysis {

namespace {

/// Why trials of one seed have no value between them.
std::size_t Holes::*reason(const std::vector<results::TrialInfo>& rows,
                           const std::vector<std::size_t>& trials) {
  const auto is = [&](results::TrialState status) {
    return std::any_of(trials.begin(), trials.end(),
                       [&](std::size_t trial) { return rows[trial].status == status; });
  };
  if (is(results::TrialState::done)) return &Holes::without_value;
  return is(results::TrialState::failed) ? &Holes::failed : &Holes::partial;
}

}  // namespace

Holes& Holes::operator+=(const Holes& other) {
  failed += other.failed;
  partial += other.partial;
  missing += other.missing;
  without_value += other.without_value;
  return *this;
}

std::string Holes::text() const {
  std::string text;
  const auto add = [&](std::size_t count, const char* reason) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, reason);
  };
  add(failed, "failed");
  add(partial, "partial");
  add(missing, "missing");
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
  std::set<std::int64_t> absent = expected;
  for (const auto& [key, own] : seeds) {
    absent.erase(key.first);
    if (own.size() > 1) ++found.repeated;
    std::vector<double> present;
    for (const auto trial : own)
      if (rows[trial].status == results::TrialState::done && !std::isnan(values[trial]))
        present.push_back(values[trial]);
    if (present.empty()) ++(found.holes.*reason(rows, own));
    found.list.push_back({key.first, key.second, statistics::mean(present)});
  }
  found.holes.missing += absent.size();
  return found;
}

SharedSeeds shared_seeds(const Replicates& a, const Replicates& b) {
  std::map<std::uint64_t, double> others;
  for (const auto& replicate : b.list) others[replicate.seed] = replicate.value;
  SharedSeeds shared;
  for (const auto& replicate : a.list) {
    const auto other = others.find(replicate.seed);
    if (other == others.end()) continue;
    shared.a.push_back(replicate.value);
    shared.b.push_back(other->second);
  }
  return shared;
}

}  // namespace varia::analysis
