#include "sweep/workers/worker_messages.hpp"

#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "results/picture_labels.hpp"

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

[[noreturn]] void refuse() { throw Error("this is not a message of a trial"); }

template <class T>
std::vector<T> from_binary(const json& value) {
  const auto& bytes = value.get_binary();
  if (bytes.size() % sizeof(T) != 0) refuse();
  const auto* first = reinterpret_cast<const T*>(bytes.data());
  return {first, first + bytes.size() / sizeof(T)};
}

/// Not by get(), which makes whole numbers of all others.
template <class Number>
Number whole_number(const json& value) {
  if (!value.is_number_integer()) refuse();
  const bool fits = value.is_number_unsigned() ? std::in_range<Number>(value.get<std::uint64_t>())
                                               : std::in_range<Number>(value.get<std::int64_t>());
  if (!fits) refuse();
  return value.get<Number>();
}

/// Goes through a message and stops at the first list that lies too deep: json::from_cbor calls
/// itself for each, so that some ten thousand would end the process.
class DepthCheck final : public json::json_sax_t {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool key(string_t&) override { return true; }
  bool start_object(std::size_t) override { return ++depth_ <= kDeepest; }
  bool start_array(std::size_t) override { return ++depth_ <= kDeepest; }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }

 private:
  static constexpr int kDeepest = 4;
  bool leave() { return --depth_ >= 0; }
  int depth_ = 0;
};

/// What `read` makes of a message. @throws Error unless it is as `read` expects it
template <class Read>
auto decoded(const std::string& bytes, const Read& read) {
  DepthCheck check;
  if (!json::sax_parse(bytes, &check, json::input_format_t::cbor)) refuse();
  try {
    return read(json::from_cbor(bytes));
  } catch (const json::exception&) {
    refuse();
  }
}

results::Picture picture_of(const json& message) {
  results::Picture picture{.epoch = whole_number<std::int64_t>(message.at(2)),
                           .height = whole_number<std::int64_t>(message.at(3)),
                           .width = whole_number<std::int64_t>(message.at(4)),
                           .channels = whole_number<std::int64_t>(message.at(5)),
                           .pixels = from_binary<std::uint8_t>(message.at(7)),
                           .title = message.at(6),
                           .labels = results::labels_of(message.at(8))};
  const auto& [epoch, height, width, channels, pixels, title, labels] = picture;
  const auto size = std::ssize(pixels);
  const bool has_all = height > 0 && width > 0 && (channels == 1 || channels == 3) &&
                       size % height == 0 && size / height % width == 0 &&
                       size / height / width == channels;
  if (!has_all) refuse();
  return picture;
}

results::Points points_of(const json& message) {
  results::Points points{.epoch = whole_number<std::int64_t>(message.at(2)),
                         .xy = from_binary<float>(message.at(4)),
                         .labels = from_binary<std::int64_t>(message.at(5)),
                         .classes = results::classes_of(message.at(3)),
                         .axes = message.at(6)};
  if (points.xy.size() != 2 * points.labels.size()) refuse();
  return points;
}

MetricInfos metrics_of(const json& message) {
  MetricInfos metrics;
  for (const auto& [name, info] : message.at(1).items()) {
    const auto better = better_from_text(info.at(1).get<std::string>());
    if (!better) refuse();
    metrics[name] = {.units = info.at(0), .better = *better};
  }
  return metrics;
}

results::EpochRecord record_of(const json& message) {
  results::EpochRecord record;
  record.epoch = whole_number<std::int64_t>(message.at(1));
  record.seconds = message.at(2);
  for (const auto& [split, values] : message.at(3).items())
    for (const auto& [name, value] : values.items())
      record.metrics[split][name] = results::Array::scalar(value);
  record.schedules = message.at(4).get<std::map<std::string, double>>();
  return record;
}

training::TrialOutcome outcome_of(const json& message) {
  const auto end = whole_number<int>(message.at(1));
  if (end < static_cast<int>(training::TrialEnd::done) ||
      end > static_cast<int>(training::TrialEnd::superseded))
    refuse();
  return {static_cast<training::TrialEnd>(end), message.at(2)};
}

}  // namespace

std::string encode(const Task& task) {
  return bytes_of({task.trial, task.finished_records, task.published_token, task.until,
                   task.lease->token, task.lease->run});
}

Task decode_task(const std::string& bytes) {
  return decoded(bytes, [](const json& message) {
    Task task;
    task.trial = whole_number<std::size_t>(message.at(0));
    task.finished_records = whole_number<std::int64_t>(message.at(1));
    task.published_token = whole_number<std::uint64_t>(message.at(2));
    task.until = whole_number<std::int64_t>(message.at(3));
    task.lease = files::Lease{
        .folder = {}, .token = whole_number<std::uint64_t>(message.at(4)), .run = message.at(5)};
    return task;
  });
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
                   picture.channels, picture.title, binary(picture.pixels),
                   results::labels_text(picture.labels)});
}

std::string encode(const ViewMessage<results::Points>& message) {
  const auto& points = message.content;
  return bytes_of({"points", message.view, points.epoch, results::classes_text(points.classes),
                   binary(points.xy), binary(points.labels), points.axes});
}

std::string encode(const training::TrialOutcome& outcome) {
  return bytes_of({"end", static_cast<int>(outcome.end), outcome.error});
}

std::string encode(const StoreError& error) { return bytes_of({"fatal", error.what()}); }

WorkerMessage decode_message(const std::string& bytes) {
  return decoded(bytes, [](const json& message) -> WorkerMessage {
    const auto kind = message.at(0).get<std::string>();
    if (kind == "metrics") return metrics_of(message);
    if (kind == "record") return record_of(message);
    if (kind == "picture")
      return ViewMessage<results::Picture>{.view = message.at(1), .content = picture_of(message)};
    if (kind == "points")
      return ViewMessage<results::Points>{.view = message.at(1), .content = points_of(message)};
    if (kind == "end") return outcome_of(message);
    if (kind == "fatal") return StoreError(message.at(1).get<std::string>());
    refuse();
  });
}

}  // namespace varia::sweep
