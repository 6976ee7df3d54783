#pragma once

#include <sys/types.h>

#include <string>
#include <system_error>
#include <vector>

#include "varia/export.hpp"

namespace varia {

/// Where a program reads and prints: descriptors, which stay the caller's.
struct SpawnStreams {
  int in = -1;  ///< -1: it reads nothing (/dev/null)
  int out = 1;
  int err = 2;
};

/// Whether Ctrl-C in the terminal, and its end, reach the program that is started.
enum class SpawnSession { shared, own };

/// Starts a program, without a shell. However this process handles signals, the program begins as
/// one that a terminal has started: no signal is blocked, and each has its default effect. So
/// Ctrl-C ends it, and so does a pipe that no one reads. Only SIGHUP stays ignored if it is ignored
/// here (nohup), unless the program has a session of its own.
/// @param words the program, looked for in PATH if it has no slash, and its arguments
/// @param error as std::filesystem sets it; ENOENT: there is no such program
/// @returns the number of the process, for `wait_for_end`; -1 after an error
VARIA_API pid_t spawn(const std::vector<std::string>& words, const SpawnStreams& streams,
                      SpawnSession session, std::error_code& error);

/// Waits for the end of a child of this process.
/// @param error is set if the system does not tell how it ended. This is no success: it happens
///        where SIGCHLD is ignored, which a process inherits, and then says nothing of the child.
/// @returns the status, as waitpid(2) gives it; 0 after an error
VARIA_API int wait_for_end(pid_t process, std::error_code& error);

}  // namespace varia
