#include "files/run_beat.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>

#include "files/process.hpp"
#include "files/run_id.hpp"
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

std::string new_id() {
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", std::random_device{}() & 0xffffffffU);
  return host_name().substr(0, 64) + "-" + std::to_string(::getpid()) + "-" + digits.data();
}

/// The content of a run's file; empty where it cannot be read.
std::string read_beat(const std::filesystem::path& folder, const std::string& run_id) {
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

std::string text_of(const nlohmann::json& beat, const char* key) {
  const auto found = beat.find(key);
  return found != beat.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t number_of(const nlohmann::json& beat, const char* key) {
  const auto found = beat.find(key);
  return found != beat.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

}  // namespace

RunBeat::RunBeat(std::filesystem::path folder, std::chrono::milliseconds every)
    : folder_(std::move(folder)),
      every_(every),
      id_(new_id()),
      since_(now_text()),
      process_(::getpid()) {
  write();
}

RunBeat::~RunBeat() {
  if (::getpid() == process_) ::unlink((folder_ / id_).c_str());
}

void RunBeat::beat() {
  if (::getpid() != process_ || std::chrono::steady_clock::now() - written_ < every_) return;
  try {
    write();
  } catch (const StoreError&) {
    written_ = std::chrono::steady_clock::now();  // the disk is full or away: later again
  }
}

void RunBeat::write() {
  const Process self = this_process();
  const nlohmann::json beat = {{"host", self.host},       {"boot", self.boot},
                               {"space", self.space},     {"process", self.number},
                               {"started", self.started}, {"since", since_},
                               {"beats", ++beats_}};
  write_whole_file((folder_ / id_).string(), beat.dump() + "\n", Lasting::no);
  written_ = std::chrono::steady_clock::now();
}

RunWatch::RunWatch(std::filesystem::path folder, std::chrono::milliseconds patience)
    : folder_(std::move(folder)), patience_(patience) {}

bool RunWatch::is_dead(const std::string& run_id) {
  if (!is_run_id(run_id)) return true;
  const std::string content = read_beat(folder_, run_id);
  const auto beat = parse(content);
  if (is_gone({text_of(beat, "host"), text_of(beat, "boot"), text_of(beat, "space"),
               number_of(beat, "process"), number_of(beat, "started")})) {
    return true;
  }
  const auto now = std::chrono::steady_clock::now();
  const auto [seen, is_new] = seen_.try_emplace(run_id, Seen{content, now});
  if (!is_new && seen->second.content != content) seen->second = {content, now};
  return now - seen->second.since >= patience_;
}

RunInfo RunWatch::info(const std::string& run_id) const {
  if (!is_run_id(run_id)) return {};
  const auto beat = parse(read_beat(folder_, run_id));
  return {text_of(beat, "host"), number_of(beat, "process"), text_of(beat, "since")};
}

}  // namespace varia::files
