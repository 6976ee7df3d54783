#include "cli/progress_display.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "cli/table.hpp"
#include "runner/messages.hpp"

namespace varia::cli {

namespace {

constexpr auto kDrawEvery = std::chrono::milliseconds(100);

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string bar(double part, int width) {
  const int full = static_cast<int>(std::lround(part * width));
  std::string text;
  for (int i = 0; i < width; ++i) text += i < full ? "█" : "░";
  return text;
}

/// The first characters of UTF-8 text that fit a width.
std::string fit(const std::string& text, std::size_t width) {
  std::size_t shown = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U && ++shown > width)
      return text.substr(0, i);
  }
  return text;
}

/// "train loss 106.1, test loss 105.3"
std::string record_text(const store::EpochRecord& record) {
  std::string text;
  for (const auto* split : {"train", "validation", "test"}) {
    const auto found = record.metrics.find(split);
    if (found == record.metrics.end()) continue;
    text += fmt::format("{}{} loss {}", text.empty() ? "" : ", ", split,
                        short_number(found->second.at("loss").values.front()));
  }
  return text;
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(std::max(0.0, seconds)));
  if (whole >= 3600)
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

ProgressDisplay::Style ProgressDisplay::detect() {
  return isatty(STDERR_FILENO) == 1 ? Style::terminal : Style::lines;
}

ProgressDisplay::ProgressDisplay(Style style) : style_(style) {}
ProgressDisplay::~ProgressDisplay() { erase(); }

void ProgressDisplay::print(const std::string& line) {
  erase();
  fmt::print(stderr, "{}\n", line);
}

void ProgressDisplay::erase() {
  if (line_drawn_) fmt::print(stderr, "\r\033[K");
  line_drawn_ = false;
}

void ProgressDisplay::on_note(const std::string& note) { print("note: " + printable(note)); }

void ProgressDisplay::on_trial_start(const experiment::Trial& trial, std::size_t number,
                                     std::size_t total) {
  label_ = fmt::format("[{}/{}] {}", number, total, runner::label_of(trial));
  number_ = number;
  total_ = total;
  records_ = runner::record_count(*trial.train);
  record_ = 0;
  step_ = 0;
  images_ = 0;
  trial_start_ = Clock::now();
  if (number == 1) run_start_ = trial_start_;
  if (style_ == Style::lines) print(label_);
}

void ProgressDisplay::on_step(std::int64_t step, std::int64_t steps, std::int64_t images,
                              double loss) {
  step_ = step;
  steps_ = steps;
  images_ += images;
  loss_ = loss;
  if (style_ == Style::terminal && Clock::now() - drawn_ >= kDrawEvery) draw();
}

void ProgressDisplay::draw() {
  drawn_ = Clock::now();
  const double part = static_cast<double>(step_) / static_cast<double>(steps_);
  const double trial_seconds = seconds_since(trial_start_);
  const double done = static_cast<double>(number_ - 1) + part;
  const double run_seconds = seconds_since(run_start_);
  const auto left = [](double seconds, double fraction) {
    return seconds * (1 - fraction) / fraction;
  };
  const auto begin =
      fmt::format("{}  epoch {}/{} ", label_, std::min(record_ + 1, records_), records_);
  auto end = fmt::format(" loss {}  {:.0f} img/s  {} left", short_number(loss_),
                         static_cast<double>(images_) / trial_seconds,
                         duration_text(left(trial_seconds, part)));
  if (total_ > 1)
    end += fmt::format(" (all {})",
                       duration_text(left(run_seconds, done / static_cast<double>(total_))));
  // Where it gets tight, the bar goes first.
  const auto width = terminal_width() - 1;
  const auto used = display_width(begin) + display_width(end);
  const auto room = static_cast<int>(std::clamp<std::size_t>(width - std::min(width, used), 0, 12));
  fmt::print(stderr, "\r{}\033[K", fit(begin + bar(part, room < 4 ? 0 : room) + end, width));
  line_drawn_ = true;
}

void ProgressDisplay::on_record(const store::EpochRecord& record) {
  record_ = record.epoch;
  losses_ = record_text(record);
  if (style_ == Style::lines)
    print(fmt::format("  epoch {}/{}  {}  {:.1f} s", record.epoch, records_, losses_,
                      record.seconds));
}

void ProgressDisplay::on_trial_end(const experiment::Trial&, const runner::TrialOutcome& outcome) {
  if (outcome.end == runner::TrialEnd::failed)
    print(fmt::format("{}  failed: {}", label_, printable(outcome.error)));
  else if (outcome.end == runner::TrialEnd::interrupted)
    erase();
  else if (style_ == Style::terminal)
    print(fmt::format("{}  done in {}, {}", label_, duration_text(seconds_since(trial_start_)),
                      losses_));
}

}  // namespace varia::cli
