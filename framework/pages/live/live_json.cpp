#include "pages/live/live_json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

namespace varia::live {

namespace {

using nlohmann::json;

std::string text_of(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

json json_of(const std::vector<LivePicture>& pictures) {
  auto list = json::array();
  for (const auto& picture : pictures)
    list.push_back({{"view", picture.view},
                    {"number", picture.number},
                    {"epoch", picture.epoch},
                    {"title", picture.title}});
  return list;
}

}  // namespace

std::string to_json(const LiveChange& change) {
  auto trials = json::array();
  for (const auto& [index, trial, first_record, records, pictures, points] : change.trials) {
    auto epochs = json::array();
    for (const auto& record : records)
      epochs.push_back({{"epoch", record->epoch}, {"metrics", record->metrics}});
    trials.push_back({{"index", index},
                      {"id", trial.id},
                      {"label", trial.label},
                      {"state", state_text(trial.state)},
                      {"error", trial.error},
                      {"step", trial.step},
                      {"steps", trial.steps},
                      {"records", trial.records},
                      {"first_epoch", first_record},
                      {"epochs", std::move(epochs)},
                      {"pictures", json_of(pictures)},
                      {"points", json_of(points)}});
  }
  return text_of({{"experiment", change.experiment},
                  {"state", state_text(change.state)},
                  {"notes", change.notes},
                  {"trials", std::move(trials)}});
}

std::string to_json(const results::Points& points) {
  const auto total = points.labels.size();
  const auto stride = std::max<std::size_t>(1, (total + kMaxPoints - 1) / kMaxPoints);
  auto labels = json::array();
  auto xy = json::array();
  for (std::size_t i = 0; i < total; i += stride) {
    labels.push_back(points.labels[i]);
    xy.push_back({points.xy[2 * i], points.xy[2 * i + 1]});
  }
  return text_of({{"epoch", points.epoch}, {"total", total}, {"labels", labels}, {"xy", xy}});
}

}  // namespace varia::live
