#include "cli/sweep/command_input.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "varia/error.hpp"
#include "varia/host/spawn.hpp"

namespace varia::cli {

namespace {
constexpr int kMilliseconds = 100;
}  // namespace

CommandInput::CommandInput(const std::string& command) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw Error("no pipe to a command: " + system_reason(errno));
  input_ = Descriptor(ends[0]);
  const Descriptor its_end(ends[1]);
  std::error_code error;
  process_ = spawn({"sh", "-c", command}, {.in = its_end.number(), .out = STDERR_FILENO},
                   SpawnSession::own, error);
  if (error) throw Error("sh cannot be started: " + error.message());
}

void CommandInput::close() {
  input_.close();
  waiting_.clear();
  given_ = 0;
}

void CommandInput::give(std::string_view text) {
  if (!is_open()) return;
  waiting_ += text;
  while (waiting() > 0) {
    const auto count =
        ::send(input_.number(), waiting_.data() + given_, waiting(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (count < 0) return close();
    given_ += static_cast<std::size_t>(count);
  }
  // What is left moves to the front, which is not worth it for little.
  if (2 * given_ < waiting_.size()) return;
  waiting_.erase(0, given_);
  given_ = 0;
}

int CommandInput::finish(const std::function<bool()>& give_up) {
  while (is_open() && waiting() > 0) {
    if (give_up()) return 0;
    pollfd wait = {.fd = input_.number(), .events = POLLOUT, .revents = 0};
    ::poll(&wait, 1, kMilliseconds);
    give();
  }
  close();
  int status = 0;
  while (true) {
    const pid_t ended = ::waitpid(process_, &status, WNOHANG);
    if (ended == process_) break;
    if (ended < 0 && errno != EINTR)
      throw Error("how the command ended cannot be told: " + system_reason(errno));
    if (give_up()) return 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(kMilliseconds));
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace varia::cli
