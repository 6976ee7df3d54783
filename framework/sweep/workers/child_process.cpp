#include "sweep/workers/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string_view>
#include <system_error>
#include <utility>

#include "training/messages.hpp"
#include "varia/error.hpp"
#include "varia/host/spawn.hpp"
#include "varia/mapped_file.hpp"

namespace varia::sweep {

namespace {

/// If memory runs out, the kernel ends a worker and not the supervisor.
void volunteer_for_the_oom_killer() {
  const Descriptor file(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  // It is a wish; without it all works the same.
  [[maybe_unused]] const auto written = ::write(file.number(), "500", 3);
}

void die_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
}

/// Libraries that LibTorch brings along may print a story of their own about a crash, as UCX does
/// on Debian 13, behind which the plugin's last words are lost.
void crash_silently() {
#ifndef __SANITIZE_ADDRESS__
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) std::signal(signal, SIG_DFL);
  protect_mapped_files();
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
    std::fprintf(stderr, "%s\n", error.what());
  } catch (...) {
    std::fprintf(stderr, "%s\n", training::kNoException);
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
  if (id_ < 0) throw Error("no worker process can be started: " + system_reason(errno));
  if (id_ == 0) run_child(body, output, parent);
}

ChildProcess::~ChildProcess() {
  if (id_ < 0) return;
  kill();
  std::error_code ignored;
  wait_for_end(id_, ignored);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : id_(std::exchange(other.id_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(id_, other.id_);
  return *this;
}

void ChildProcess::kill() const {
  if (id_ > 0) ::kill(id_, SIGKILL);
}

ProcessEnd ChildProcess::wait() {
  std::error_code error;
  const int status = wait_for_end(std::exchange(id_, -1), error);
  if (error) throw Error("how a process ended cannot be told: " + error.message());
  if (WIFSIGNALED(status)) return {true, WTERMSIG(status)};
  return {false, WEXITSTATUS(status)};
}

namespace {

using Length = std::uint64_t;

/// What a message begins with, before its length. Without it, a stray text would be taken for a
/// length, and the rest of such a message be waited for for ever.
constexpr std::string_view kMark = "\x89varia\r\n";
constexpr std::size_t kPreamble = kMark.size() + sizeof(Length);
constexpr Length kLongest = Length{1} << 32;

/// Waits until the other end has taken it all. It allocates nothing: handlers of signals call it.
bool send_all(int descriptor, const char* bytes, std::size_t size) noexcept {
  while (size > 0) {
    // Without the flag, a gone supervisor would end the process by SIGPIPE.
    const auto put = ::send(descriptor, bytes, size, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes += put;
    size -= static_cast<std::size_t>(put);
  }
  return true;
}

/// The mark and the length 0.
constexpr auto kEmptyMessage = [] {
  std::array<char, kPreamble> bytes{};
  std::ranges::copy(kMark, bytes.begin());
  return bytes;
}();

}  // namespace

std::pair<Channel, Channel> Channel::pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw Error("no connection to a worker process can be made: " + system_reason(errno));
  return {Channel(ends[0]), Channel(ends[1])};
}

bool Channel::send(const std::string& message) {
  const Length length = message.size();
  std::string framed(kMark);
  framed.append(reinterpret_cast<const char*>(&length), sizeof length);
  framed += message;
  return send_all(descriptor(), framed.data(), framed.size());
}

bool Channel::send_empty() const noexcept {
  return send_all(descriptor(), kEmptyMessage.data(), kEmptyMessage.size());
}

bool Channel::read_some(bool wait) {
  std::array<char, 1 << 16> buffer{};
  const auto got = ::recv(descriptor(), buffer.data(), buffer.size(), wait ? 0 : MSG_DONTWAIT);
  if (got > 0) {
    received_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
  }
  if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) return wait;
  ended_ = true;
  return false;
}

std::optional<std::string> Channel::next_message() {
  const auto rest = std::string_view(received_).substr(used_);
  is_garbled_ = is_garbled_ || !rest.starts_with(kMark.substr(0, rest.size()));
  if (is_garbled_ || rest.size() < kPreamble) return std::nullopt;
  Length length = 0;
  std::memcpy(&length, rest.data() + kMark.size(), sizeof length);
  is_garbled_ = length > kLongest;
  if (is_garbled_ || rest.size() - kPreamble < length) return std::nullopt;
  std::string message(rest.substr(kPreamble, length));
  used_ += kPreamble + length;
  if (used_ == received_.size()) {
    received_.clear();
    used_ = 0;
  }
  return message;
}

std::optional<std::string> Channel::receive() {
  while (true) {
    if (auto message = next_message()) return message;
    if (ended_ || is_garbled_ || !read_some(true)) return std::nullopt;
  }
}

std::optional<std::vector<std::string>> Channel::take() {
  while (!ended_ && read_some(false)) {
  }
  std::vector<std::string> messages;
  while (auto message = next_message()) messages.push_back(std::move(*message));
  if (messages.empty() && ended_) return std::nullopt;
  return messages;
}

}  // namespace varia::sweep
