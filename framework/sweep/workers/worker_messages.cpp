#include "sweep/workers/worker_messages.hpp"

#include <nlohmann/json.hpp>
#include <vector>

namespace varia::sweep {

namespace {

using nlohmann::json;

/// CBOR: numbers keep all their bits, NaN included.
std::string bytes_of(const json& message) {
  std::string bytes;
  json::to_cbor(message, bytes);
  return bytes;
}

template <class T>
json binary(const std::vector<T>& values) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(values.data());
  return json::binary(std::vector<std::uint8_t>(first, first + values.size() * sizeof(T)));
}

template <class T>
std::vector<T> from_binary(const json& value) {
  const auto& bytes = value.get_binary();
  const auto* first = reinterpret_cast<const T*>(bytes.data());
  return {first, first + bytes.size() / sizeof(T)};
}

}  // namespace

std::string encode(const Task& task) {
  return bytes_of({task.trial, task.finished_records, task.published_token, task.until,
                   task.lease->token, task.lease->run});
}

Task decode_task(const std::string& bytes) {
  const auto message = json::from_cbor(bytes);
  Task task;
  task.trial = message.at(0);
  task.finished_records = message.at(1);
  task.published_token = message.at(2);
  task.until = message.at(3);
  task.lease = files::Lease{.folder = {}, .token = message.at(4), .run = message.at(5)};
  return task;
}

std::string encode(const MetricInfos& metrics) {
  json infos = json::object();
  for (const auto& [name, info] : metrics) infos[name] = {info.units, better_text(info.better)};
  return bytes_of({"metrics", infos});
}

std::string encode(const results::EpochRecord& record) {
  json metrics = json::object();
  for (const auto& [split, values] : record.metrics)
    for (const auto& [name, value] : values)
      if (value.shape.empty()) metrics[split][name] = value.values.front();
  return bytes_of({"record", record.epoch, record.seconds, metrics, record.schedules});
}

std::string encode(const ViewMessage<results::Picture>& message) {
  const auto& picture = message.content;
  return bytes_of({"picture", message.view, picture.epoch, picture.height, picture.width,
                   picture.channels, picture.title, binary(picture.pixels)});
}

std::string encode(const ViewMessage<results::Points>& message) {
  const auto& points = message.content;
  return bytes_of({"points", message.view, points.epoch, points.title, binary(points.xy),
                   binary(points.labels)});
}

std::string encode(const training::TrialOutcome& outcome) {
  return bytes_of({"end", static_cast<int>(outcome.end), outcome.error});
}

std::string encode(const StoreError& error) { return bytes_of({"fatal", error.what()}); }

WorkerMessage decode_message(const std::string& bytes) {
  const auto message = json::from_cbor(bytes);
  const auto kind = message.at(0).get<std::string>();
  if (kind == "metrics") {
    MetricInfos metrics;
    for (const auto& [name, info] : message.at(1).items())
      metrics[name] = {.units = info.at(0),
                       .better = *better_from_text(info.at(1).get<std::string>())};
    return metrics;
  }
  if (kind == "record") {
    results::EpochRecord record;
    record.epoch = message.at(1);
    record.seconds = message.at(2);
    for (const auto& [split, values] : message.at(3).items())
      for (const auto& [name, value] : values.items())
        record.metrics[split][name] = results::Array::scalar(value);
    record.schedules = message.at(4).get<std::map<std::string, double>>();
    return record;
  }
  if (kind == "picture") {
    return ViewMessage<results::Picture>{
        .view = message.at(1),
        .content = {.epoch = message.at(2),
                    .height = message.at(3),
                    .width = message.at(4),
                    .channels = message.at(5),
                    .pixels = from_binary<std::uint8_t>(message.at(7)),
                    .title = message.at(6)}};
  }
  if (kind == "points") {
    return ViewMessage<results::Points>{
        .view = message.at(1),
        .content = {.epoch = message.at(2),
                    .xy = from_binary<float>(message.at(4)),
                    .labels = from_binary<std::int64_t>(message.at(5)),
                    .title = message.at(3)}};
  }
  if (kind == "end")
    return training::TrialOutcome{static_cast<training::TrialEnd>(message.at(1).get<int>()),
                                  message.at(2)};
  return StoreError("", message.at(1).get<std::string>());
}

}  // namespace varia::sweep
