#include "cli/guarded_reading.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/commands.hpp"
#include "cli/file_arguments.hpp"
#include "cli/read_limits.hpp"
#include "cli/terminal/terminal.hpp"
#include "files/folder_entries.hpp"
#include "results/file_frame.hpp"
#include "results/format.hpp"
#include "results/merged/results.hpp"
#include "results/tensors.hpp"
#include "results/trial/trial_reader.hpp"
#include "sweep/workers/child_process.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

namespace fs = std::filesystem;

using Say = std::function<void(const std::string&)>;

/// @param say is told what went wrong
int run_reporting(const ReadLimits& limits, const std::string& names,
                  const std::function<int()>& command, const Say& say) {
  try {
    return command();
  } catch (const std::bad_alloc&) {
    say(is_memory_short(limits)
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

constexpr const char* kNotDamaged = "It is not known to be damaged: call varia again";

std::string how_it_ended(const sweep::ProcessEnd& end, double seconds) {
  if (end.number == SIGXCPU)
    return fmt::format("reading took more than {:.3g} s of processor time", seconds);
  return "the process that read it " + end.text();
}

/// The file that has ended a process.
struct Death {
  std::string file;
  sweep::ProcessEnd end;
  double seconds = 0;  ///< of processor time that the process had
};

/// Reads one file after the other in a process of its own; those that are an error do not end it.
/// @returns nullopt if no file did
/// @throws StoreError if the time was too short to find out
std::optional<Death> death_by(const std::vector<std::string>& files, const ReadFile& read) {
  const auto limits = limits_for(files);
  auto channel = sweep::Channel::pair();
  const auto read_all = [&] {
    limit_reading(limits);
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
  Death death{names_of(files), {}, limits.reading};
  while (auto file = channel.first.receive()) death.file = *file;
  death.end = child.wait();
  if (is_time_up(death.end))
    throw StoreError(
        death.file,
        fmt::format("reading took more than {} s; the machine or its disk may be busy. {}",
                    limits.wall_of_reading(), kNotDamaged));
  if (!is_by_file(death.end, limits.reading)) return std::nullopt;
  return death;
}

/// Reads the files alone. One can spoil the memory of its process, which then dies of a later one
/// that is sound: that one is not accused.
/// @throws StoreError naming the file that ends a process which reads it alone
void require_readable(const std::vector<std::string>& files, const ReadFile& read) {
  auto death = death_by(files, read);
  if (death && files.size() > 1) death = death_by({death->file}, read);
  if (!death) return;
  throw StoreError(
      death->file,
      how_it_ended(death->end, death->seconds) +
          "; it is damaged. Move it away: varia merge makes a merged file anew from the "
          "files of its trials (those that were packed away are nowhere else), varia run a "
          "trial's");
}

/// What became of a process that reads and works.
struct Outcome {
  sweep::ProcessEnd end;
  std::optional<std::string> text;  ///< that it said last
};

/// Runs a command in a process of its own. If it takes longer than reading does, the files are read
/// alone meanwhile: it goes on if they can be read.
/// @throws StoreError if a file ended the process, or keeps it
Outcome run_in_process(const std::vector<std::string>& files, const ReadLimits& limits,
                       const std::function<int(const Say&)>& command, const ReadFile& read) {
  auto channel = sweep::Channel::pair();
  const auto say = [&](const std::string& text) {
    stop_asking();
    channel.second.send("." + text);  // no empty one, which is a question
  };
  const auto body = [&] {
    limit_working(limits, channel.second);
    return run_reporting(
        limits, names_of(files), [&] { return command(say); }, say);
  };
  sweep::ChildProcess child(body, -1);
  channel.second.close();
  Outcome outcome;
  bool is_readable = false;
  while (const auto message = channel.first.receive()) {
    if (!message->empty()) {
      outcome.text = message->substr(1);
      continue;
    }
    require_readable(files, read);
    is_readable = true;
  }
  outcome.end = child.wait();
  if (!is_readable && is_by_file(outcome.end, limits.working)) require_readable(files, read);
  return outcome;
}

[[noreturn]] void throw_death(const std::vector<std::string>& files, const ReadLimits& limits,
                              const sweep::ProcessEnd& end) {
  throw StoreError(names_of(files),
                   fmt::format("{}, {}. {}", how_it_ended(end, limits.working),
                               is_by_file(end, limits.working)
                                   ? "which did not come again when it was read alone"
                                   : "by another process, or since memory has run out",
                               kNotDamaged));
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
  for (const auto& inner : files::folder_entries(folder, ignored))
    for (const auto& file : files::folder_entries(inner.path(), ignored))
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

double seconds_for(std::size_t trials) { return 1e-3 * static_cast<double>(trials); }

int read_guarded(const std::vector<std::string>& files, const std::function<int()>& command,
                 const ReadFile& read, double seconds) {
  auto limits = limits_for(files);
  limits.working += seconds;
  const auto command_and_flush = [&](const Say&) {
    const int code = command();
    require_standard_output();
    return code;
  };
  const auto [end, error] = run_in_process(files, limits, command_and_flush, read);
  if (error) print_error(*error);
  if (!end.by_signal) return end.number;
  if (end.number == SIGPIPE) {  // no one reads on, as after `| head`
    std::signal(SIGPIPE, SIG_DFL);
    ::raise(SIGPIPE);
  }
  throw_death(files, limits, end);
}

int read_named(const std::vector<std::string>& files, const std::function<int()>& command,
               double seconds) {
  require_results_files(files);
  return read_guarded(files, command, read_everything, seconds);
}

std::string text_read_guarded(const std::vector<std::string>& files,
                              const std::function<std::string()>& command, const ReadFile& read,
                              double seconds) {
  constexpr int kMostTries = 3;
  auto limits = limits_for(files);
  limits.working += seconds;
  const auto say_text = [&](const Say& say) {
    say(command());
    return 0;
  };
  for (int tries = 1;; ++tries) {
    const auto [end, text] = run_in_process(files, limits, say_text, read);
    const bool is_by_read = is_by_file(end, limits.working);
    if (end.by_signal && !is_by_read && tries < kMostTries) continue;
    if (end.by_signal) throw_death(files, limits, end);
    if (end.number != 0) throw StoreError(text.value_or("reading has failed"));
    return text.value();
  }
}

void try_guarded(const std::vector<std::string>& files, const std::function<void()>& command,
                 const ReadFile& read, double seconds) {
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
      read, seconds);
}

}  // namespace varia::cli
