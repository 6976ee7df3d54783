#include "analysis/replicates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "statistics/location.hpp"

namespace varia::analysis {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// The trials of one seed, by their place.
using Places = std::vector<std::vector<std::size_t>>;

struct Gathering {
  const std::vector<store::TrialRow>& rows;
  std::span<const double> values;

  bool has_value(std::size_t trial) const {
    return rows[trial].status == store::Status::done && !std::isnan(values[trial]);
  }

  /// Mean over the trials of a place that have a value; NaN where none has.
  double value_at(const std::vector<std::size_t>& place) const {
    std::vector<double> present;
    for (const auto trial : place)
      if (has_value(trial)) present.push_back(values[trial]);
    return statistics::mean(present);
  }

  /// Why a place has no value.
  std::size_t Holes::*reason(const std::vector<std::size_t>& place) const {
    if (place.empty()) return &Holes::missing;
    const auto is = [&](store::Status status) {
      return std::any_of(place.begin(), place.end(),
                         [&](std::size_t trial) { return rows[trial].status == status; });
    };
    if (is(store::Status::done)) return &Holes::without_value;
    return is(store::Status::failed) ? &Holes::failed : &Holes::partial;
  }
};

}  // namespace

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

Replicates gather_replicates(const store::Results& results, std::span<const double> values,
                             const std::vector<std::size_t>& trials,
                             const std::vector<std::size_t>& places,
                             const std::set<std::int64_t>& expected) {
  const Gathering gathering{results.trials(), values};
  const auto place_count = places.empty() ? 1 : *std::max_element(places.begin(), places.end()) + 1;
  std::map<std::pair<std::int64_t, std::uint64_t>, Places> seeds;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const auto& row = gathering.rows[trials[i]];
    auto& seed = seeds.try_emplace({row.replicate, row.seed}, place_count).first->second;
    seed[places.empty() ? 0 : places[i]].push_back(trials[i]);
  }
  Replicates found;
  std::set<std::int64_t> absent = expected;
  for (const auto& [key, seed] : seeds) {
    absent.erase(key.first);
    std::vector<double> means;
    std::size_t Holes::*reason = nullptr;
    for (const auto& place : seed) {
      if (place.size() > 1) ++found.repeated;
      means.push_back(gathering.value_at(place));
      if (std::isnan(means.back()) && reason == nullptr) reason = gathering.reason(place);
    }
    if (reason != nullptr) ++(found.holes.*reason);
    found.list.push_back(
        {key.first, key.second, reason != nullptr ? kNaN : statistics::mean(means)});
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
