#include "images/many_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "files/process.hpp"
#include "files/whole_file.hpp"
#include "varia/error.hpp"

namespace varia::datasets {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLineEvery{10'000};  // if stderr is not a terminal

/// Says on stderr how far a job is.
class ProgressLine {
 public:
  ProgressLine(std::string what, std::size_t count)
      : what_(std::move(what)), count_(count), on_terminal_(::isatty(STDERR_FILENO) == 1) {}
  ~ProgressLine() {
    if (drawn_) std::fputs("\r\x1b[K", stderr);
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(std::size_t done) {
    const auto now = Clock::now();
    if (now < next_) return;
    next_ = now + (on_terminal_ ? std::chrono::milliseconds(200) : kLineEvery);
    const auto text = what_ + ": " + std::to_string(done) + " of " + std::to_string(count_);
    std::fprintf(stderr, on_terminal_ ? "\r%s\x1b[K" : "%s\n", text.c_str());
    drawn_ = on_terminal_;
  }

 private:
  std::string what_;
  std::size_t count_;
  bool on_terminal_;
  bool drawn_ = false;
  Clock::time_point next_ =
      Clock::now() + (on_terminal_ ? std::chrono::milliseconds(1000) : kLineEvery);
};

/// The error of the smallest number.
class FirstError {
 public:
  void add(std::size_t number) {
    const std::lock_guard lock(mutex_);
    if (error_ && number_ < number) return;
    number_ = number;
    error_ = std::current_exception();
    exists_ = true;
  }
  bool exists() const { return exists_; }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  std::atomic<bool> exists_ = false;
  std::size_t number_ = 0;
  std::exception_ptr error_;
};

}  // namespace

void for_each_file(const std::string& what, std::size_t count, std::size_t threads,
                   const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  FirstError failure;
  // Numbers are taken in order, so all below one that fails are worked on.
  const auto work_on = [&](ProgressLine* progress) {
    for (std::size_t number = next++; number < count && !failure.exists(); number = next++) {
      try {
        work(number);
      } catch (...) {
        failure.add(number);
      }
      if (progress) progress->show(std::min(count, next.load()));
    }
  };
  {
    constexpr std::size_t kFewest = 64;  // files for which a thread is worth while
    threads = std::min({threads, std::size_t{std::max(1U, std::thread::hardware_concurrency())},
                        count / kFewest + 1});
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i)
      others.push_back(files::quiet_thread([&](const std::stop_token&) { work_on(nullptr); }));
    ProgressLine progress(what, count);
    work_on(&progress);
  }
  failure.rethrow();
}

std::string read_file(const std::filesystem::path& path) {
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 28;
  try {
    return files::read_whole_file(path.string(), kLargest);
  } catch (const StoreError& error) {
    throw DataError("", error.what());
  }
}

void say(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

}  // namespace varia::datasets
