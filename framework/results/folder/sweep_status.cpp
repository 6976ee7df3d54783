#include "results/folder/sweep_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "files/lease.hpp"
#include "results/folder/merged_index.hpp"
#include "results/folder/orphans.hpp"
#include "results/folder/trial_list.hpp"
#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::sweep {

namespace fs = std::filesystem;

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

void require_results(const ResultPaths& paths) {
  std::error_code ignored;
  if (fs::is_directory(paths.folder(), ignored) || fs::exists(paths.merged(), ignored)) return;
  std::vector<std::string> known;
  for (const auto& entry : fs::directory_iterator(paths.root, ignored))
    if (entry.is_directory(ignored)) known.push_back(entry.path().filename().string());
  throw StoreError(paths.folder().string(),
                   fmt::format("there are no results of an experiment '{}'. {}", paths.experiment,
                               known.empty() ? "Choose their folder with --results"
                                             : suggestion(paths.experiment, std::move(known))));
}

/// Collects what is there, then counts what is not.
class Reader {
 public:
  explicit Reader(const ResultPaths& paths) : paths_(paths), runs_(paths.runs()) {
    require_results(paths);
    status_.name = paths.experiment;
    for (auto& trial : read_trial_list(paths)) {
      const auto id = trial.id;
      listed_.emplace(id, std::move(trial));
    }
    status_.expected = listed_.size();
    status_.runs = runs_.all();
  }

  SweepStatus read() {
    read_under_way();
    read_published();
    read_merged();
    for (const auto& [id, trial] : listed_) {
      if (seen_.count(id) > 0) continue;
      ++status_.untouched;
      records_left_ += static_cast<double>(trial.records);
    }
    status_.seconds_left = seconds_left();
    return std::move(status_);
  }

 private:
  const ListedTrial* listed(const std::string& id) const {
    const auto found = listed_.find(id);
    return found == listed_.end() ? nullptr : &found->second;
  }

  /// Notes that something is there. @returns false where it is of no interest: not expected
  bool expect(const std::string& id) {
    if (!seen_.insert(id).second) return false;
    if (listed_.empty() || listed(id) != nullptr) return true;
    ++status_.unplanned;
    return false;
  }

  void count_speed(double seconds, std::int64_t records) {
    seconds_ += seconds;
    records_ += static_cast<double>(records);
  }

  void read_under_way() {
    for (const auto& id : ids_in(paths_.checkpoints(), "")) {
      const auto folder = paths_.under_way(id);
      const auto* run = runs_.find(files::lease_holder(folder));
      const auto recorded = files::token_files(folder, "trial", ".h5");
      // An interrupted rerun of a trial that is there is told by the trial's own file.
      std::error_code ignored;
      if (run == nullptr &&
          (fs::exists(paths_.trial(id), ignored) ||
           (recorded.empty() && files::token_files(folder, "checkpoint", "").empty())))
        continue;
      if (!expect(id)) continue;
      TrialUnderWay trial;
      trial.id = id;
      if (run != nullptr) trial.run = run->id;
      for (const auto& file : recorded) {
        try {
          const auto made = results::read_trial_info(file.path.string());
          trial.records = made.epochs_done;
          trial.target = made.target_epochs;
          trial.seconds = made.total_seconds;
          count_speed(made.total_seconds, made.epochs_done);
          break;
        } catch (const StoreError&) {
          // It is being written, or damaged: the one before tells.
        }
      }
      if (const auto* entry = listed(id)) {
        trial.label = entry->label;
        trial.target = entry->records;
      }
      (run != nullptr ? status_.under_way : status_.paused).push_back(std::move(trial));
    }
  }

  void read_published() {
    for (const auto& id : published_ids(paths_)) {
      if (!expect(id)) continue;
      try {
        count(results::read_trial_info(paths_.trial(id).string()));
      } catch (const StoreError& error) {
        status_.problems.emplace_back(error.what());
        seen_.erase(id);  // as if nothing were there: the next run trains it again
      }
    }
  }

  void count(const results::TrialInfo& made) {
    const auto* entry = listed(made.id);
    if (made.status == results::TrialState::failed) {
      status_.failed.push_back({made.id, entry == nullptr ? "" : entry->label, made.error});
      return;
    }
    ++status_.done;
    count_speed(made.total_seconds, made.epochs_done);
    if (entry == nullptr || made.epochs_done >= entry->records) return;
    ++status_.shorter;
    records_left_ += static_cast<double>(entry->records - made.epochs_done);
  }

  void read_merged() {
    try {
      for (const auto& [id, row] : read_merged_index(paths_)) {
        // Without its trial file only a finished trial counts.
        if (row.status != results::TrialState::done || !expect(id)) continue;
        ++status_.packed;
        count(row);
      }
    } catch (const StoreError& error) {
      status_.problems.emplace_back(error.what());
    }
  }

  double seconds_left() {
    const auto mean = records_ > 0 ? seconds_ / records_ : kUnknown;
    double longest = 0;
    double left = mean * records_left_;
    const auto add = [&](TrialUnderWay& trial) {
      const auto each =
          trial.records > 0 ? trial.seconds / static_cast<double>(trial.records) : mean;
      trial.seconds_left =
          trial.target > 0 ? each * static_cast<double>(trial.target - trial.records) : kUnknown;
      left += trial.seconds_left;
      longest = std::max(longest, trial.seconds_left);
    };
    for (auto& trial : status_.paused) add(trial);
    longest = 0;  // those that are not under way may be done by whoever is free
    for (auto& trial : status_.under_way) add(trial);
    if (status_.under_way.empty() || std::isnan(left)) return kUnknown;
    return std::max(longest, left / static_cast<double>(status_.under_way.size()));
  }

  const ResultPaths& paths_;
  RunsAtWork runs_;
  SweepStatus status_;
  std::unordered_map<std::string, ListedTrial> listed_;
  std::unordered_set<std::string> seen_;
  double records_left_ = 0;  // of what no one has begun
  double seconds_ = 0;       // measured, for records_
  double records_ = 0;
};

}  // namespace

SweepStatus read_status(const ResultPaths& paths) { return Reader(paths).read(); }

}  // namespace varia::sweep
