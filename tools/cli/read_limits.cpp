#include "cli/read_limits.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace varia::cli {

namespace {

// Sound files take 0.2 s for each megabyte at most; if they are compressed well, ten times that.
constexpr double kReading = 0.5;
constexpr double kReadingPerMegabyte = 2;
constexpr double kWorking = 3;
constexpr double kWorkingPerMegabyte = 10;
constexpr std::uint64_t kBytes = std::uint64_t{2} << 30U;
constexpr std::uint64_t kBytesPerByte = 16;

unsigned wall_seconds(double least, double processor_seconds) {
  return static_cast<unsigned>(std::min(least + 3 * processor_seconds, 1e9));
}

/// Of this process, for the handlers of its signals; null once it need not ask. A handler may
/// interrupt what changes it, and another thread's may run at the same time.
std::atomic<const sweep::Channel*> asked = nullptr;
static_assert(decltype(asked)::is_always_lock_free);

/// Called by handlers: all that it does is async-signal-safe.
void ask_once() {
  if (const auto* question = asked.exchange(nullptr)) question->send_empty();
}

void set_limit(int resource, rlim_t most) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return;
  limit.rlim_cur = std::min(limit.rlim_max, most);
  ::setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

/// Whether the user allows less than that: a file is not to blame for what follows.
bool is_allowed_less(int resource, rlim_t wanted) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return false;
  // That of data has been lowered here.
  return (resource == RLIMIT_DATA ? limit.rlim_max : limit.rlim_cur) < wanted;
}

/// Bytes of data that this process has.
rlim_t data_bytes() {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  for (int field = 0; field < 6; ++field) statm >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

/// SIGALRM may also come from outside.
int time_is_up() { return SIGRTMIN; }

void end_by(int signal) {
  std::signal(signal, SIG_DFL);
  ::raise(signal);
}

/// Whether a process that prints waits for someone to read that.
bool is_unread() {
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&output, 1, 0) == 0;
}

void end_on_alarm(int signal) { end_by(::alarm(0) > 0 ? signal : time_is_up()); }

void ask_on_alarm(int signal) {
  const int error = errno;
  if (::alarm(0) > 0) {  // from outside
    end_by(signal);
  } else if (is_unread()) {
    ::alarm(1);
  } else {
    std::signal(signal, SIG_DFL);
    ask_once();
  }
  errno = error;
}

void ask_on_processor_time(int signal) {
  const int error = errno;
  std::signal(signal, SIG_DFL);
  ask_once();
  errno = error;
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

timespec time_of(double seconds) {
  timespec time{};
  time.tv_sec = static_cast<time_t>(seconds);
  time.tv_nsec = static_cast<long>(1e9 * (seconds - std::floor(seconds)));
  return time;
}

/// Sends SIGXCPU to this process when it has used so many seconds of processor time, and again.
/// RLIMIT_CPU counts whole seconds, and too few of them in a virtual machine whose host is busy.
void send_after(double first, double second) {
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGXCPU;
  timer_t timer{};
  const itimerspec times{time_of(second - first), time_of(first)};
  if (::timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer) != 0 ||
      ::timer_settime(timer, 0, &times, nullptr) != 0)
    set_limit(RLIMIT_CPU, static_cast<rlim_t>(second) + 1);
}

void limit_process(const ReadLimits& limits, unsigned wall) {
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_DATA, data_bytes() + limits.bytes);
  ::alarm(wall);
}

}  // namespace

unsigned ReadLimits::wall_of_reading() const { return wall_seconds(3.5, reading); }
unsigned ReadLimits::wall_of_question() const { return wall_seconds(2.5, reading); }

ReadLimits limits_for(const std::vector<std::string>& files) {
  std::uint64_t size = 0;
  for (const auto& file : files) {
    std::error_code absent;
    const auto bytes = std::filesystem::file_size(file, absent);
    if (!absent) size += bytes;
  }
  const auto megabytes = static_cast<double>(size) / 1e6;
  return {.reading = kReading + kReadingPerMegabyte * megabytes,
          .working = kWorking + kWorkingPerMegabyte * megabytes,
          .bytes = kBytes + kBytesPerByte * size};
}

void limit_reading(const ReadLimits& limits) {
  std::signal(SIGXCPU, SIG_DFL);
  handle(SIGALRM, end_on_alarm);
  limit_process(limits, limits.wall_of_reading());
  send_after(limits.reading, limits.reading);
}

void limit_working(const ReadLimits& limits, sweep::Channel& question) {
  asked = &question;
  handle(SIGXCPU, ask_on_processor_time);
  handle(SIGALRM, ask_on_alarm);
  limit_process(limits, limits.wall_of_question());
  send_after(limits.reading, limits.working);
}

void stop_asking() { asked = nullptr; }

bool is_memory_short(const ReadLimits& limits) {
  return is_allowed_less(RLIMIT_DATA, limits.bytes) || is_allowed_less(RLIMIT_AS, RLIM_INFINITY);
}

bool is_by_file(const sweep::ProcessEnd& end, double seconds) {
  constexpr std::array kSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
  if (!end.by_signal) return false;
  if (end.number == SIGXCPU) return !is_allowed_less(RLIMIT_CPU, static_cast<rlim_t>(seconds));
  return std::ranges::find(kSignals, end.number) != kSignals.end();
}

bool is_time_up(const sweep::ProcessEnd& end) {
  return end.by_signal && end.number == time_is_up();
}

}  // namespace varia::cli
