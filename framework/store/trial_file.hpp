#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "store/records.hpp"

namespace varia::store {

class TrialWriter;  // private to framework/store

/// Writes the file of one trial. One writer per file.
///
/// What is added stays in memory until `commit`, which writes a whole new file beside the old one
/// (`<path>.tmp`: tables anew, pictures already committed copied as they are), closes it, calls
/// fsync and renames it over the old one. So the file can be opened at any moment, whatever kills
/// the writer; what is lost is at most what was added since the last commit. A `<path>.tmp` left
/// behind by a writer that was killed is removed at the start.
///
/// **A finished trial is kept.** When `path` holds a trial with status `done`, that file stays as
/// it is until this one is finished as `done` or has reached at least as many epochs; until then
/// commits go to `<path>.next`. Finishing as `failed` before that drops the new record. A file that
/// cannot be read as a trial is replaced at the first commit; one of another format version is an
/// error.
///
/// Every function throws StoreError with the path and the reason; the committed file is intact
/// then.
class TrialFile {
 public:
  /// Starts anew. The folder is created where it does not exist.
  TrialFile(std::string path, TrialHeader header);

  /// Continues the trial at `path` after its epoch `epochs`: records, pictures and points of later
  /// epochs are dropped. `header` replaces the old one; metrics keep what was known of them.
  /// @throws StoreError where there is no such trial, it is another trial's, or it has fewer epochs
  static TrialFile resume(std::string path, TrialHeader header, std::int64_t epochs);

  ~TrialFile();
  TrialFile(TrialFile&&) noexcept;
  TrialFile& operator=(TrialFile&&) noexcept;

  /// Adds an epoch (the next one) or more values to an epoch that is there already. A metric keeps
  /// its shape for the whole trial.
  void append(const EpochRecord& record);

  /// Says what a metric is, by "split/name"; replaces what the header said.
  void describe(const std::string& metric, const MetricInfo& info);

  /// Adds a picture to a view, after those it has. All pictures of a view share `layout`.
  void add_picture(const std::string& view, const ViewLayout& layout, Picture picture);

  /// Adds a scatter plot, after those of that name.
  void add_points(const std::string& name, Points points);

  /// Writes what was added since the last commit; does nothing when there is nothing.
  void commit();

  /// Sets the status and commits. `error` says why a trial failed.
  void finish(Status status, const std::string& error = "");

  /// Epochs added so far, committed or not.
  std::int64_t epochs() const;

  /// False while an older finished file stands at the path.
  bool published() const;

 private:
  explicit TrialFile(std::unique_ptr<TrialWriter> writer);
  std::unique_ptr<TrialWriter> writer_;
};

}  // namespace varia::store
