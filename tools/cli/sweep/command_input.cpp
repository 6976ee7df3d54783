#include "cli/sweep/command_input.hpp"

#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>

#include "varia/error.hpp"

namespace varia::cli {

namespace {

constexpr int kMilliseconds = 100;

/// Signals that a run ignores are not ignored by its command.
pid_t start(const std::string& command, int input) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  for (const int signal : {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals, signal);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string words[] = {"sh", "-c", command};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t process = -1;
  const int failure = ::posix_spawnp(&process, "sh", &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0)
    throw Error("sh cannot be started: " + std::generic_category().message(failure));
  return process;
}

}  // namespace

CommandInput::CommandInput(const std::string& command) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw Error("no pipe to a command: " + std::generic_category().message(errno));
  input_ = ends[0];
  try {
    process_ = start(command, ends[1]);
  } catch (...) {
    ::close(ends[1]);
    close();
    throw;
  }
  ::close(ends[1]);
}

CommandInput::~CommandInput() { close(); }

void CommandInput::close() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
  waiting_.clear();
  given_ = 0;
}

void CommandInput::give(std::string_view text) {
  if (!is_open()) return;
  waiting_ += text;
  while (waiting() > 0) {
    const auto count =
        ::send(input_, waiting_.data() + given_, waiting(), MSG_DONTWAIT | MSG_NOSIGNAL);
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
    pollfd wait = {.fd = input_, .events = POLLOUT, .revents = 0};
    ::poll(&wait, 1, kMilliseconds);
    give();
  }
  close();
  int status = 0;
  while (::waitpid(process_, &status, WNOHANG) != process_) {
    if (give_up()) return 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(kMilliseconds));
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace varia::cli
