#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "results/records.hpp"

namespace varia::results {

class OutputFile;
struct TrialContent;  // private to framework/results

/// Writes the file of one trial. One writer per file.
///
/// What is added stays in memory until `commit`, which writes a whole new file beside the old one
/// (`<path>.tmp`: tables anew, pictures already committed copied as they are), closes it, calls
/// fsync and renames it over the old one. So the file can be opened at any moment, whatever kills
/// the writer; what is lost is at most what was added since the last commit. A `<path>.tmp` left
/// behind by a writer that was killed is removed at the start.
///
/// The path is that of a trial in progress, which no one else writes to; `publish` puts the
/// finished file where all look for it.
///
/// Every function throws StoreError with the path and the reason if the file cannot be written;
/// the committed file is intact then. What is added throws TrialError if it cannot be stored as it
/// is, whatever the disk.
class TrialFile {
 public:
  /// Starts anew; what is at the path is replaced at the first commit. The folder is created where
  /// it does not exist.
  TrialFile(std::string path, TrialHeader header);

  /// Continues at `path` the trial in the file `from`, which may be the same, after its epoch
  /// `epochs`: records, pictures and points of later epochs are dropped. `header` replaces the old
  /// one; metrics keep what was known of them. The file `from` stays, and must not change until the
  /// first commit.
  /// @throws StoreError where there is no such trial, it is another trial's, or it has fewer epochs
  static TrialFile resume(const std::string& from, std::string path, TrialHeader header,
                          std::int64_t epochs);

  ~TrialFile();
  TrialFile(TrialFile&&) noexcept;
  TrialFile& operator=(TrialFile&&) noexcept;

  /// Adds an epoch (the next one) or more values to an epoch that is there already. A metric keeps
  /// its shape for the whole trial.
  void append(const EpochRecord& record);

  /// Says what a metric is, by "split/name"; replaces what the header said.
  void describe(const std::string& metric, const MetricInfo& info);

  /// Says that the trial ends with its last epoch: see TrialInfo for both.
  void end(std::int64_t stopped_early, std::int64_t best_epoch);

  /// Says how much of a GPU's memory the trial took: see TrialInfo. The most of it is kept.
  void use_gpu_memory(std::int64_t bytes);

  /// Adds a picture to a view, after those it has. All pictures of a view share `layout`.
  void add_picture(const std::string& name, const ViewLayout& layout, Picture picture);

  /// Adds a scatter plot, after those of that name.
  void add_points(const std::string& name, Points points);

  /// Writes what was added since the last commit; does nothing when there is nothing.
  void commit();

  /// Writes the finished file and gives it the name `target`: one write, one fsync, then a link, or
  /// a rename where `replace` is true (files/whole_file.hpp). The file at the own path is removed.
  /// A trial that failed never replaces one that is done, and nothing replaces a file of another
  /// format version.
  /// @param error       says why a trial failed
  /// @param may_replace asked when all is written, right before `target` is replaced
  /// @returns false where `replace` is false and `target` is there already, it may not be replaced,
  ///          or the trial failed and that one is done: nothing was changed there, the finished
  ///          file is at the own path, and this may be called again
  /// @throws StoreError as every function here, VersionError about `target`; this may be called
  ///         again
  bool publish(TrialState status, const std::string& error, const std::string& target, bool replace,
               const std::function<bool()>& may_replace = nullptr);

  /// Epochs added so far, committed or not.
  std::int64_t epochs() const;
  /// @see TrialInfo::is_whole
  bool is_whole(std::int64_t epochs) const;

 private:
  /// Writes all of it under a temporary name.
  std::unique_ptr<OutputFile> write();
  /// The trial was not published: more may be added.
  void reopen();
  void require_open() const;
  static void check_info(const std::string& metric, const MetricInfo& info);
  void check(const EpochRecord& record) const;

  std::string path_;
  std::unique_ptr<TrialContent> content_;
  std::string committed_;  // the file that holds the frames that are not in memory
  bool changed_ = true;
  bool finished_ = false;
};

}  // namespace varia::results
