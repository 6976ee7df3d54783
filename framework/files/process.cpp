#include "files/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <functional>
#include <optional>
#include <random>
#include <system_error>

namespace varia::files {

namespace {

/// The first bytes of a file of /proc; empty where there is none.
std::string read_start(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return "";
  std::array<char, 1024> bytes{};
  const auto got = ::read(file, bytes.data(), bytes.size());
  ::close(file);
  return {bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

/// What the system says of a running process.
struct ProcessState {
  char letter = 0;  // 'Z', 'X': it has ended, and no one has asked how
  std::int64_t started = 0;
};

std::optional<ProcessState> state_of(std::int64_t number) {
  const std::string text = read_start("/proc/" + std::to_string(number) + "/stat");
  // "4711 (name) S 1 ...": the name may hold anything; the state is field 3, the start field 22.
  std::size_t place = text.rfind(") ");
  if (place == std::string::npos) return std::nullopt;
  place += 2;
  ProcessState state{place < text.size() ? text[place] : '\0', 0};
  for (int field = 3; field < 22; ++field) {
    place = text.find(' ', place);
    if (place == std::string::npos) return std::nullopt;
    ++place;
  }
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data() + place, end, state.started).ec != std::errc()) {
    return std::nullopt;
  }
  return state;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

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

}  // namespace

std::string host_name() {
  std::array<char, 256> text{};
  std::string name;
  if (::gethostname(text.data(), text.size() - 1) == 0) name = text.data();
  std::ranges::replace_if(name, std::not_fn(is_name_character), '_');
  return name.empty() ? "unknown" : name;
}

std::filesystem::path own_program() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

Process this_process() {
  const std::int64_t number = ::getpid();
  const auto state = state_of(number);
  return {host_name(), boot(), space(), number, state ? state->started : 0};
}

bool is_gone(const Process& process) {
  if (process.number <= 0 || process.number != static_cast<pid_t>(process.number)) return false;
  if (process.host != host_name() || process.space != space()) return false;
  if (process.boot != boot()) return true;
  if (::kill(static_cast<pid_t>(process.number), 0) != 0) return errno == ESRCH;
  const auto state = state_of(process.number);
  if (!state) return false;
  if (state->letter == 'Z' || state->letter == 'X') return true;
  return process.started != 0 && state->started != process.started;
}

std::string new_run_id() {
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", std::random_device{}() & 0xffffffffU);
  return host_name().substr(0, 64) + "-" + std::to_string(::getpid()) + "-" + digits.data();
}

bool is_run_id(const std::string& text) {
  return !text.empty() && text.size() <= 128 && text.front() != '.' &&
         std::ranges::all_of(text, is_name_character);
}

}  // namespace varia::files
