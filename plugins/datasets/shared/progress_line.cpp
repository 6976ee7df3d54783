#include "shared/progress_line.hpp"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace varia::datasets {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLineEvery{10'000};  // if stderr is not a terminal

}  // namespace

ProgressLine::ProgressLine(std::string what, std::size_t count)
    : what_(std::move(what)),
      count_(count),
      on_terminal_(::isatty(STDERR_FILENO) == 1),
      next_(Clock::now() + (on_terminal_ ? std::chrono::milliseconds(1000) : kLineEvery)) {}

ProgressLine::~ProgressLine() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void ProgressLine::show(std::size_t done) {
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + (on_terminal_ ? std::chrono::milliseconds(200) : kLineEvery);
  const auto text = what_ + ": " + std::to_string(done) + " of " + std::to_string(count_);
  std::fprintf(stderr, on_terminal_ ? "\r%s\x1b[K" : "%s\n", text.c_str());
  drawn_ = on_terminal_;
}

}  // namespace varia::datasets
