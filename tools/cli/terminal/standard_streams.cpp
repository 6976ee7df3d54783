#include "cli/terminal/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "training/messages.hpp"
#include "varia/error.hpp"

namespace varia::cli {

void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    // The lowest number that is free is this stream's: those below it are open.
    [[maybe_unused]] const int file =
        ::open("/dev/null", stream == STDIN_FILENO ? O_RDONLY : O_WRONLY);
  }
}

void require_standard_output() {
  const bool is_flushed = std::fflush(stdout) == 0;
  if (is_flushed && std::ferror(stdout) == 0) return;
  throw Error("standard output cannot be written to; is the disk full?");
}

std::string unexpected(const std::exception& error) {
  try {
    require_standard_output();
  } catch (const Error& lost) {
    return lost.what();
  }
  return "unexpected error: " + training::one_line(error);
}

}  // namespace varia::cli
