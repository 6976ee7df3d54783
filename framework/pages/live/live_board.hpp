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
#include "results/trial_info.hpp"

namespace varia::live {

enum class RunState { running, finished, interrupted, failed };

/// What has changed on a board since some revision.
struct LiveChange {
  std::uint64_t revision = 0;
  RunState state = RunState::running;
  /// JSON on one line, so that it needs no escaping in an event. Numbers that are not finite become
  /// null; text that is not UTF-8 gets replacement characters. Fields of trials and metrics have
  /// the names that they have in results files.
  ///
  ///     {"experiment": "beta_sweep", "results": "results/beta_sweep.h5", "state": "running",
  ///      "elapsed": 12.5, "epochs_trained": 7, "notes": ["..."],
  ///      "default_metric": "test/elbo",
  ///      "metrics": [{"name": "test/elbo", "units": "nats", "better": "higher"}],
  ///      "trials": [{"index": 0, "swept": {"loss.beta": 4}, "running": true, "step": 12,
  ///                  "steps": 900, and each field of TrialInfo,
  ///                  "pictures": [{"view": "samples", "number": 0, "epoch": 1, "title": "",
  ///                                "height": 32, "width": 482, "labels": {}}],
  ///                  "points": [{"view": "codes", "number": 1, "epoch": 1,
  ///                              "classes": {"0": "cat"}, "axes": ["t-SNE 1", "t-SNE 2"]}],
  ///                  "first_record": 0,
  ///                  "records": [{"epoch": 1, "seconds": 2.5, "values": {"test/loss": 105.3}}]}]}
  ///
  /// `elapsed` is in seconds since the board was made, `epochs_trained` what `add_record` was told
  /// of since. `first_record` is the index of the first of `records`; these replace all from there
  /// on. Pictures and points are those that changed; the page fetches them by their number. The
  /// labels of a picture are as `labels_json` gives them (results/picture_labels.hpp).
  std::string json;
};

/// What a live page shows: the newest state of every trial of a run. One thread, the run's, writes;
/// any number of threads read. Nothing that takes long is done under the lock, so that readers do
/// not delay the training.
class LiveBoard {
 public:
  /// Pictures take at most this much memory; those that were not changed for longest go first.
  static constexpr std::size_t kMaxPictureBytes = std::size_t{256} << 20U;

  /// @param results the merged file that the run makes
  explicit LiveBoard(std::string experiment, std::string results = "",
                     std::size_t max_picture_bytes = kMaxPictureBytes);

  // For the run. A trial is named by its index among all.
  /// @param parameters those that are swept are shown
  void add_trial(results::TrialInfo info, const std::vector<results::Parameter>& parameters);
  /// The trial runs, from its beginning: what an earlier attempt has left is dropped.
  void start(std::size_t trial);
  /// Does nothing if a reader is at work: another step follows soon.
  void set_progress(std::size_t trial, std::int64_t step, std::int64_t steps);
  /// Takes the single numbers of a record; arrays are not shown.
  void add_record(std::size_t trial, const results::EpochRecord& record);
  /// The same for a record that an earlier run, or an earlier attempt, has left.
  void restore_record(std::size_t trial, const results::EpochRecord& record);
  /// @param metrics by "split/name"
  void add_metrics(const std::map<std::string, results::MetricInfo>& metrics);
  void set_picture(std::size_t trial, const std::string& view, results::Picture picture);
  void set_points(std::size_t trial, const std::string& view, results::Points points);
  void end(std::size_t trial, results::TrialState state, const std::string& error);
  void add_note(std::string note);
  /// The run has ended. Nothing changes any more.
  void finish(RunState state);

  // For the page.
  /// Waits until the board is newer than revision `seen`; 0 gives all of it.
  /// @returns nullopt if `patience` ended first
  std::optional<LiveChange> wait(std::uint64_t seen, std::chrono::milliseconds patience) const;
  /// The newest picture of a view; null if there is none.
  std::shared_ptr<const results::Picture> picture(std::size_t trial, std::size_t view) const;
  std::shared_ptr<const results::Points> points(std::size_t trial, std::size_t view) const;

 private:
  template <class Content>
  struct Versioned {
    std::shared_ptr<const Content> content;
    std::uint64_t revision = 0;
  };
  struct Entry {
    std::size_t index = 0;
    results::TrialInfo info;
    std::string swept;  // as JSON
    bool running = false;
    std::int64_t step = 0;
    std::int64_t steps = 0;  // of the whole trial; 0: not known yet
    std::uint64_t revision = 0;
    std::size_t first_record = 0;  // of a copy that has only the newer records
    std::int64_t last_epoch = 0;
    std::vector<Versioned<std::string>> records;  // as JSON
    std::map<std::size_t, Versioned<results::Picture>> pictures;
    std::map<std::size_t, Versioned<results::Points>> points;
  };
  std::uint64_t touch(Entry& entry);
  /// Whether the record is a new one.
  bool take_record(std::size_t trial, const results::EpochRecord& record);
  std::size_t number_of(const std::string& view);
  void drop_picture(Entry& entry, std::size_t view);
  void drop_oldest_pictures();
  static Entry newer_part(const Entry& entry, std::uint64_t seen);
  static std::string json_of(const Entry& entry, const std::vector<std::string>& views,
                             std::uint64_t seen);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::string experiment_;
  std::string results_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::optional<std::chrono::steady_clock::time_point> ended_;
  std::uint64_t epochs_trained_ = 0;
  std::size_t max_picture_bytes_;
  std::size_t picture_bytes_ = 0;
  std::uint64_t revision_ = 1;
  RunState state_ = RunState::running;
  std::vector<Entry> entries_;
  std::vector<std::string> views_;
  std::map<std::string, Versioned<results::MetricInfo>> metrics_;
  std::vector<Versioned<std::string>> notes_;
};

/// At most this many points of a scatter plot are sent.
inline constexpr std::size_t kMaxPoints = 5000;

/// {"epoch": 3, "total": 10000, "labels": [7, ...], "xy": [[0.5, -1.2], ...]}, every n-th of the
/// points if there are more than kMaxPoints.
std::string points_json(const results::Points& points);

}  // namespace varia::live
