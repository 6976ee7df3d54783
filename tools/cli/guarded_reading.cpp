#include "cli/guarded_reading.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <new>

#include "cli/commands.hpp"
#include "runner/messages.hpp"
#include "sweep/workers/child_process.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

constexpr double kSeconds = 5;  // and for each megabyte:
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
    const auto bytes = std::filesystem::file_size(file, absent);
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

/// Bytes of data that this process has.
rlim_t data_bytes() {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  for (int field = 0; field < 6; ++field) statm >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

int run_within(const Limits& limits, const std::string& names,
               const std::function<int()>& command) {
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_CPU, limits.seconds);
  set_limit(RLIMIT_DATA, data_bytes() + limits.bytes);
  try {
    return command();
  } catch (const std::bad_alloc&) {
    fmt::print(stderr,
               "{}: cannot be read with {:.1f} GB of memory, more than a file of this size needs; "
               "it is damaged\n",
               names, static_cast<double>(limits.bytes) / 1e9);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "unexpected error: {}\n", runner::one_line(error));
  }
  return kWrong;
}

}  // namespace

int read_guarded(const std::vector<std::string>& files, const std::function<int()>& command) {
  const auto limits = limits_for(files);
  const auto names = fmt::format("{}", fmt::join(files, ", "));
  sweep::ChildProcess child([&] { return run_within(limits, names, command); }, -1);
  const auto end = child.wait();
  if (!end.by_signal) return end.number;
  if (end.number == SIGPIPE) {  // no one reads on, as after `| head`
    std::signal(SIGPIPE, SIG_DFL);
    ::raise(SIGPIPE);
  }
  if (end.number == SIGXCPU)
    throw StoreError(names, fmt::format("reading took more than {} s of processor time; it is "
                                        "damaged. varia merge makes a merged file anew from the "
                                        "files of its trials",
                                        limits.seconds));
  throw StoreError(names, fmt::format("the process that read it {}; it is damaged. varia merge "
                                      "makes a merged file anew from the files of its trials",
                                      end.text()));
}

}  // namespace varia::cli
