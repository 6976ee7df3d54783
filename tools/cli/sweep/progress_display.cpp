#include "cli/sweep/progress_display.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal.hpp"
#include "training/messages.hpp"

namespace varia::cli {

namespace {

constexpr auto kDrawEvery = std::chrono::milliseconds(100);
constexpr int kPatienceMilliseconds = 1000;
/// Columns of a label that still tells trials apart.
constexpr std::size_t kShortestLabel = 16;
constexpr std::size_t kWidestBar = 12;
constexpr std::size_t kNarrowestBar = 4;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string bar(double part, std::size_t width) {
  const auto full = static_cast<std::size_t>(std::lround(part * static_cast<double>(width)));
  std::string text;
  for (std::size_t i = 0; i < width; ++i) text += i < full ? "█" : "░";
  return text;
}

/// "train loss 106.1, test loss 105.3"
std::string record_text(const results::EpochRecord& record) {
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
  if (!std::isfinite(seconds)) return "?";
  const auto whole = static_cast<std::int64_t>(std::ceil(std::max(0.0, seconds)));
  if (whole >= 3600)
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

ProgressDisplay::Style ProgressDisplay::detect() {
  const char* kind = std::getenv("TERM");
  const bool can_draw = kind == nullptr || std::string_view(kind) != "dumb";
  return can_draw && isatty(STDERR_FILENO) == 1 ? Style::terminal : Style::lines;
}

ProgressDisplay::ProgressDisplay(Style style, const std::atomic<bool>& hurry)
    : style_(style), text_(style_of(STDERR_FILENO)), hurry_(hurry) {}
ProgressDisplay::~ProgressDisplay() { erase(); }

void ProgressDisplay::print(const std::string& line) {
  erase();
  write(wrapped(line, text_.width, 2) + "\n");
}

void ProgressDisplay::write(std::string_view text) {
  while (!text.empty()) {
    pollfd room{STDERR_FILENO, POLLOUT, 0};
    const int ready = ::poll(&room, 1, hurry_ || is_unread_ ? 0 : kPatienceMilliseconds);
    is_unread_ = ready == 0;
    if (is_unread_) return;
    if (ready < 0 && errno == EINTR) continue;
    // Not more than a pipe with room takes at once.
    const auto written =
        ::write(STDERR_FILENO, text.data(), std::min<std::size_t>(text.size(), 512));
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    if (written < 0 && errno != EINTR && errno != EAGAIN) return;
  }
}

void ProgressDisplay::erase() {
  if (lines_drawn_ == 0) return;
  std::string back = "\r";
  if (lines_drawn_ > 1) back += fmt::format("\033[{}A", lines_drawn_ - 1);
  write(back + "\033[J");
  lines_drawn_ = 0;
}

void ProgressDisplay::on_note(const std::string& note) {
  print(text_.coloured(Colour::yellow, "note:") + " " + printable(note));
}

void ProgressDisplay::on_trial_start(const experiment::Trial& trial, std::size_t number,
                                     std::size_t total) {
  Running running;
  running.label = fmt::format("[{}/{}] {}", number, total, trial.label());
  running.records = trial.train->record_count();
  running.start = Clock::now();
  if (total_ == 0) run_start_ = running.start;
  total_ = total;
  if (style_ == Style::lines) print(running.label);
  running_[trial.index] = std::move(running);
}

void ProgressDisplay::on_progress(const experiment::Trial& trial,
                                  const sweep::TrialProgress& progress) {
  auto& running = running_.at(trial.index);
  if (running.progress.step == 0) running.first_step = progress.step - 1;
  running.progress = progress;
  if (style_ == Style::terminal && Clock::now() - drawn_ >= kDrawEvery) draw();
}

std::string ProgressDisplay::line_of(const Running& running) const {
  const auto epoch =
      fmt::format("  epoch {}/{} ", std::min(running.record + 1, running.records), running.records);
  std::string loss = " starting";
  std::string speed, left;
  if (running.progress.step > 0) {
    const double seconds = seconds_since(running.start);
    const double parts = (running.part() - running.part_before()) / seconds;
    loss = " loss " + short_number(running.progress.loss);
    speed = fmt::format("  {:.0f} img/s", static_cast<double>(running.progress.images) / seconds);
    left = fmt::format("  {} left", duration_text((1 - running.part()) / parts));
  }
  // Where it gets tight, the bar goes first, then the speed; what is left is never cut in two.
  const auto room_beside = [&](const std::string& rest) {
    return text_.width - std::min(text_.width, display_width(rest));
  };
  auto rest = epoch + loss + speed + left;
  const auto label_width = display_width(running.label);
  if (room_beside(rest) < label_width) rest = epoch + loss + left;
  const auto label = fit(running.label, std::max(room_beside(rest), kShortestLabel), "…");
  const auto room = std::min(room_beside(label + rest), kWidestBar);
  if (room < kNarrowestBar) return fit(label + rest, text_.width);
  return label +
         rest.insert(epoch.size(), text_.coloured(Colour::green, bar(running.part(), room)));
}

std::string ProgressDisplay::summary_line() const {
  auto parts = static_cast<double>(ended_);
  double before = done_before_;
  for (const auto& [index, running] : running_) {
    parts += running.part();
    before += running.part_before();
  }
  auto text = fmt::format("{} of {}", ended_, count_text(total_, "trial"));
  if (failed_ > 0) text += fmt::format(", {} failed", failed_);
  if (parts > before)
    text += fmt::format(", {} left",
                        duration_text(seconds_since(run_start_) *
                                      (static_cast<double>(total_) - parts) / (parts - before)));
  return text;
}

void ProgressDisplay::draw() {
  drawn_ = Clock::now();
  const auto size = terminal_size(STDERR_FILENO);
  text_.width = size.columns - 1U;
  // A block that is higher than the terminal could not be drawn again.
  const std::size_t most = size.rows > 2 ? size.rows - 2U : 1;
  std::vector<std::string> lines;
  for (const auto& [index, running] : running_)
    if (lines.size() < most) lines.push_back(line_of(running));
  if (total_ > 1) lines.push_back(fit(summary_line(), text_.width));
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line + "\033[K";
  erase();
  write("\r" + text);
  lines_drawn_ = lines.size();
}

void ProgressDisplay::on_record(const experiment::Trial& trial,
                                const results::EpochRecord& record) {
  auto& running = running_.at(trial.index);
  running.record = record.epoch;
  running.losses = record_text(record);
  if (style_ == Style::lines)
    print(fmt::format("{}  epoch {}/{}  {}  {:.1f} s", running.label, record.epoch, running.records,
                      running.losses, record.seconds));
}

void ProgressDisplay::on_trial_end(const experiment::Trial& trial,
                                   const training::TrialOutcome& outcome) {
  const auto found = running_.find(trial.index);
  if (found == running_.end()) return;
  const auto running = std::move(found->second);
  running_.erase(found);
  const bool settled =
      outcome.end == training::TrialEnd::done || outcome.end == training::TrialEnd::failed;
  if (settled) {
    ++ended_;
    done_before_ += running.part_before();
  }
  if (outcome.end == training::TrialEnd::failed) {
    ++failed_;
    print(fmt::format("{}  {} {}", running.label, text_.coloured(Colour::red, "failed:"),
                      printable(outcome.error)));
  } else if (outcome.end == training::TrialEnd::superseded) {
    print(fmt::format("{}  was taken over by another run", running.label));
  } else if (outcome.end == training::TrialEnd::done && style_ == Style::terminal) {
    print(fmt::format("{}  done in {}, {}", running.label,
                      duration_text(seconds_since(running.start)), running.losses));
  } else {
    erase();
  }
}

}  // namespace varia::cli
