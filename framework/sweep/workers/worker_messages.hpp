#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "files/lease.hpp"
#include "results/records.hpp"
#include "sweep/workers/child_process.hpp"
#include "training/run_trial.hpp"
#include "varia/error.hpp"

/// What the supervisor and its workers say to each other. Both are one program, so nothing here is
/// a file format.
namespace varia::sweep {

/// A trial that a run has to see to.
struct Task {
  std::size_t trial = 0;              ///< its index in the plan
  std::size_t number = 0;             ///< from 1, of the trials that are run
  std::int64_t finished_records = 0;  ///< of the finished trial that it replaces
  std::uint64_t published_token = 0;  ///< of its published file; 0: none
  std::int64_t until = 0;             ///< the record that it is trained to; 0: to its end
  std::optional<files::Lease> lease;
  std::int64_t deaths = 0;
  std::optional<ProcessEnd> last_end;  ///< how its process died last
  std::int64_t last_step = 0;          ///< after which it did
};

/// A picture or a scatter plot of a view.
template <class T>
struct ViewMessage {
  std::string view;
  T content;
};
/// What records have, by "split/name"; their units and directions alone are sent.
using MetricInfos = std::map<std::string, results::MetricInfo>;
/// From a worker. A record carries its single numbers only; a StoreError ends the whole run.
using WorkerMessage =
    std::variant<MetricInfos, results::EpochRecord, ViewMessage<results::Picture>,
                 ViewMessage<results::Points>, training::TrialOutcome, StoreError>;

/// To a worker: run this trial under its lease. The lease arrives without its folder.
std::string encode(const Task& task);
/// @throws Error as decode_message
Task decode_task(const std::string& bytes);
std::string encode(const MetricInfos& metrics);
std::string encode(const results::EpochRecord& record);
std::string encode(const ViewMessage<results::Picture>& message);
std::string encode(const ViewMessage<results::Points>& message);
std::string encode(const training::TrialOutcome& outcome);
std::string encode(const StoreError& error);
/// @throws Error if it is not a message: a plugin may have written over the worker's memory
WorkerMessage decode_message(const std::string& bytes);

}  // namespace varia::sweep
