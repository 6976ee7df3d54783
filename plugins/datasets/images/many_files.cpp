#include "images/many_files.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "files/process.hpp"
#include "files/whole_file.hpp"
#include "shared/progress_line.hpp"
#include "varia/error.hpp"

namespace varia::datasets {

namespace {

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
