#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>

#include "varia/host/descriptor.hpp"

namespace varia::cli {

/// A command of the shell that reads what it is given. It never makes the giver wait: what it has
/// not taken yet is kept in memory.
///
/// It has a session of its own, so that Ctrl-C does not reach it, and prints to standard error. At
/// the end of the object its input is closed, and it is not waited for.
class CommandInput {
 public:
  /// @throws Error if there is no sh
  explicit CommandInput(const std::string& command);

  /// Gives it one more text, or as much of those that wait as it takes now.
  void give(std::string_view text = "");
  /// The bytes that it has not taken yet.
  std::size_t waiting() const { return waiting_.size() - given_; }
  /// Whether it still reads. One that has ended or closed its input does not.
  bool is_open() const { return input_.is_open(); }
  /// Closes its input at once; what waits is lost.
  void close();
  /// Gives it what waits, closes its input, and waits for its end.
  /// @param give_up asked about ten times a second; true: waits no longer
  /// @returns its exit code, 128 and the signal's number if a signal ended it; 0 if given up
  /// @throws Error if the system does not tell how it ended
  int finish(const std::function<bool()>& give_up);

 private:
  Descriptor input_;
  pid_t process_ = -1;
  std::string waiting_;
  std::size_t given_ = 0;  ///< of `waiting_`
};

}  // namespace varia::cli
