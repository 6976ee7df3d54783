#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/records.hpp"
#include "results/trial/trial_input.hpp"
#include "results/trial/trial_reader.hpp"

/// What the next commit of a trial is to write. Private to framework/results.
namespace varia::results {

/// A picture or a scatter plot: in memory until its first commit, then in the committed file.
template <class T>
struct Frame {
  std::optional<T> value;
  std::string source;  // its name in the committed file
};

struct ViewFrames {
  ViewLayout layout;
  std::vector<Frame<Picture>> frames;
};

/// All of a trial: the epochs as rows of the table, and the frames.
struct TrialContent {
  TrialHeader header;
  std::vector<Column> columns;
  std::int64_t width = 0;                 ///< of the table
  std::vector<std::vector<double>> rows;  ///< [epoch], each as wide as the table was then
  std::map<std::string, std::vector<StepRow>> steps;
  std::map<std::string, ViewFrames> views;
  std::map<std::string, std::vector<Frame<Points>>> points;

  std::int64_t epochs() const { return static_cast<std::int64_t>(rows.size()); }

  /// Brings the header's epochs and seconds up to date.
  void count_epochs();

  /// The column of that path; nullptr where there is none.
  const Column* column(const std::string& path) const;

  /// Adds an epoch, or more values to one; the record is checked already.
  void add(const EpochRecord& record);

  /// Takes over the first `count` epochs of a trial file; pictures and points by their names.
  void load(const TrialInput& input, std::int64_t count);

  /// From now on all frames are in the committed file.
  void mark_committed();

 private:
  void put(std::size_t row, const std::string& path, const Array& value);

  std::map<std::string, std::size_t> index_;  // path -> place in columns
};

}  // namespace varia::results
