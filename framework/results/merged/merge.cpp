#include "results/merged/merge.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "files/whole_file.hpp"
#include "results/file_frame.hpp"
#include "results/merged/merge_input.hpp"
#include "results/merged/merged_writer.hpp"
#include "results/merged/results_data.hpp"
#include "results/output_file.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace {

/// Numbers of small trial files that are kept until they are written: 128 MiB.
constexpr std::size_t kKeptValues = std::size_t{1} << 24;

std::unique_ptr<OldResults> open_old(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) return nullptr;
  try {
    require_intact(path, "");
    return std::make_unique<OldResults>(open_results(path));
  } catch (const StoreError& error) {
    std::string reason = error.what();
    if (reason.starts_with(path + ": ")) reason.erase(0, path.size() + 2);
    // What to do is said below.
    const std::string_view advice = kMergeAgain;
    if (reason.ends_with(advice)) reason.erase(reason.size() - advice.size());
    while (reason.ends_with(' ')) reason.pop_back();
    if (!reason.ends_with('.')) reason += '.';
    throw StoreError(path, reason +
                               " Nothing was merged, so that nothing in it is lost: move it away, "
                               "then merge again.");
  }
}

/// @param unreadable by id, why the files of trials are not to be read
std::vector<MergeEntry> gather(const std::vector<PlannedTrial>& plan, const OldResults* old,
                               bool prune, const std::map<std::string, std::string>& unreadable,
                               MergeReport& report, const std::string& path) {
  std::map<std::string, std::size_t> old_rows;
  if (old != nullptr) {
    for (std::size_t i = 0; i < old->trials().size(); ++i) old_rows[old->trials()[i].id] = i;
  }
  ColumnPool pool;
  std::size_t room = kKeptValues;
  std::vector<MergeEntry> entries;
  std::set<std::string> planned;
  for (const PlannedTrial& trial : plan) {
    if (!planned.insert(trial.id).second) {
      throw StoreError(path, "trial " + trial.id + " is planned twice");
    }
    std::optional<MergeEntry> entry;
    std::error_code ignored;
    std::string problem;
    if (const auto known = unreadable.find(trial.id); known != unreadable.end()) {
      problem = known->second;
    } else if (std::filesystem::exists(trial.path, ignored)) {
      try {
        entry = read_entry(trial.path, pool, room);
        if (entry->trial.id != trial.id) {
          problem = trial.path + ": holds trial " + entry->trial.id + ", not " + trial.id;
          entry.reset();
        }
      } catch (const StoreError& error) {
        problem = error.what();
        report.unreadable.push_back(trial.id);
      }
    }
    const auto row = old_rows.find(trial.id);
    if (!problem.empty()) {
      if (!problem.ends_with('.')) problem += '.';
      report.problems.push_back(problem + (row != old_rows.end()
                                               ? " Its row of the merged file stays as it was"
                                               : " It is not merged"));
    }
    if (row != old_rows.end() && (!entry || is_carried(old->trials()[row->second], entry->trial))) {
      entry = old->entry(row->second);
      ++report.carried;
    }
    if (!entry) {
      report.missing.push_back(trial.id);
      continue;
    }
    entry->trial.tags = trial.tags;
    entry->trial.notes = trial.notes;
    report.partial += entry->trial.status == TrialState::partial ? 1 : 0;
    report.failed += entry->trial.status == TrialState::failed ? 1 : 0;
    entries.push_back(std::move(*entry));
  }
  if (old != nullptr) {
    for (std::size_t i = 0; i < old->trials().size(); ++i) {
      if (planned.contains(old->trials()[i].id)) continue;
      if (prune) {
        ++report.pruned;
        continue;
      }
      entries.push_back(old->entry(i));
      ++report.carried;
    }
  }
  report.trials = entries.size();
  return entries;
}

/// @returns by id, why the values of trials could not be read: damaged, or written anew meanwhile;
///          then the output is of no use
std::map<std::string, std::string> write_all(const OutputFile& output,
                                             const ExperimentInfo& experiment,
                                             std::vector<MergeEntry>& entries, OldResults* old) {
  std::map<std::string, std::string> failures;
  MergedWriter writer(output, experiment, entries);
  for (std::size_t first = 0; first < entries.size(); first += writer.block()) {
    const std::size_t end = std::min(entries.size(), first + writer.block());
    std::vector<std::vector<double>> block;
    for (std::size_t i = first; i < end; ++i) {
      if (entries[i].table && !has_series(entries[i])) {
        block.push_back(*std::exchange(entries[i].table, std::nullopt));
        continue;
      }
      try {
        const std::unique_ptr<TrialValues> values =
            entries[i].path.empty() ? old->open_values(entries[i]) : open_values(entries[i]);
        block.push_back(values->table());
        if (writer.has_views()) writer.write_views(i, *values);
      } catch (const StoreError& error) {
        if (entries[i].path.empty() || error.path() != entries[i].path) throw;
        failures.emplace(entries[i].trial.id, error.what());
      }
      block.resize(i - first + 1);
    }
    if (!failures.empty()) continue;
    writer.write_tables(first, block);
  }
  if (failures.empty()) writer.finish();
  return failures;
}

}  // namespace

bool is_carried(const TrialInfo& row, const TrialInfo& file) {
  return row.status == TrialState::done && file.status != TrialState::done;
}

MergeReport merge(const ExperimentInfo& experiment, const std::vector<PlannedTrial>& plan,
                  const std::string& path, bool prune) {
  auto stamp = files::stamp_of(path);
  std::unique_ptr<OldResults> old = open_old(path);
  std::map<std::string, std::string> unreadable;
  for (;;) {
    MergeReport report;
    std::vector<MergeEntry> entries = gather(plan, old.get(), prune, unreadable, report, path);
    if (entries.empty()) {
      throw StoreError(path, "there is nothing to merge: none of the " +
                                 std::to_string(plan.size()) + " planned trials has results yet" +
                                 (report.problems.empty() ? "" : "; " + report.problems.front()));
    }
    OutputFile output(path, kResultsFormat, files::temporary_beside(path));
    const std::map<std::string, std::string> failures =
        write_all(output, experiment, entries, old.get());
    const files::FolderLock lock(std::filesystem::path(path).parent_path());
    if (const auto now = files::stamp_of(path); now != stamp) {
      // Another merge was faster. What it has may be there alone, since it may have been packed.
      stamp = now;
      old = open_old(path);
      unreadable.clear();
      continue;
    }
    if (failures.empty()) {
      output.commit();
      return report;
    }
    // Once more, without these.
    unreadable.insert(failures.begin(), failures.end());
  }
}

}  // namespace varia::results
