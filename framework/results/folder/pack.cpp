#include "results/folder/pack.hpp"

#include <fmt/format.h>

#include <chrono>
#include <unordered_set>

#include "files/lease.hpp"
#include "results/merged/check_merged.hpp"
#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace fs = std::filesystem;

namespace {

/// A finished trial that has both a file and a row.
struct Candidate {
  std::string id;
  std::string path;
  std::uint64_t token = 0;
  double seconds = 0;
};

std::vector<Candidate> candidates(const experiment::Plan& plan, const ResultPaths& paths,
                                  const results::Results& results) {
  std::unordered_set<std::string> planned;
  for (const auto& trial : plan.trials) planned.insert(trial.id);
  std::vector<Candidate> all;
  const auto& rows = results.trials();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto path = paths.trial(rows[row].id).string();
    if (planned.count(rows[row].id) == 0 || rows[row].status != results::TrialState::done ||
        !fs::exists(path))
      continue;
    const auto made = results::read_trial_info(path);
    if (made.status == results::TrialState::done)
      all.push_back({rows[row].id, path, made.token, made.total_seconds});
  }
  return all;
}

}  // namespace

PackReport pack(const experiment::Plan& plan, const ResultPaths& paths) {
  const auto results = results::open_results(paths.merged().string());
  const auto all = candidates(plan, paths, results);
  std::vector<results::PlannedTrial> files;
  files.reserve(all.size());
  for (const auto& candidate : all) files.push_back({candidate.id, candidate.path});
  const auto differences = results::check_merged(results, files);

  PackReport report;
  const files::RunBeat beat(paths.runs());
  files::RunWatch watch(paths.runs(), std::chrono::seconds(60));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& candidate = all[i];
    if (!differences[i].empty()) {
      report.kept.push_back(fmt::format("{}: {}", candidate.path, differences[i]));
      continue;
    }
    const auto lease =
        files::take_lease(paths.under_way(candidate.id), candidate.token, beat.id(), watch);
    if (!lease) {
      report.kept.push_back(
          fmt::format("{}: another run is at work on this trial", candidate.path));
      continue;
    }
    const auto now = results::read_trial_info(candidate.path);
    if (now.token == candidate.token && now.total_seconds == candidate.seconds) {
      std::error_code error;
      report.bytes += static_cast<double>(fs::file_size(candidate.path, error));
      fs::remove(candidate.path, error);
      if (error) {
        files::release(*lease);
        throw StoreError(candidate.path, "cannot be removed: " + error.message());
      }
      ++report.removed;
    } else {
      report.kept.push_back(fmt::format("{}: it was published anew; merge again", candidate.path));
    }
    files::release(*lease);
  }
  return report;
}

}  // namespace varia::sweep
