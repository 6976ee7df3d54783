#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "results/merged/merge.hpp"
#include "results/records.hpp"
#include "results/trial_info.hpp"

namespace varia::results {

/// A data set of /parameters, one value per trial.
struct ParameterColumn {
  std::string key;
  bool swept = false;
  bool is_text = false;
  std::vector<double> numbers;     ///< NaN if the trial has no such key; empty for text
  std::vector<std::string> texts;  ///< YAML text, "" if the trial has no such key; else empty

  /// A number as the shortest text that reads back, or YAML text; "" if the trial has no such key.
  std::string text(std::size_t trial) const;
};

/// A data set of /views, or the pictures that one trial has of a view.
struct ViewColumn {
  std::string name;
  std::int64_t frames = 0;
  std::int64_t height = 0;  ///< of the largest picture
  std::int64_t width = 0;
  std::int64_t channels = 1;
};

struct ResultsData;  // private to framework/results

/// A merged results file, open for reading. Values are read when they are asked for.
/// Every function throws StoreError on a file that is damaged, and for a name that is not there.
class Results {
 public:
  ~Results();
  Results(Results&&) noexcept;
  Results& operator=(Results&&) noexcept;

  const std::string& path() const;
  const ExperimentInfo& experiment() const;
  std::size_t size() const;     ///< trials
  std::int64_t epochs() const;  ///< of the longest trial

  const std::vector<TrialInfo>& trials() const;
  const std::vector<ParameterColumn>& parameters() const;
  /// The notes of the trials as columns of text: "notes.KEY".
  const std::vector<ParameterColumn>& notes() const;
  /// Without a bound if trials differ in it: `bounds` has that of each.
  const std::vector<Column>& metrics() const;
  const std::vector<std::string>& schedules() const;
  const std::vector<std::string>& steps() const;
  const std::vector<ViewColumn>& views() const;
  const std::vector<std::string>& points() const;

  /// The resolved YAML of one trial, an experiment file of it alone.
  std::string config(std::size_t trial) const;
  /// [trial] the value at each trial's last epoch; for a scalar metric.
  std::vector<double> final_values(const std::string& metric) const;
  /// [trial] what the values of a metric bound; "" if it is not said.
  std::vector<std::string> bounds(const std::string& metric) const;
  /// [trial, epoch, own axes...] of `count` trials from `first`.
  Array metric(const std::string& name, std::size_t first, std::size_t count) const;
  /// [trial, epoch, own axes...] of all trials.
  Array metric(const std::string& name) const { return metric(name, 0, size()); }
  /// [trial, epoch] of `count` trials from `first`.
  Array schedule(const std::string& key, std::size_t first, std::size_t count) const;
  /// [trial, epoch] seconds of `count` trials from `first`. NaN in a file that has none,
  /// whose trials have no epoch.
  Array seconds(std::size_t first, std::size_t count) const;
  /// The curve per step of one trial.
  std::vector<StepValue> step_values(const std::string& name, std::size_t trial) const;
  /// The pictures that the trial has, without their pixels, in the order of frames.
  std::vector<Picture> captions(const std::string& view, std::size_t trial) const;
  /// One of them, without padding.
  Picture picture(const std::string& view, std::size_t trial, std::size_t frame) const;
  ViewLayout layout(const std::string& view, std::size_t trial) const;
  std::vector<Points> point_sets(const std::string& name, std::size_t trial) const;

 private:
  friend Results open_results(const std::string& path);
  friend class OldResults;  // carries trials over from one merged file to the next
  explicit Results(std::unique_ptr<ResultsData> data);
  std::unique_ptr<ResultsData> data_;
};

/// Opens a merged file. 10,000 trials take well under a second.
/// @throws StoreError: not there, not a results file, another version (both are named), damaged
Results open_results(const std::string& path);

/// The rows of /trials alone; 10,000 take less than half a second. They tell that a trial is done
/// whose own file was removed after a merge.
/// @throws StoreError as open_results
std::vector<TrialInfo> read_merged_trials(const std::string& path);

}  // namespace varia::results
