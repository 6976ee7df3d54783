#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "results/merged/merge.hpp"
#include "results/merged/merge_input.hpp"
#include "results/output_file.hpp"

/// Writes the columns of the merged file. Private to framework/results; results/README.md is the
/// reference of the layout.
namespace varia::results {

/// The scales that all data sets share.
struct Dimensions {
  std::int64_t trials = 0;
  std::int64_t epochs = 0;
  hdf5::Object trial;
  hdf5::Object epoch;
};

/// One data set of /metrics, /schedules or /timing: [trial, epoch, shape...].
struct TableColumn {
  std::string path;
  hdf5::Shape shape;  ///< the largest of all trials
  std::int64_t size = 1;
  MetricInfo info;
  std::int64_t chunk_trials = 1;
  hdf5::Object dataset;
  std::vector<double> last;  ///< [trial] the value at the last epoch; scalars only
};

/// The metrics, schedules and times of all trials.
class MetricsWriter {
 public:
  MetricsWriter(const OutputFile& output, const Dimensions& dimensions,
                const std::vector<MergeEntry>& entries);
  /// Trials that are written together.
  std::size_t block() const { return block_; }
  /// Writes the tables [epochs_done, width] of the trials `first`, `first` + 1, ...
  void write(std::size_t first, const std::vector<std::vector<double>>& tables);
  void finish();

 private:
  hdf5::Object group_of(const std::string& path) const;
  /// [trial] what each trial says that the values of a column bound.
  std::vector<std::string> bounds_of(std::size_t column) const;

  const OutputFile& output_;
  const Dimensions& dimensions_;
  const std::vector<MergeEntry>& entries_;
  std::vector<TableColumn> columns_;
  std::map<const std::vector<Column>*, std::vector<std::size_t>> places_;  // -> columns_
  std::size_t block_ = 1;
};

/// The pictures, scatter plots and curves per step, one trial at a time.
class ViewsWriter {
 public:
  ViewsWriter(const OutputFile& output, const Dimensions& dimensions,
              const std::vector<MergeEntry>& entries);
  void write(std::size_t trial, TrialValues& values);
  void finish();
  bool empty() const { return views_.empty() && points_.empty() && steps_.empty(); }

 private:
  /// The data sets of one view, or of the scatter plots of one name.
  struct Target {
    ViewColumn largest;  ///< of all trials; the height of a scatter plot is its number of points
    ViewLayout layout;
    hdf5::Object dataset, labels;
    std::vector<std::int64_t> epochs, heights, widths;  // [trial, frame]
    std::vector<std::string> titles;

    void make_room(std::size_t trials);
  };
  void create_views();
  void create_points();
  void create_steps();
  void write_view(std::size_t trial, const std::string& name, std::int64_t frames,
                  TrialValues& values);
  void write_points(std::size_t trial, const std::string& name, TrialValues& values);
  void finish_view(const hdf5::Object& group, const std::string& name, const Target& view);
  void finish_points(const hdf5::Object& group, const std::string& name, const Target& target);
  void finish_frames(const hdf5::Object& group, const std::string& name, const hdf5::Object& frame,
                     const Target& target, const char* heights);
  void finish_steps();

  const OutputFile& output_;
  const Dimensions& dimensions_;
  const std::vector<MergeEntry>& entries_;
  std::map<std::string, Target> views_;
  std::map<std::string, Target> points_;
  std::map<std::string, std::pair<hdf5::Object, hdf5::Object>> steps_;  // values, steps
  std::int64_t records_ = 0;
};

/// Writes the root's attributes, /trial, /epoch, /trials and /parameters.
Dimensions write_trials(const OutputFile& output, const ExperimentInfo& experiment,
                        const std::vector<MergeEntry>& entries);

}  // namespace varia::results
