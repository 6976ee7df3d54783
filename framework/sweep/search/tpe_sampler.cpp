#include "sweep/search/tpe_sampler.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "experiment/axes/random_axis.hpp"
#include "files/lease.hpp"
#include "results/folder/monitored_values.hpp"
#include "sweep/search/search_metric.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

using experiment::RandomDimension;

namespace {

constexpr std::chrono::seconds kLookEvery{1};

std::vector<TpeRange> space_of(const std::vector<RandomDimension>& dimensions) {
  std::vector<TpeRange> space;
  for (const auto& dimension : dimensions)
    space.push_back({dimension.lowest, dimension.highest, dimension.items.size()});
  return space;
}

std::uint64_t stream_of(std::int64_t seed, std::size_t index, std::int64_t attempt) {
  const std::array<std::int64_t, 3> key{seed, static_cast<std::int64_t>(index), attempt};
  return XXH64(key.data(), sizeof key, XXH64("tpe", 3, 0));
}

}  // namespace

PointProposer::PointProposer(const Value& random, const experiment::TpeSearch& search,
                             std::int64_t seed)
    : dimensions_(experiment::random_dimensions(random)),
      startup_(
          static_cast<std::size_t>(std::min(experiment::random_count(random), search.startup()))),
      seed_(seed),
      tpe_(space_of(dimensions_), search.candidates(), search.gamma()) {
  for (const auto& assignments : experiment::draw_random_points(random, seed)) {
    Value point = Value::map({});
    for (const auto& assignment : assignments) point.set(assignment.key, assignment.value);
    drawn_.push_back(std::move(point));
  }
}

Value PointProposer::propose(const std::vector<Value>& points,
                             const std::map<std::size_t, double>& results) const {
  std::set<std::string> taken;
  for (const auto& point : points) taken.insert(point.canonical());
  std::vector<TpeResult> tried;
  for (const auto& [point, value] : results) {
    TpeResult one;
    one.value = value;
    for (const auto& dimension : dimensions_)
      one.at.push_back(dimension.coordinate(*points.at(point).find(dimension.target.key)));
    tried.push_back(std::move(one));
  }
  constexpr std::int64_t kAttempts = 100;
  for (std::int64_t attempt = 0; attempt < kAttempts; ++attempt) {
    const auto at = tpe_.propose(tried, stream_of(seed_, points.size(), attempt));
    Value point = Value::map({});
    for (std::size_t d = 0; d < dimensions_.size(); ++d)
      point.set(dimensions_[d].target.key, dimensions_[d].value(at[d]));
    if (!taken.contains(point.canonical())) return point;
  }
  // A space of few different points, of which the good ones are used up.
  for (const auto& point : drawn_)
    if (!taken.contains(point.canonical())) return point;
  return drawn_.back();  // not reached: there are more drawn points than taken ones
}

TpeSampler::TpeSampler(experiment::Plan& plan, const experiment::Search& search,
                       const Growth& growth, results::ResultsFolder& folder,
                       std::chrono::milliseconds patience, Admit admit)
    : plan_(plan),
      search_(search),
      growth_(growth),
      proposer_(growth.random, *search.tpe(), growth.seed),
      file_(folder.paths().proposals(), growth.random, growth.seed),
      folder_(folder),
      lease_folder_(folder.paths().folder() / "search"),
      runs_(folder.paths().runs()),
      watch_(runs_, patience),
      admit_(std::move(admit)),
      trials_per_point_(growth_.make_plan({}).trials.size() / proposer_.startup()) {
  plan_.trials.reserve(proposer_.count() * trials_per_point_);
}

void TpeSampler::hear(std::size_t trial, const results::EpochRecord& record) {
  results::require_recorded(experiment::monitored_metric(search_), plan_.trials[trial], record);
}

std::string TpeSampler::problem() const {
  const bool has_finite = std::ranges::any_of(
      results_, [](const auto& result) { return std::isfinite(result.second); });
  return results_.empty() || has_finite ? "" : no_finite_value(search_);
}

/// The mean over the point's trials, less is better; NaN if one has failed or has no value.
std::optional<double> TpeSampler::result_of(std::size_t point) {
  double sum = 0;
  for (std::size_t i = 0; i < trials_per_point_; ++i) {
    const auto& trial = plan_.trials[point * trials_per_point_ + i];
    const auto length = trial.train->record_count();
    const auto found = searched_curve(folder_, search_, trial.id);
    const bool is_done = found.trial.status == results::TrialState::done;
    const bool lacks = is_done && found.values.empty();
    if (lacks || found.trial.status == results::TrialState::failed)
      return std::numeric_limits<double>::quiet_NaN();
    if (!is_done || !found.trial.is_whole(length)) return std::nullopt;
    // A longer training counts by what it had at the length of now.
    sum += found.values[std::min(found.values.size(), static_cast<std::size_t>(length)) - 1];
  }
  return sum / static_cast<double>(trials_per_point_);
}

void TpeSampler::read_results() {
  for (std::size_t point = 0; point < points(); ++point) {
    const auto known = results_.find(point);
    const bool is_known = known != results_.end() && std::isfinite(known->second);
    if (is_known || failed_.contains(point)) continue;
    if (const auto result = result_of(point)) results_[point] = *result;
  }
}

bool TpeSampler::grow(const std::vector<Proposal>& proposals) {
  const auto plan = growth_.make_plan(points_of(proposals));
  const auto first = plan_.trials.size();
  if (plan.trials.size() <= first) return false;
  plan_.trials.insert(plan_.trials.end(), plan.trials.begin() + static_cast<std::ptrdiff_t>(first),
                      plan.trials.end());
  return true;
}

/// Proposes a point unless another run has meanwhile. @returns false if another one is about to
bool TpeSampler::propose() {
  const files::Heartbeat beat(runs_);
  auto taken = files::take_lease(lease_folder_, 0, beat.id(), watch_);
  if (!taken) return false;
  const files::LeaseGuard guard(*std::move(taken));
  auto proposals = file_.read();
  auto points = experiment::searched_points(growth_.random, growth_.seed, search_.tpe()->startup(),
                                            points_of(proposals));
  if (points.size() == this->points()) {
    std::vector<std::size_t> known;
    for (const auto& [point, value] : results_) known.push_back(point);
    proposals.push_back({proposer_.propose(points, results_), ranges_text(known)});
    growth_.make_plan(points_of(proposals));  // rejects a point that cannot be trained
    if (files::is_held(guard.lease())) file_.write(proposals, proposer_.startup());
  }
  return true;
}

bool TpeSampler::more() {
  if (points() >= proposer_.count()) return false;
  if (looked_ && Clock::now() - *looked_ < kLookEvery) return false;
  waits_ = false;
  while (points() < proposer_.count()) {
    read_results();
    const auto first = plan_.trials.size();
    if (grow(file_.read())) {
      // Not looked at yet: there may be more points for further workers.
      looked_.reset();
      if (admit_(first)) return true;
      continue;
    }
    looked_ = Clock::now();
    for (std::size_t point = 0; point < proposer_.startup(); ++point)
      if (!results_.contains(point)) return false;
    if (!propose()) {
      waits_ = true;
      return false;
    }
  }
  return false;
}

}  // namespace varia::sweep
