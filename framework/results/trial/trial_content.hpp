#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "results/output_file.hpp"
#include "results/records.hpp"
#include "results/trial/trial_input.hpp"

/// What the next commit of a trial is to write. Private to framework/results.
namespace varia::results {

/// A picture or a scatter plot until its first commit, then its name in the committed file.
template <class T>
using Frame = std::variant<T, std::string>;

/// All of a trial: the epochs as rows of the table, and the frames.
struct TrialContent {
  TrialHeader header;
  std::vector<Column> columns;
  std::int64_t width = 0;                 ///< of the table
  std::vector<std::vector<double>> rows;  ///< [epoch], each as wide as the table was then
  std::map<std::string, std::vector<StepRow>> steps;
  std::map<std::string, ViewLayout> layouts;  ///< of each view
  std::map<std::string, std::vector<Frame<Picture>>> views;
  std::map<std::string, std::vector<Frame<Points>>> points;

  std::int64_t epochs() const { return static_cast<std::int64_t>(rows.size()); }

  /// Brings the header's epochs and seconds up to date.
  void count_epochs();

  /// The column of that path; nullptr if absent.
  const Column* column(const std::string& path) const;

  /// Adds an epoch, or more values to one; the record is checked already.
  void add(const EpochRecord& record);

  /// Takes over the first `count` epochs of a trial file; pictures and points by their names.
  void load(const TrialInput& input, std::int64_t count);

  /// Writes all of it; frames that are not in memory are copied from the file `committed` ("":
  /// none). @throws StoreError
  void write(const std::string& committed, const OutputFile& output) const;

  /// From now on all frames are in the committed file.
  void mark_committed();

 private:
  void put(std::size_t row, const std::string& path, const Array& value);

  std::map<std::string, std::size_t> index_;  // path -> place in columns
};

}  // namespace varia::results
