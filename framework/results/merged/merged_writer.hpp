#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "results/merged/merge.hpp"
#include "results/merged/merge_input.hpp"
#include "results/output_file.hpp"

/// Private to framework/results; results/README.md is the reference of the layout.
namespace varia::results {

/// Writes the merged file by columns: what is known without the values at once, then the values of
/// some trials at a time.
class MergedWriter {
 public:
  /// Writes the root's attributes, /trial, /epoch, /trials and /parameters, and creates the data
  /// sets of all values.
  MergedWriter(const OutputFile& output, const ExperimentInfo& experiment,
               const std::vector<MergeEntry>& entries);

  /// Trials whose tables are written together.
  std::size_t block() const { return block_; }
  /// Writes the tables [epochs_done, width] of the trials `first`, `first` + 1, ...
  void write_tables(std::size_t first, const std::vector<std::vector<double>>& tables);

  bool has_views() const { return !views_.empty() || !points_.empty() || !steps_.empty(); }
  /// Writes the pictures, scatter plots and curves per step of a trial.
  void write_views(std::size_t trial, TrialValues& values);

  /// Writes what is known once all values are written.
  void finish();

 private:
  /// A data set of /metrics, /schedules or /timing: [trial, epoch, shape...].
  struct TableColumn : Column {
    hdf5::Object dataset;
    std::vector<double> last;  ///< [trial] the value at the last epoch; scalars only
  };
  /// The data sets of one view, or of the scatter plots of one name.
  struct ViewTarget {
    ViewColumn largest;  ///< of all trials; the height of a scatter plot is its number of points
    ViewLayout layout;
    hdf5::Object dataset, labels;
    std::vector<std::int64_t> epochs, heights, widths;  // [trial, frame]
    std::vector<std::string> titles;
    std::vector<std::string> labels_beside;  // as `labels_text` or `classes_text` writes them
    std::vector<std::string> axes;           // [trial, frame, 2] of scatter plots

    void make_room(std::size_t trials);
  };

  void write_trials();
  void write_parameters();

  void create_tables();
  hdf5::Object group_of(const std::string& path) const;
  /// The column of a trial that is written to columns_[place]; nullptr if it has none.
  const Column* column_of(const MergeEntry& entry, std::size_t place) const;
  void finish_tables();

  void create_views();
  void create_points();
  void create_steps();
  void write_steps(std::size_t trial, const std::string& name, std::int64_t count,
                   TrialValues& values);
  void write_view(std::size_t trial, const std::string& name, std::int64_t frames,
                  TrialValues& values);
  void write_points(std::size_t trial, const std::string& name, TrialValues& values);
  void finish_views();
  void finish_view(const hdf5::Object& group, const std::string& name, const ViewTarget& view);
  void finish_points(const hdf5::Object& group, const std::string& name, const ViewTarget& target);
  void finish_frames(const hdf5::Object& group, const std::string& name, const hdf5::Object& frame,
                     const ViewTarget& target, const char* heights);

  const OutputFile& output_;
  const std::vector<MergeEntry>& entries_;
  // The scales that data sets share.
  std::int64_t trials_ = 0;
  std::int64_t epochs_ = 1;  // netCDF takes an axis without entries for one that may grow
  hdf5::Object trial_;
  hdf5::Object epoch_;

  std::vector<TableColumn> columns_;
  std::map<const std::vector<Column>*, std::vector<std::size_t>> places_;  // -> columns_
  std::size_t block_ = 1;

  std::map<std::string, ViewTarget> views_;
  std::map<std::string, ViewTarget> points_;
  std::map<std::string, std::pair<hdf5::Object, hdf5::Object>> steps_;  // values, steps
  std::int64_t records_ = 0;
};

}  // namespace varia::results
