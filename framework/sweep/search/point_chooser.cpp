#include "sweep/search/point_chooser.hpp"

#include <cmath>
#include <limits>

#include "files/lease.hpp"
#include "sweep/search/searched_metric.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace {
constexpr std::chrono::seconds kLookEvery{1};
}  // namespace

PointChooser::PointChooser(experiment::Plan& plan, const experiment::Search& search,
                           const Growth& growth, results::ResultsFolder& folder,
                           std::chrono::milliseconds patience, Admit admit)
    : plan_(plan),
      search_(search),
      growth_(growth),
      proposer_(growth.random, *search.tpe(), growth.seed),
      file_(folder.paths().proposals(), growth.random, growth.seed),
      values_(folder, search.metric),
      lease_folder_(folder.paths().folder() / "search"),
      runs_(folder.paths().runs()),
      watch_(runs_, patience),
      admit_(std::move(admit)),
      trials_per_point_(growth_.make_plan({}).trials.size() / proposer_.startup()) {
  plan_.trials.reserve(proposer_.count() * trials_per_point_);
}

void PointChooser::hear(std::size_t trial, const results::EpochRecord& record) {
  require_metric(search_, plan_.trials[trial], record);
}

/// The mean over the point's trials, less is better; NaN where one has failed or has no value.
std::optional<double> PointChooser::result_of(std::size_t point) {
  double sum = 0;
  for (std::size_t i = 0; i < trials_per_point_; ++i) {
    const auto& trial = plan_.trials[point * trials_per_point_ + i];
    const auto length = static_cast<std::size_t>(trial.train->record_count());
    const auto found = values_.of(trial.id);
    const bool is_done = found.trial.status == results::TrialState::done;
    const bool lacks = is_done && found.values.empty();
    if (lacks || found.trial.status == results::TrialState::failed)
      return std::numeric_limits<double>::quiet_NaN();
    if (!is_done || found.values.size() < length) return std::nullopt;
    sum += found.values[length - 1];
  }
  const double mean = sum / static_cast<double>(trials_per_point_);
  return search_.highest ? -mean : mean;
}

void PointChooser::read_results() {
  for (std::size_t point = 0; point < points(); ++point) {
    const auto known = results_.find(point);
    if (known != results_.end() && std::isfinite(known->second)) continue;
    if (const auto result = result_of(point)) results_[point] = *result;
  }
}

bool PointChooser::grow(const std::vector<search::Proposal>& proposals) {
  const auto plan = growth_.make_plan(points_of(proposals));
  const auto first = plan_.trials.size();
  if (plan.trials.size() <= first) return false;
  plan_.trials.insert(plan_.trials.end(), plan.trials.begin() + static_cast<std::ptrdiff_t>(first),
                      plan.trials.end());
  return true;
}

/// Proposes a point where no other run has meanwhile. @returns false where another one is about to
bool PointChooser::propose() {
  const files::Heartbeat beat(runs_);
  const auto lease = files::take_lease(lease_folder_, 0, beat.id(), watch_);
  if (!lease) return false;
  auto proposals = file_.read();
  auto points = experiment::searched_points(growth_.random, growth_.seed, *search_.tpe(),
                                            points_of(proposals));
  if (points.size() == this->points()) {
    std::vector<search::PointProposer::Result> results;
    std::vector<std::size_t> known;
    for (const auto& [point, value] : results_) {
      results.push_back({point, value});
      known.push_back(point);
    }
    proposals.push_back({proposer_.propose(points, results), search::ranges_text(known)});
    growth_.make_plan(points_of(proposals));  // refuses a point that cannot be trained
    if (files::is_held(*lease)) file_.write(proposals, proposer_.startup());
  }
  files::release(*lease);
  return true;
}

bool PointChooser::more() {
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
      if (results_.count(point) == 0) return false;
    if (!propose()) {
      waits_ = true;
      return false;
    }
  }
  return false;
}

}  // namespace varia::sweep
