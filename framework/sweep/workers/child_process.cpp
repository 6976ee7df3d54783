#include "sweep/workers/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <system_error>
#include <utility>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "varia/error.hpp"

namespace varia::sweep {

namespace {

/// Where memory runs out, the kernel shall end a worker and not the supervisor.
void volunteer_for_the_oom_killer() {
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  // It is a wish; without it all works the same.
  [[maybe_unused]] const auto written = ::write(file, "500", 3);
  ::close(file);
}

void die_with(pid_t parent) {
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  if (::getppid() != parent) ::_exit(1);
}

/// Libraries that LibTorch brings along may print a story of their own about a crash, as UCX does
/// on Debian 13, behind which the plugin's last words are lost.
void crash_silently() {
#ifndef __SANITIZE_ADDRESS__
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) std::signal(signal, SIG_DFL);
#endif
}

void print_to(int output) {
  if (output < 0) return;
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  // What stands in a buffer when a process dies is lost.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
}

[[noreturn]] void run_child(const std::function<int()>& body, int output, pid_t parent) {
  die_with(parent);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) std::signal(signal, SIG_IGN);
  crash_silently();
  volunteer_for_the_oom_killer();
  print_to(output);
  int code = 1;
  try {
    code = body();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
  }
  std::fflush(nullptr);
  // Not exit: what is to be undone at the end is the parent's to undo.
  ::_exit(code);
}

}  // namespace

std::string ProcessEnd::text() const {
  if (!by_signal) return fmt::format("ended with exit code {}", number);
  return fmt::format("was killed by signal {} ({})", number, ::strsignal(number));
}

ChildProcess::ChildProcess(const std::function<int()>& body, int output) {
  std::fflush(nullptr);  // or the child would print it again
  const auto parent = ::getpid();
  id_ = ::fork();
  if (id_ < 0)
    throw Error("no worker process can be started: " + std::generic_category().message(errno));
  if (id_ == 0) run_child(body, output, parent);
}

ChildProcess::~ChildProcess() {
  if (id_ < 0) return;
  kill();
  wait();
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : id_(std::exchange(other.id_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(id_, other.id_);
  return *this;
}

void ChildProcess::kill() const { ::kill(id_, SIGKILL); }

ProcessEnd ChildProcess::wait() {
  int status = 0;
  while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
  }
  id_ = -1;
  if (WIFSIGNALED(status)) return {true, WTERMSIG(status)};
  return {false, WEXITSTATUS(status)};
}

}  // namespace varia::sweep
