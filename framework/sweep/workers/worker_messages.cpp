#include "sweep/workers/worker_messages.hpp"

#include <nlohmann/json.hpp>

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

std::string encode(const RunCommand& command) {
  return bytes_of({command.trial, command.run, command.token, command.least_records,
                   command.pause_after, command.replaces});
}

RunCommand decode_command(const std::string& bytes) {
  const auto message = json::from_cbor(bytes);
  return {message.at(0), message.at(1), message.at(2), message.at(3), message.at(4), message.at(5)};
}

std::string encode(const RecordMessage& message) {
  const auto& record = message.record;
  json metrics = json::object();
  for (const auto& [split, values] : record.metrics)
    for (const auto& [name, value] : values)
      if (value.shape.empty()) metrics[split][name] = value.values.front();
  return bytes_of({"record", record.epoch, record.seconds, metrics, record.schedules});
}

std::string encode(const PictureMessage& message) {
  const auto& picture = message.picture;
  return bytes_of({"picture", message.view, picture.epoch, picture.height, picture.width,
                   picture.channels, picture.title, binary(picture.pixels)});
}

std::string encode(const PointsMessage& message) {
  const auto& points = message.points;
  return bytes_of({"points", message.view, points.epoch, points.title, binary(points.xy),
                   binary(points.labels)});
}

std::string encode(const EndMessage& message) {
  return bytes_of({"end", static_cast<int>(message.outcome.end), message.outcome.error});
}

std::string encode(const FatalMessage& message) { return bytes_of({"fatal", message.error}); }

WorkerMessage decode_message(const std::string& bytes) {
  const auto message = json::from_cbor(bytes);
  const auto kind = message.at(0).get<std::string>();
  if (kind == "record") {
    RecordMessage decoded;
    decoded.record.epoch = message.at(1);
    decoded.record.seconds = message.at(2);
    for (const auto& [split, values] : message.at(3).items())
      for (const auto& [name, value] : values.items())
        decoded.record.metrics[split][name] = results::Array::scalar(value);
    decoded.record.schedules = message.at(4).get<std::map<std::string, double>>();
    return decoded;
  }
  if (kind == "picture") {
    PictureMessage decoded{message.at(1), {}};
    decoded.picture = {message.at(2),
                       message.at(3),
                       message.at(4),
                       message.at(5),
                       from_binary<std::uint8_t>(message.at(7)),
                       message.at(6)};
    return decoded;
  }
  if (kind == "points") {
    PointsMessage decoded{message.at(1), {}};
    decoded.points = {message.at(2), from_binary<float>(message.at(4)),
                      from_binary<std::int64_t>(message.at(5)), message.at(3)};
    return decoded;
  }
  if (kind == "end")
    return EndMessage{{static_cast<training::TrialEnd>(message.at(1).get<int>()), message.at(2)}};
  return FatalMessage{message.at(1)};
}

}  // namespace varia::sweep
