#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "training/run_trial.hpp"

/// What the supervisor and its workers say to each other. Both are one program, so nothing here is
/// a file format.
namespace varia::sweep {

/// To a worker: run this trial.
struct RunCommand {
  std::size_t trial = 0;  ///< its place in the plan
  std::string run;        ///< of the lease
  std::uint64_t token = 0;
  std::int64_t least_records = 0;
  std::int64_t pause_after = 0;
  std::uint64_t replaces = 0;  ///< token of the published file
};

/// From a worker. A record carries its single numbers only.
struct RecordMessage {
  results::EpochRecord record;
};
struct PictureMessage {
  std::string view;
  results::Picture picture;
};
struct PointsMessage {
  std::string view;
  results::Points points;
};
struct EndMessage {
  training::TrialOutcome outcome;
};
/// The results folder cannot be written to, or something else that ends the whole run.
struct FatalMessage {
  std::string error;
};
using WorkerMessage =
    std::variant<RecordMessage, PictureMessage, PointsMessage, EndMessage, FatalMessage>;

std::string encode(const RunCommand& command);
RunCommand decode_command(const std::string& bytes);
std::string encode(const RecordMessage& message);
std::string encode(const PictureMessage& message);
std::string encode(const PointsMessage& message);
std::string encode(const EndMessage& message);
std::string encode(const FatalMessage& message);
WorkerMessage decode_message(const std::string& bytes);

}  // namespace varia::sweep
