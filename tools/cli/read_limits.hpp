#pragma once

#include <sys/resource.h>

#include <string>
#include <vector>

#include "sweep/workers/child_process.hpp"

/// What a process that reads the files of others may take before it is asked about, and before it
/// is ended. Private to guarded_reading.
///
/// What a file makes libhdf5 do costs processor time, however busy the machine is; so this alone
/// accuses a file. Wall-clock time ends a reader that waits, for a disk or for its turn on a busy
/// machine, and accuses none: what could make a reader wait is refused when a file is opened. A
/// command whose files can be read has no such limit.
namespace varia::cli {

struct ReadLimits {
  double reading = 0;  ///< seconds of processor time, for reading alone
  double working = 0;  ///< the same for reading and what a command does with it
  rlim_t bytes = 0;    ///< of memory, beside what the process has

  /// Seconds after which a reader is ended.
  unsigned wall_of_reading() const;
  /// Seconds after which a command is asked about.
  unsigned wall_of_question() const;
};

/// They grow with the files. What is not there counts as empty.
ReadLimits limits_for(const std::vector<std::string>& files);

/// Limits this process, which reads.
void limit_reading(const ReadLimits& limits);

/// Limits this process, which reads and works. Once it has taken longer than reading takes it sends
/// an empty message, from a handler of a signal.
/// @param question outlives the process, or `stop_asking`
void limit_working(const ReadLimits& limits, sweep::Channel& question);
/// It is done with reading.
void stop_asking();

/// Whether the user allows less memory than that (`ulimit`).
bool is_memory_short(const ReadLimits& limits);

/// Whether a file can have ended a process so: by what it makes the library do. Anything else comes
/// from outside: someone's signal, a limit that is not set here, memory or time that has run out.
/// @param seconds of processor time that the process had
bool is_by_file(const sweep::ProcessEnd& end, double seconds);

/// Whether it was ended since it took longer than its wall-clock time.
bool is_time_up(const sweep::ProcessEnd& end);

}  // namespace varia::cli
