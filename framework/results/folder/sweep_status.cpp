#include "results/folder/sweep_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "files/folder_entries.hpp"
#include "files/whole_file.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::results {

namespace fs = std::filesystem;

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 30;
constexpr std::size_t kLongestLabel = 300;

std::string one_cell(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text.size() <= kLongestLabel ? text : text.substr(0, kLongestLabel) + "...";
}

}  // namespace

void write_trial_list(const experiment::Plan& plan, const ResultPaths& paths) {
  std::string text = "id\trecords\tkeep\tlabel\n";
  for (const auto& trial : plan.trials)
    text += fmt::format("{}\t{}\t{}\t{}\n", trial.id, trial.train->record_count(),
                        trial.train->keep(), one_cell(trial.label()));
  files::write_if_changed(paths.trial_list().string(), text);
}

std::vector<TrialStatus> read_trial_list(const ResultPaths& paths) {
  const auto path = paths.trial_list().string();
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {};
  const auto content = files::read_whole_file(path, kLargestFile);
  std::vector<TrialStatus> trials;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < content.size(); ++number) {
    const auto end = std::min(content.find('\n', begin), content.size());
    const auto line = content.substr(begin, end - begin);
    begin = end + 1;
    if (number == 0) continue;
    const auto first = line.find('\t');
    const auto second = line.find('\t', first + 1);
    const auto third = line.find('\t', second + 1);
    TrialStatus trial;
    const auto* const records = line.data() + first + 1;
    if (!is_trial_id(line.substr(0, first)) || second == std::string::npos ||
        third == std::string::npos ||
        std::from_chars(records, line.data() + second, trial.target_records).ptr !=
            line.data() + second ||
        trial.target_records < 0)
      throw StoreError(path,
                       fmt::format("line {} is not a trial of a list; varia run writes the list "
                                   "anew, or remove it",
                                   number + 1));
    trial.id = line.substr(0, first);
    trial.keep = line.substr(second + 1, third - second - 1);
    trial.label = line.substr(third + 1);
    trials.push_back(std::move(trial));
  }
  return trials;
}

namespace {

void require_results(const ResultPaths& paths) {
  std::error_code ignored;
  if (fs::is_directory(paths.folder(), ignored) || fs::exists(paths.merged(), ignored)) return;
  std::vector<std::string> known;
  for (const auto& entry : files::folder_entries(paths.root, ignored))
    if (entry.is_directory(ignored)) known.push_back(entry.path().filename().string());
  throw StoreError(paths.folder().string(),
                   fmt::format("there are no results of an experiment '{}'. {}", paths.experiment,
                               known.empty() ? "Choose their folder with --results"
                                             : suggestion(paths.experiment, std::move(known))));
}

/// Collects what is there, then counts what is not.
class Reader {
 public:
  explicit Reader(const ResultPaths& paths) : folder_(paths) {
    require_results(paths);
    status_.name = paths.experiment;
    for (auto& trial : read_trial_list(paths)) {
      const auto id = trial.id;
      listed_.emplace(id, std::move(trial));
    }
    status_.expected = listed_.size();
    status_.runs = folder_.runs();
  }

  SweepStatus read() {
    read_in_progress();
    read_published();
    read_merged();
    for (const auto& [id, trial] : listed_) {
      if (!seen_.contains(id)) expect_all_of(trial);
    }
    status_.seconds_left = seconds_left();
    return std::move(status_);
  }

 private:
  /// The trial as the list names it; with its id alone if it is not listed.
  TrialStatus listed(const std::string& id) const {
    const auto found = listed_.find(id);
    if (found != listed_.end()) return found->second;
    TrialStatus trial;
    trial.id = id;
    return trial;
  }

  /// Counts a trial of which nothing is there.
  void expect_all_of(const TrialStatus& trial) {
    ++status_.untouched;
    records_left_ += static_cast<double>(trial.target_records);
  }

  /// Notes that something is there. @returns false if it is of no interest: not expected
  bool expect(const std::string& id) {
    if (!seen_.insert(id).second) return false;
    if (listed_.empty() || listed_.contains(id)) return true;
    ++status_.unplanned;
    return false;
  }

  void count_speed(double seconds, std::int64_t records) {
    seconds_ += seconds;
    records_ += static_cast<double>(records);
  }

  void read_in_progress() {
    const auto& paths = folder_.paths();
    for (const auto& id : ids_in(paths.checkpoints(), "")) {
      auto trial = listed(id);
      folder_.add_progress(trial);
      // An interrupted rerun of a trial that is there is told by the trial's own file.
      std::error_code ignored;
      if (trial.run.empty() && (!trial.begun || fs::exists(paths.trial(id), ignored))) continue;
      if (!expect(id)) continue;
      trial.state = TrialState::partial;
      count_speed(trial.total_seconds, trial.records_done);
      (trial.run.empty() ? status_.paused : status_.in_progress).push_back(std::move(trial));
    }
  }

  void read_published() {
    for (const auto& id : published_ids(folder_.paths())) {
      if (!expect(id)) continue;
      std::string problem;
      try {
        const auto& published = folder_.published(id);
        if (published.info) count(*published.info, /*packed=*/false);
        problem = published.damage;
      } catch (const StoreError& error) {
        problem = error.what();
      }
      if (problem.empty()) continue;
      status_.problems.push_back(std::move(problem));
      // The next run trains it again, even if the merged file has it.
      if (const auto known = listed_.find(id); known != listed_.end()) expect_all_of(known->second);
    }
  }

  void count(const TrialInfo& made, bool packed) {
    auto trial = listed(made.id);
    if (made.status == TrialState::failed) {
      trial.state = TrialState::failed;
      trial.reason = {.kind = Reason::Kind::failed, .what = made.error};
      status_.failed.push_back(std::move(trial));
      return;
    }
    ++status_.done;
    if (packed) ++status_.packed;
    count_speed(made.total_seconds, made.epochs_done);
    if (!made.is_whole(trial.target_records)) {
      ++status_.shorter;
      records_left_ += static_cast<double>(trial.target_records - made.epochs_done);
    } else if (!packed && trial.keep != "none" &&
               (trial.keep != made.keep || !folder_.has_parameters(made.id))) {
      ++status_.without_parameters;
      records_left_ += static_cast<double>(made.epochs_done);
    }
  }

  void read_merged() {
    try {
      for (const auto& [id, row] : folder_.merged()) {
        // Without its trial file only a finished trial counts.
        if (row.status != TrialState::done || !expect(id)) continue;
        count(row, /*packed=*/true);
      }
    } catch (const StoreError& error) {
      status_.problems.emplace_back(error.what());
    }
  }

  double seconds_left() {
    const auto mean = records_ > 0 ? seconds_ / records_ : kUnknown;
    double longest = 0;
    double left = mean * records_left_;
    const auto add = [&](TrialStatus& trial) {
      const auto each = trial.records_done > 0
                            ? trial.total_seconds / static_cast<double>(trial.records_done)
                            : mean;
      trial.seconds_left =
          trial.target_records > 0
              ? each * static_cast<double>(trial.target_records - trial.records_done)
              : kUnknown;
      left += trial.seconds_left;
      longest = std::max(longest, trial.seconds_left);
    };
    for (auto& trial : status_.paused) add(trial);
    longest = 0;  // those that are not in progress may be done by any run
    for (auto& trial : status_.in_progress) add(trial);
    if (status_.in_progress.empty() || std::isnan(left)) return kUnknown;
    return std::max(longest, left / static_cast<double>(status_.in_progress.size()));
  }

  ResultsFolder folder_;
  SweepStatus status_;
  std::unordered_map<std::string, TrialStatus> listed_;
  std::unordered_set<std::string> seen_;
  double records_left_ = 0;  // of what no one has begun
  double seconds_ = 0;       // measured, for records_
  double records_ = 0;
};

}  // namespace

SweepStatus read_status(const ResultPaths& paths) { return Reader(paths).read(); }

}  // namespace varia::results
