#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "varia/host/descriptor.hpp"

namespace varia::sweep {

/// How a process has ended.
struct ProcessEnd {
  bool by_signal = false;
  int number = 0;  ///< of the signal, or the exit code
  /// "was killed by signal 11 (Segmentation fault)", "ended with exit code 0"
  std::string text() const;
  bool operator==(const ProcessEnd&) const = default;
};

/// A process forked from this one: it has this one's memory as it was then, so it needs nothing to
/// be loaded again. It is killed when this process ends, and when the object is destroyed.
class ChildProcess {
 public:
  /// Runs `body` in a new process and ends it with the code that `body` returns. There, SIGINT,
  /// SIGTERM, SIGHUP and SIGUSR1 are ignored: whoever forked it tells it to stop.
  /// @param output descriptor of a file for all that it prints; -1: the same as here
  /// @throws Error if no process can be made
  ChildProcess(const std::function<int()>& body, int output);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  pid_t id() const { return id_; }
  void kill() const;
  /// Waits for its end; called once. @throws Error if the system does not tell how it ended
  ProcessEnd wait();

 private:
  pid_t id_ = -1;
};

/// One end of a connection between two processes that carries whole messages.
class Channel {
 public:
  Channel() = default;
  /// Takes over an end of a connection.
  explicit Channel(int descriptor) : descriptor_(descriptor) {}

  /// Two connected ends. @throws Error
  static std::pair<Channel, Channel> pair();

  int descriptor() const { return descriptor_.number(); }
  bool is_open() const { return descriptor_.is_open(); }
  void close() { descriptor_.close(); }

  /// Waits until the other end takes it. @returns false if the other end is gone
  bool send(const std::string& message);
  /// Sends the empty message. A handler of a signal may call it: it allocates nothing, and changes
  /// nothing but errno. The handler must not interrupt `send`.
  bool send_empty() const noexcept;
  /// Waits for the next message. @returns nullopt if the other end is gone, or sends no messages
  std::optional<std::string> receive();
  /// Takes what has arrived, without waiting; a message that is not whole yet stays for later.
  /// @returns nullopt if the other end is gone and all it sent has been taken
  std::optional<std::vector<std::string>> take();
  /// Whether something has arrived that `send` has not sent. Nothing is taken from there on.
  bool is_garbled() const { return is_garbled_; }

 private:
  bool read_some(bool wait);
  std::optional<std::string> next_message();

  Descriptor descriptor_;
  bool ended_ = false;
  bool is_garbled_ = false;
  std::string received_;
  std::size_t used_ = 0;  // of received_
};

}  // namespace varia::sweep
