#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

namespace varia::files {

/// A process, told apart from all that ever had its number. What a system does not say stays empty
/// or 0, and is not compared.
struct Process {
  std::string host;
  std::string boot;          ///< differs after a restart of the machine
  std::string space;         ///< the name space of process numbers: containers have their own
  std::int64_t number = 0;   ///< as kill(2) takes it
  std::int64_t started = 0;  ///< since the machine's start, in its clock ticks
};

/// The name of this machine, of [A-Za-z0-9._-].
std::string host_name();

Process this_process();

/// Whether this process could see the other one: the same start of the same machine, and the same
/// space of process numbers. Names do not tell: cloned machines and containers share them.
bool is_here(const Process& process);

/// True if the process was here and has ended. False if it is alive, and if nothing can be said:
/// another machine, another container, a machine that was started again since.
bool is_gone(const Process& process);

/// Marks the names of files by which processes that see each other know their own: the beginning of
/// the boot id and the number of the space of process numbers, "3f2a91bc-4026531836".
std::string place_mark();

/// Eight random hexadecimal digits.
std::string random_digits();

/// A thread that receives no signals, nor do those that it starts: they are the run's.
/// @throws std::system_error if it cannot be started; signals reach this thread as before then, too
std::jthread quiet_thread(std::function<void(std::stop_token)> work);

/// A new id for a run, of the host, the process and random digits: "node7-4711-9f86d081".
std::string new_run_id();

/// True for what may be the id of a run, and so the name of a file: 1 to 128 of [A-Za-z0-9._-], the
/// first not a dot. Ids come from the targets of links, which anyone may have written.
bool is_run_id(const std::string& text);

}  // namespace varia::files
