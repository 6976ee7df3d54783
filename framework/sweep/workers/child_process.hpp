#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace varia::sweep {

/// How a process has ended.
struct ProcessEnd {
  bool by_signal = false;
  int number = 0;  ///< of the signal, or the exit code
  /// "was killed by signal 11 (Segmentation fault)", "ended with exit code 0"
  std::string text() const;
};

/// A process forked from this one: it has this one's memory as it was then, so it needs nothing to
/// be loaded again. It is killed when this process ends, and when the object is destroyed.
class ChildProcess {
 public:
  /// Runs `body` in a new process and ends it with the code that `body` returns. There, SIGINT,
  /// SIGTERM, SIGHUP and SIGUSR1 are ignored: it is told to stop by whom has forked it.
  /// @param output descriptor of a file for all that it prints; -1: the same as here
  /// @throws Error where no process can be made
  ChildProcess(const std::function<int()>& body, int output);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  pid_t id() const { return id_; }
  void kill() const;
  /// Waits for its end; called once.
  ProcessEnd wait();

 private:
  pid_t id_ = -1;
};

}  // namespace varia::sweep
