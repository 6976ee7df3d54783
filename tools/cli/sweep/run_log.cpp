#include "cli/sweep/run_log.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "pages/report/blocks.hpp"
#include "results/folder/results_folder.hpp"
#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
/// What waits for a command that does not keep up.
constexpr std::size_t kMostWaiting = std::size_t{256} << 20;

std::string line_of(const Json& event) {
  return event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Those that are numbers, and have a value.
Json metrics_of(const results::EpochRecord& record) {
  auto metrics = Json::object();
  for (const auto& [split, values] : record.metrics)
    for (const auto& [name, value] : values)
      if (value.shape.empty() && std::isfinite(value.values.at(0)))
        metrics[split + "/" + name] = value.values[0];
  return metrics;
}

Json epoch_of(const results::EpochRecord& record) {
  return {{"epoch", record.epoch}, {"seconds", record.seconds}, {"metrics", metrics_of(record)}};
}

}  // namespace

RunLog::RunLog(const std::string& command, results::ResultPaths paths)
    : paths_(std::move(paths)), command_(command) {}

void RunLog::tell(const std::string& line) {
  command_.give(line);
  if (command_.waiting() <= kMostWaiting) return;
  is_behind_ = true;
  command_.close();
}

std::string RunLog::finish(const std::function<bool()>& give_up) try {
  const int code = command_.finish(give_up);
  if (is_behind_)
    return fmt::format("run.log_to did not keep up: {} MiB waited for it, and it was told no more",
                       kMostWaiting >> 20);
  return code == 0 ? "" : fmt::format("run.log_to ended with code {}", code);
} catch (const Error& error) {
  return fmt::format("run.log_to: {}", error.what());
}

void RunLog::on_plan(const experiment::Plan& plan, const std::vector<results::TrialStatus>&) {
  tell(line_of({{"event", "run"},
                {"version", kVersion},
                {"experiment", paths_.experiment},
                {"results", std::filesystem::absolute(paths_.merged()).string()}}));
}

void RunLog::on_trial_start(const experiment::Trial& trial, std::size_t, std::size_t) {
  auto swept = Json::array();
  auto parameters = Json::object();
  for (const auto& setting : trial.parameters()) {
    parameters[setting.key] = Json::parse(setting.value.canonical());
    if (setting.swept) swept.push_back(setting.key);
  }
  auto past = Json::array();
  if (const auto file = results::newest_recorded(paths_, trial.id)) try {
      for (const auto& record : results::read_trial(file->string()).epochs)
        past.push_back(epoch_of(record));
    } catch (const Error&) {
      // The trial says what is wrong with its file.
    }
  tell(line_of({{"event", "trial"},
                {"trial", trial.id},
                {"replicate", trial.replicate},
                {"swept", std::move(swept)},
                {"parameters", std::move(parameters)},
                {"past", std::move(past)}}));
}

void RunLog::on_progress(const experiment::Trial&, const sweep::TrialProgress&) { command_.give(); }

void RunLog::on_picture(const experiment::Trial& trial, const std::string& view,
                        const results::Picture& picture) {
  auto shape = Json::array({picture.height, picture.width});
  if (picture.channels != 1) shape.push_back(picture.channels);
  const auto pixels =
      report::base64({reinterpret_cast<const char*>(picture.pixels.data()), picture.pixels.size()});
  tell(line_of({{"event", "picture"},
                {"trial", trial.id},
                {"epoch", picture.epoch},
                {"view", view},
                {"title", picture.title},
                {"shape", std::move(shape)},
                {"pixels", pixels}}));
}

void RunLog::on_record(const experiment::Trial& trial, const results::EpochRecord& record) {
  Json event = {{"event", "epoch"}, {"trial", trial.id}};
  event.update(epoch_of(record));
  tell(line_of(event));
}

void RunLog::on_trial_end(const experiment::Trial& trial, const training::TrialOutcome& outcome) {
  tell(line_of({{"event", "end"},
                {"trial", trial.id},
                {"status", results::state_text(training::state_after(outcome.end))},
                {"error", outcome.error}}));
}

}  // namespace varia::cli
