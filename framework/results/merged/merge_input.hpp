#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hdf5/hdf5.hpp"
#include "results/merged/results.hpp"
#include "results/records.hpp"
#include "results/trial/trial_input.hpp"

/// What a merge reads: trial files, and trials of the old merged file. Private to
/// framework/results.
namespace varia::results {

using Columns = std::shared_ptr<const std::vector<Column>>;

/// A trial of the merged file to be: all but its values.
struct MergeEntry {
  TrialHeader trial;  ///< without `metrics`: the columns say them
  Columns columns;    ///< shared by the trials that have the same
  std::map<std::string, ViewColumn> views;
  std::map<std::string, ViewLayout> layouts;  ///< of each view
  std::map<std::string, ViewColumn> points;   ///< heights: numbers of points
  std::map<std::string, std::int64_t> steps;  ///< records of each curve
  std::string path;                           ///< trial file; "" if carried over
  std::size_t old_row = 0;                    ///< in the old merged file, if carried over
  std::optional<std::vector<double>> table;   ///< [epochs_done, width], if it was read already
};

/// The values of one trial.
class TrialValues {
 public:
  virtual ~TrialValues() = default;
  /// [epochs_done, width]
  virtual std::vector<double> table() = 0;
  virtual std::vector<StepValue> steps(const std::string& name) = 0;
  /// A picture without its pixels.
  virtual Picture caption(const std::string& view, std::size_t frame) = 0;
  virtual Picture picture(const std::string& view, std::size_t frame) = 0;
  /// Copies the compressed bytes; false if they do not fit.
  virtual bool copy_picture(const std::string& view, std::size_t frame, const hdf5::Object& to,
                            const hdf5::Shape& offset) = 0;
  virtual std::vector<Points> points(const std::string& name) = 0;
};

/// Lists of columns by their text, so that equal ones are kept once.
using ColumnPool = std::map<std::string, Columns>;

/// @param room doubles that may be kept, so that small files are opened once; less afterwards
/// @throws StoreError if the file cannot be read
MergeEntry read_entry(const std::string& path, ColumnPool& pool, std::size_t& room);
/// Whether more than the table is to be read.
bool has_series(const MergeEntry& entry);
std::unique_ptr<TrialValues> open_values(const MergeEntry& entry);

/// The merged file that is about to be replaced.
class OldResults {
 public:
  explicit OldResults(Results results);
  ~OldResults();
  const std::vector<TrialInfo>& trials() const { return results_.trials(); }
  const std::vector<ParameterColumn>& parameters() const { return results_.parameters(); }
  MergeEntry entry(std::size_t row) const;
  std::unique_ptr<TrialValues> open_values(const MergeEntry& entry);

 private:
  class Values;
  void copy_row(const Column& column, std::size_t row, std::int64_t epochs, std::int64_t width,
                double* table);

  Results results_;
  std::vector<Columns> columns_;  // of each row; they differ if bounds do
  std::map<std::string, hdf5::Object> views_;
  /// First row and rows of each data set, read at once: trials are asked for in order.
  std::map<std::string, std::pair<std::size_t, Array>> windows_;
};

}  // namespace varia::results
