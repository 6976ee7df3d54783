#include "cli/guarded_reading.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <new>
#include <optional>
#include <system_error>

#include "cli/commands.hpp"
#include "cli/file_arguments.hpp"
#include "cli/terminal/terminal.hpp"
#include "results/file_frame.hpp"
#include "results/merged/results.hpp"
#include "results/tensors.hpp"
#include "results/trial/trial_reader.hpp"
#include "sweep/workers/child_process.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

namespace fs = std::filesystem;

constexpr double kSeconds = 3;  // and for each megabyte:
constexpr double kSecondsPerMegabyte = 10;
constexpr std::uint64_t kBytes = std::uint64_t{2} << 30U;  // and for each byte:
constexpr std::uint64_t kBytesPerByte = 16;

struct Limits {
  rlim_t seconds = 0;
  rlim_t bytes = 0;  // more than the process has
};

Limits limits_for(const std::vector<std::string>& files) {
  std::uint64_t size = 0;
  for (const auto& file : files) {
    std::error_code absent;
    const auto bytes = fs::file_size(file, absent);
    if (!absent) size += bytes;
  }
  return {static_cast<rlim_t>(kSeconds + kSecondsPerMegabyte * static_cast<double>(size) / 1e6),
          kBytes + kBytesPerByte * size};
}

void set_limit(int resource, rlim_t most) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return;
  limit.rlim_cur = std::min(limit.rlim_max, most);
  ::setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

/// Whether the user allows less than that (`ulimit`): a file is not to blame for what follows.
bool is_allowed_less(int resource, rlim_t wanted) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return false;
  // The other limits have been lowered here.
  return (resource == RLIMIT_AS ? limit.rlim_cur : limit.rlim_max) < wanted;
}

/// Bytes of data that this process has.
rlim_t data_bytes() {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  for (int field = 0; field < 6; ++field) statm >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

/// Of wall-clock time: a file may make a reader wait without using the processor. Generous, since
/// the machine may be busy.
unsigned wall_seconds(const Limits& limits) {
  return static_cast<unsigned>(std::min<rlim_t>(10 + 3 * limits.seconds, 1U << 30U));
}

/// Ends a process whose time is up. SIGALRM may also come from outside.
int time_is_up() { return SIGRTMIN; }

/// Ends this process, unless it waits for someone to read what it prints.
void end_if_stuck(int signal) {
  const bool is_early = ::alarm(0) > 0;
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  if (!is_early && ::poll(&output, 1, 0) == 0) {
    ::alarm(1);
    return;
  }
  std::signal(signal, SIG_DFL);
  ::raise(is_early ? signal : time_is_up());
}

void limit_this_process(const Limits& limits) {
  struct sigaction action {};
  action.sa_handler = end_if_stuck;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGALRM, &action, nullptr);
  ::alarm(wall_seconds(limits));
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_CPU, limits.seconds);
  set_limit(RLIMIT_DATA, data_bytes() + limits.bytes);
}

/// @param say is told what went wrong
int run_within(const Limits& limits, const std::string& names, const std::function<int()>& command,
               const std::function<void(const std::string&)>& say) {
  limit_this_process(limits);
  try {
    return command();
  } catch (const std::bad_alloc&) {
    say(is_allowed_less(RLIMIT_DATA, limits.bytes) || is_allowed_less(RLIMIT_AS, RLIM_INFINITY)
            ? fmt::format("{}: cannot be read with the memory that this process may have (ulimit)",
                          names)
            : fmt::format("{}: cannot be read with {:.1f} GB of memory, more than a file of this "
                          "size needs; it is damaged",
                          names, static_cast<double>(limits.bytes) / 1e9));
  } catch (const Error& error) {
    say(error.what());
  } catch (const std::exception& error) {
    say(unexpected(error));
  }
  return kWrong;
}

/// "a.h5, b.h5", or how many there are.
std::string names_of(const std::vector<std::string>& files) {
  constexpr std::size_t kMost = 3;
  if (files.size() <= kMost) return fmt::format("{}", fmt::join(files, ", "));
  return fmt::format("{} and {} more files", files.front(), files.size() - 1);
}

/// How reading has ended a process.
struct Death {
  std::string file;
  Limits limits;
  sweep::ProcessEnd end;
};

/// Whether a file can have done that: by what it makes the library do, or by the time that it
/// takes. Anything else comes from outside: someone's signal, a limit that is not set here, memory
/// that has run out.
bool is_by_file(const sweep::ProcessEnd& end, const Limits& limits) {
  constexpr std::array kSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
  if (!end.by_signal) return false;
  if (end.number == SIGXCPU) return !is_allowed_less(RLIMIT_CPU, limits.seconds);
  return end.number == time_is_up() || std::ranges::find(kSignals, end.number) != kSignals.end();
}

/// Reads one file after the other in a process of its own; those that are an error do not end it.
std::optional<Death> death_by(const std::vector<std::string>& files, const ReadFile& read) {
  auto limits = limits_for(files);
  // Someone has waited for the first process already.
  limits.seconds = std::max<rlim_t>(1, limits.seconds / 3);
  auto channel = sweep::Channel::pair();
  const auto read_all = [&] {
    limit_this_process(limits);
    for (const auto& file : files) {
      channel.second.send(file);
      try {
        read(file);
      } catch (const std::exception&) {
        continue;
      }
    }
    return 0;
  };
  sweep::ChildProcess child(read_all, -1);
  channel.second.close();
  Death death{"", limits, {}};
  while (auto file = channel.first.receive()) death.file = *file;
  death.end = child.wait();
  if (!is_by_file(death.end, limits)) return std::nullopt;
  return death;
}

/// The file that ends a process which reads it alone. A file can also spoil the memory of its
/// process, which then dies of a later one that is sound: that one is not accused.
std::optional<Death> find_death(const std::vector<std::string>& files, const ReadFile& read) {
  const auto suspect = death_by(files, read);
  return suspect && files.size() > 1 ? death_by({suspect->file}, read) : suspect;
}

[[noreturn]] void throw_death(const std::vector<std::string>& files, const Limits& limits,
                              const sweep::ProcessEnd& end, const ReadFile& read) {
  const auto how = [](const Limits& limits, const sweep::ProcessEnd& end) {
    if (end.number == SIGXCPU)
      return fmt::format("reading took more than {} s of processor time", limits.seconds);
    if (end.number == time_is_up())
      return fmt::format("reading took more than {} s", wall_seconds(limits));
    return "the process that read it " + end.text();
  };
  if (!is_by_file(end, limits))
    throw StoreError(names_of(files), how(limits, end) +
                                          ", from outside or since memory has run out. It is not "
                                          "known to be damaged: call varia again");
  const auto found = find_death(files, read);
  if (!found)
    throw StoreError(names_of(files), how(limits, end) +
                                          ", which did not come again when it was read alone. It "
                                          "is not known to be damaged: call varia again");
  throw StoreError(found->file, how(found->limits, found->end) +
                                    "; it is damaged. Move it away: varia merge makes a merged "
                                    "file anew from the files of its trials, varia run a trial's");
}

void read_results(const std::string& path) {
  const auto results = results::open_results(path);
  for (const auto& metric : results.metrics()) {
    results.metric(metric.name);
    if (metric.shape.empty()) results.final_values(metric.name);
    results.bounds(metric.name);
  }
  for (const auto& key : results.schedules()) results.schedule(key, 0, results.size());
  results.seconds(0, results.size());
  for (std::size_t trial = 0; trial < results.size(); ++trial) {
    results.config(trial);
    for (const auto& name : results.steps()) results.step_values(name, trial);
    for (const auto& name : results.points()) results.point_sets(name, trial);
    for (const auto& view : results.views()) {
      results.layout(view.name, trial);
      for (std::size_t i = 0; i < results.captions(view.name, trial).size(); ++i)
        results.picture(view.name, trial, i);
    }
  }
}

/// Files of the folders in a folder.
void add_files(const fs::path& folder, const std::string& beginning,
               std::vector<std::string>& files) {
  std::error_code ignored;
  for (const auto& inner : fs::directory_iterator(folder, ignored))
    for (const auto& file : fs::directory_iterator(inner.path(), ignored))
      if (file.path().extension() == ".h5" &&
          file.path().filename().string().starts_with(beginning))
        files.push_back(file.path().string());
}

}  // namespace

void read_everything(const std::string& path) {
  const auto format = results::format_of(path);
  if (format == results::kTrialFormat)
    results::read_trial(path);
  else if (format == results::kTensorsFormat)
    results::load_tensors(path);
  else
    read_results(path);
}

std::vector<std::string> result_files(const results::ResultPaths& paths) {
  std::vector<std::string> files;
  std::error_code ignored;
  if (fs::exists(paths.merged(), ignored)) files.push_back(paths.merged().string());
  add_files(paths.trials(), "", files);
  add_files(paths.checkpoints(), "trial.", files);
  return files;
}

int read_guarded(const std::vector<std::string>& files, const std::function<int()>& command,
                 const ReadFile& read, double seconds) {
  auto limits = limits_for(files);
  limits.seconds += static_cast<rlim_t>(std::ceil(seconds));
  const auto command_and_flush = [&] {
    const int code = command();
    require_standard_output();
    return code;
  };
  sweep::ChildProcess child(
      [&] { return run_within(limits, names_of(files), command_and_flush, print_error); }, -1);
  const auto end = child.wait();
  if (!end.by_signal) return end.number;
  if (end.number == SIGPIPE) {  // no one reads on, as after `| head`
    std::signal(SIGPIPE, SIG_DFL);
    ::raise(SIGPIPE);
  }
  throw_death(files, limits, end, read);
}

int read_named(const std::vector<std::string>& files, const std::function<int()>& command) {
  require_results_files(files);
  return read_guarded(files, command);
}

std::string text_read_guarded(const std::vector<std::string>& files,
                              const std::function<std::string()>& command, const ReadFile& read) {
  constexpr int kMostTries = 3;
  const auto limits = limits_for(files);
  for (int tries = 1;; ++tries) {
    auto channel = sweep::Channel::pair();
    const auto say = [&](const std::string& text) { channel.second.send(text); };
    const auto send = [&] {
      say(command());
      return 0;
    };
    sweep::ChildProcess child([&] { return run_within(limits, names_of(files), send, say); }, -1);
    channel.second.close();
    const auto text = channel.first.receive();
    const auto end = child.wait();
    if (end.by_signal && !is_by_file(end, limits) && tries < kMostTries) continue;
    if (end.by_signal) throw_death(files, limits, end, read);
    if (end.number != 0) throw StoreError("", text.value_or("reading has failed"));
    return text.value();
  }
}

void try_guarded(const std::vector<std::string>& files, const std::function<void()>& command,
                 const ReadFile& read) {
  if (files.empty()) return;
  text_read_guarded(
      files,
      [&] {
        try {
          command();
        } catch (const Error&) {
        }
        return std::string();
      },
      read);
}

}  // namespace varia::cli
