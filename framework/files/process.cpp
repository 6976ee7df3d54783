#include "files/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <random>
#include <system_error>
#include <utility>

#include "varia/host/descriptor.hpp"

namespace varia::files {

namespace {

/// The first bytes of a file of /proc; empty where there is none.
std::string read_start(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return "";
  std::array<char, 1024> bytes{};
  const auto got = ::read(file.number(), bytes.data(), bytes.size());
  return {bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

/// A field of /proc/<number>/stat, from 3 on; empty if the system does not tell.
std::string stat_field(std::int64_t number, int field) {
  const std::string text = read_start("/proc/" + std::to_string(number) + "/stat");
  // "4711 (name) S 1 ...": the name, field 2, may hold anything.
  std::size_t place = text.rfind(") ");
  for (int i = 2; i < field && place != std::string::npos; ++i) place = text.find(' ', place + 1);
  if (place == std::string::npos) return "";
  return text.substr(place + 1, text.find(' ', place + 1) - place - 1);
}

/// When a process was started; 0 if the system does not tell.
std::int64_t start_of(std::int64_t number) {
  const std::string text = stat_field(number, 22);
  std::int64_t started = 0;
  std::from_chars(text.data(), text.data() + text.size(), started);
  return started;
}

constexpr const char* kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

std::string boot() {
  std::string text = read_start("/proc/sys/kernel/random/boot_id");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string space() {
  std::array<char, 128> text{};
  const auto length = ::readlink("/proc/self/ns/pid", text.data(), text.size());
  return {text.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

/// Blocks all signals of this thread in its scope.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

std::string host_name() {
  std::array<char, 256> text{};
  std::string name;
  if (::gethostname(text.data(), text.size() - 1) == 0) name = text.data();
  for (std::size_t i = 0; (i = name.find_first_not_of(kNameCharacters, i)) != std::string::npos;)
    name[i] = '_';
  return name.empty() ? "unknown" : name;
}

Process this_process() {
  const std::int64_t number = ::getpid();
  return {host_name(), boot(), space(), number, start_of(number)};
}

bool is_here(const Process& process) {
  return !process.boot.empty() && process.boot == boot() && process.space == space();
}

bool is_gone(const Process& process) {
  if (process.number <= 0 || process.number != static_cast<pid_t>(process.number)) return false;
  if (!is_here(process)) return false;
  if (::kill(static_cast<pid_t>(process.number), 0) != 0) return errno == ESRCH;
  // It has ended, and no one has asked how.
  const std::string state = stat_field(process.number, 3);
  if (state == "Z" || state == "X") return true;
  const std::int64_t started = start_of(process.number);
  return process.started != 0 && started != 0 && started != process.started;
}

std::jthread quiet_thread(std::function<void(std::stop_token)> work) {
  // A new thread has the mask of the one that starts it.
  const BlockedSignals blocked;
  return std::jthread(std::move(work));
}

std::string place_mark() {
  std::string mark = boot().substr(0, 8) + "-";
  for (const char c : space())
    if (c >= '0' && c <= '9') mark += c;
  return mark;
}

std::string random_digits() {
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", std::random_device{}() & 0xffffffffU);
  return digits.data();
}

std::string new_run_id() {
  return host_name().substr(0, 64) + "-" + std::to_string(::getpid()) + "-" + random_digits();
}

bool is_run_id(const std::string& text) {
  return !text.empty() && text.size() <= 128 && text.front() != '.' &&
         text.find_first_not_of(kNameCharacters) == std::string::npos;
}

}  // namespace varia::files
