#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "results/records.hpp"

namespace varia::live {

enum class LiveState { fresh, running, done, partial, failed };

/// "new", "running", "done", "partial" or "failed".
const char* state_text(LiveState state);

enum class RunState { running, finished, interrupted, failed };

/// "running", "finished", "interrupted" or "failed".
const char* state_text(RunState state);

/// What is known of a trial besides its records.
struct LiveTrial {
  std::string id;
  std::string label;  ///< what the sweep varies, or the id
  LiveState state = LiveState::fresh;
  std::int64_t records = 0;  ///< of the whole trial
  std::string error;         ///< of a failed trial
  std::int64_t step = 0;
  std::int64_t steps = 0;  ///< of the whole trial; 0: not known yet
};

/// The numbers of one epoch, without those that have a shape.
struct LiveRecord {
  std::int64_t epoch = 0;
  std::map<std::string, std::map<std::string, double>> metrics;  ///< split -> name -> value
};

/// That a picture or scatter plot is there; the page fetches it.
struct LivePicture {
  std::string view;
  std::size_t number = 0;  ///< of the view, as LiveBoard::picture takes it
  std::int64_t epoch = 0;
  std::string title;
};

/// What has changed on a board since some revision.
struct LiveChange {
  std::uint64_t revision = 0;
  std::string experiment;
  RunState state = RunState::running;
  struct Trial {
    std::size_t index = 0;
    LiveTrial trial;
    std::size_t first_record =
        0;  ///< the place of the first of `records`; what stood there is void
    std::vector<std::shared_ptr<const LiveRecord>> records;  ///< the new ones
    std::vector<LivePicture> pictures;                       ///< those that changed
    std::vector<LivePicture> points;
  };
  std::vector<Trial> trials;  ///< those that changed
  std::vector<std::string> notes;
};

/// What a live page shows: the newest state of every trial of a run. One thread, the run's, writes;
/// any number of threads read. Nothing that takes long is done under the lock, so that readers do
/// not hold the training up.
class LiveBoard {
 public:
  /// Pictures take at most this much memory; those that were not changed for longest go first.
  static constexpr std::size_t kMaxPictureBytes = std::size_t{256} << 20U;

  explicit LiveBoard(std::string experiment, std::size_t max_picture_bytes = kMaxPictureBytes);

  // For the run. A trial is named by its place among `trials`.
  void set_trials(std::vector<LiveTrial> trials);
  /// More of them, after those that are there.
  void add_trials(std::vector<LiveTrial> trials);
  /// It runs, from its beginning: what an earlier attempt has left is dropped.
  void start(std::size_t trial);
  /// Does nothing where a reader is at work: another step follows soon.
  void set_progress(std::size_t trial, std::int64_t step, std::int64_t steps);
  void add_record(std::size_t trial, const results::EpochRecord& record);
  void set_picture(std::size_t trial, const std::string& view, results::Picture picture);
  void set_points(std::size_t trial, const std::string& view, results::Points points);
  void end(std::size_t trial, LiveState state, const std::string& error);
  void add_note(std::string note);
  /// The run has ended. Nothing changes any more.
  void finish(RunState state);

  // For the page.
  /// Waits until the board is newer than revision `seen`; 0 gives all of it.
  /// @returns nothing where `patience` ended first
  std::optional<LiveChange> wait(std::uint64_t seen, std::chrono::milliseconds patience) const;
  /// The newest picture of a view; null where there is none.
  std::shared_ptr<const results::Picture> picture(std::size_t trial, std::size_t view) const;
  std::shared_ptr<const results::Points> points(std::size_t trial, std::size_t view) const;

 private:
  template <class Content>
  struct Newest {
    std::shared_ptr<const Content> content;
    std::uint64_t revision = 0;
  };
  struct Entry {
    LiveTrial trial;
    std::uint64_t revision = 0;
    std::vector<std::shared_ptr<const LiveRecord>> records;
    std::vector<std::uint64_t> record_revisions;  // as records
    std::map<std::size_t, Newest<results::Picture>> pictures;
    std::map<std::size_t, Newest<results::Points>> points;
  };
  std::uint64_t touch(Entry& entry);
  std::size_t number_of(const std::string& view);
  void drop_picture(Entry& entry, std::size_t view);
  void drop_oldest_pictures();
  LiveChange change_since(std::uint64_t seen) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::string experiment_;
  std::size_t max_picture_bytes_;
  std::size_t picture_bytes_ = 0;
  std::uint64_t revision_ = 1;
  RunState state_ = RunState::running;
  std::vector<Entry> entries_;
  std::vector<std::string> views_;
  std::vector<std::string> notes_;
  std::vector<std::uint64_t> note_revisions_;  // as notes_
};

}  // namespace varia::live
