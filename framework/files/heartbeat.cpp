#include "files/heartbeat.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "files/process.hpp"
#include "files/whole_file.hpp"
#include "varia/error.hpp"

namespace varia::files {

namespace {

constexpr std::uint64_t kMaxBytes = 4096;

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  std::array<char, 32> text{};
  ::gmtime_r(&now, &parts);
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

/// The content of a run's file; empty if it cannot be read.
std::string read_heartbeat(const std::filesystem::path& folder, const std::string& run_id) {
  try {
    return read_whole_file((folder / run_id).string(), kMaxBytes);
  } catch (const StoreError&) {
    return "";
  }
}

nlohmann::json parse(const std::string& content) {
  auto beat = nlohmann::json::parse(content, nullptr, false);
  return beat.is_object() ? beat : nlohmann::json::object();
}

/// A word as a run writes it; empty for any other text, which could move the cursor of a terminal.
std::string word_of(const nlohmann::json& beat, const char* key) {
  const auto found = beat.find(key);
  if (found == beat.end() || !found->is_string()) return "";
  const auto text = found->get<std::string>();
  const auto is_visible = [](char c) { return c > ' ' && c <= '~'; };
  return std::ranges::all_of(text, is_visible) ? text : "";
}

std::int64_t number_of(const nlohmann::json& beat, const char* key) {
  const auto found = beat.find(key);
  return found != beat.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

Process process_of(const nlohmann::json& beat) {
  return {word_of(beat, "host"), word_of(beat, "boot"), word_of(beat, "space"),
          number_of(beat, "process"), number_of(beat, "started")};
}

}  // namespace

class Heartbeat::Thread {
 public:
  Thread(std::filesystem::path folder, std::chrono::milliseconds every)
      : folder_(std::move(folder)),
        every_(std::clamp(every, std::chrono::milliseconds(1), kEvery)),
        id_(new_run_id()) {
    write();
    thread_ = quiet_thread([this](const std::stop_token& stop) { beat_until(stop); });
  }
  ~Thread() {
    thread_.request_stop();
    thread_.join();
    ::unlink((folder_ / id_).c_str());
  }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  const std::string& id() const { return id_; }
  /// False in a child that was forked: it has no such thread.
  bool is_here() const { return self_.number == ::getpid(); }

 private:
  void beat_until(const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any wakes;
    while (!wakes.wait_for(lock, stop, every_, [&] { return stop.stop_requested(); })) {
      try {
        write();
      } catch (const StoreError&) {
        // The disk is full or away: later again.
      }
    }
  }

  void write() {
    const nlohmann::json beat = {{"host", self_.host},       {"boot", self_.boot},
                                 {"space", self_.space},     {"process", self_.number},
                                 {"started", self_.started}, {"since", since_},
                                 {"every", every_.count()},  {"beats", ++beats_}};
    write_whole_file((folder_ / id_).string(), beat.dump() + "\n", Lasting::no);
  }

  const std::filesystem::path folder_;
  const std::chrono::milliseconds every_;
  const std::string id_;
  const std::string since_ = now_text();
  const Process self_ = this_process();
  std::int64_t beats_ = 0;
  std::jthread thread_;
};

Heartbeat::Heartbeat(std::filesystem::path folder, std::chrono::milliseconds every)
    : thread_(std::make_unique<Thread>(std::move(folder), every)) {}

Heartbeat::~Heartbeat() {
  if (!thread_->is_here()) static_cast<void>(thread_.release());
}

const std::string& Heartbeat::id() const { return thread_->id(); }

RunWatch::RunWatch(std::filesystem::path folder, std::chrono::milliseconds patience)
    : folder_(std::move(folder)), patience_(patience) {}

bool RunWatch::is_dead(const std::string& run_id) {
  if (!is_run_id(run_id)) return true;
  const std::string content = read_heartbeat(folder_, run_id);
  const auto beat = parse(content);
  if (is_gone(process_of(beat))) return true;
  const auto now = std::chrono::steady_clock::now();
  const auto [seen, is_new] = seen_.try_emplace(run_id, Seen{content, now});
  if (!is_new && seen->second.content != content) seen->second = {content, now};
  const std::chrono::milliseconds every{
      std::clamp<std::int64_t>(number_of(beat, "every"), 0, Heartbeat::kEvery.count())};
  return now - seen->second.since >= std::max(patience_, 3 * every);
}

RunInfo RunWatch::info(const std::string& run_id) const {
  if (!is_run_id(run_id)) return {};
  const auto beat = parse(read_heartbeat(folder_, run_id));
  const Process process = process_of(beat);
  return {process.host, process.number, word_of(beat, "since"), is_here(process)};
}

}  // namespace varia::files
