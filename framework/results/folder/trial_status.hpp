#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "results/trial_info.hpp"

namespace varia::results {

/// Why a trial is not done, or why it is left as it is.
struct Reason {
  enum class Kind {
    none,
    damaged,            ///< `what` says how
    failed,             ///< `what` is its error
    lacks_records,      ///< has `has` of `wants`
    lacks_step_curves,  ///< of every `wants` steps
    lacks_metric,       ///< `what`
    lacks_view,         ///< `what`
    other_metric,       ///< `what` was made with other parameters
    other_view,         ///< `what` was made with other parameters
    lacks_parameters,   ///< those that train.keep asks for
    other_parameters,   ///< it kept those of train.keep `then`; now it is `now`
    other_request,      ///< its metrics or views differ, and no trial file tells which
    other_versions,     ///< `then`, and others `now`
    new_plugin,         ///< `what` was not among its plugins
    other_plugin,       ///< `what` had the version `then`, and has `now`
    rebuilt_plugin,     ///< `what`, of the same version `now`
    stopped,            ///< by the search, at `has` of `wants`
    dropped,            ///< stopped by the search, since another replicate has failed
    not_promoted,       ///< by the search so far, at `has` of `wants`
  };
  Kind kind = Kind::none;
  std::string what = {};
  std::string then = {};
  std::string now = {};
  std::int64_t has = 0;
  std::int64_t wants = 0;

  std::string text() const;
};

/// What a results folder holds of one trial. Its length counts in records (train.record_count),
/// which TrialInfo, as files do, calls epochs.
struct TrialStatus {
  std::string id = {};
  std::string label = {};           ///< for people: "loss.beta=4 replicate 1"; empty: not known
  std::int64_t target_records = 0;  ///< of the whole trial as it is planned; 0: not known
  std::string keep = "none";        ///< as it is planned (train.keep)
  TrialState state = TrialState::fresh;
  Reason reason = {};  ///< of what is neither done nor fresh, and of a damaged file

  TrialInfo published = {};  ///< what its published file says, or its row of the merged file
  bool packed = false;       ///< the merged file alone has it

  // While it is in progress, or after it was interrupted.
  bool begun = false;             ///< there is a checkpoint or a record
  std::int64_t records_done = 0;  ///< so far
  double total_seconds = 0;       ///< that these took
  std::string run = {};           ///< that is at work on it; empty: none
  std::string host = {};          ///< of that run
  double seconds_left = std::numeric_limits<double>::quiet_NaN();  ///< NaN: not known

  /// Records of the finished trial that is there; 0 if none is.
  std::int64_t finished_records() const {
    return published.status == TrialState::done ? published.epochs_done : 0;
  }

  /// Whether the search leaves it as it is.
  bool is_stopped() const {
    return reason.kind == Reason::Kind::stopped || reason.kind == Reason::Kind::dropped;
  }
  /// The reason with what is in progress: "has 2 of 5 epochs; the new run has 4 of 5 epochs". Empty
  /// if it is done or fresh.
  std::string reason_text() const;
};

}  // namespace varia::results
