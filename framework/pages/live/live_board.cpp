#include "pages/live/live_board.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/ranking.hpp"
#include "results/picture_labels.hpp"

namespace varia::live {

namespace {

using nlohmann::json;

const char* state_text(RunState state) {
  switch (state) {
    case RunState::running:
      return "running";
    case RunState::finished:
      return "finished";
    case RunState::interrupted:
      return "interrupted";
    case RunState::failed:
      return "failed";
  }
  return "";
}

std::string text_of(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// An object with one more member; both are JSON.
std::string with_member(std::string object, const std::string& name, const std::string& member) {
  object.pop_back();
  return object + ",\"" + name + "\":" + member + "}";
}

/// What is newer than `seen` of a list in the order of revisions.
template <class Item>
std::vector<Item> newer(const std::vector<Item>& items, std::uint64_t seen) {
  return {std::ranges::upper_bound(items, seen, {}, &Item::revision), items.end()};
}

/// The metric by which trials are ranked unless another is chosen.
std::string default_metric(const std::vector<std::string>& names) {
  const auto has = [&](const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  const auto found = std::ranges::find_if(analysis::kDefaultMetrics, has);
  if (found == analysis::kDefaultMetrics.end()) return names.empty() ? "" : names.front();
  const auto twin = analysis::on_validation(*found);
  return has(twin) ? twin : *found;
}

}  // namespace

LiveBoard::LiveBoard(std::string experiment, std::string results, std::size_t max_picture_bytes)
    : experiment_(std::move(experiment)),
      results_(std::move(results)),
      max_picture_bytes_(max_picture_bytes) {}

std::uint64_t LiveBoard::touch(Entry& entry) {
  entry.revision = ++revision_;
  changed_.notify_all();
  return revision_;
}

void LiveBoard::add_trial(results::TrialInfo info,
                          const std::vector<results::Parameter>& parameters) {
  auto swept = json::object();
  for (const auto& parameter : parameters)
    if (parameter.swept)
      std::visit([&](const auto& value) { swept[parameter.key] = value; }, parameter.value);
  const std::lock_guard lock(mutex_);
  auto& entry = entries_.emplace_back();
  entry.index = entries_.size() - 1;
  entry.info = std::move(info);
  entry.swept = text_of(swept);
  touch(entry);
}

void LiveBoard::start(std::size_t trial) {
  const std::lock_guard lock(mutex_);
  auto& entry = entries_.at(trial);
  entry.running = true;
  entry.info.status = results::TrialState::partial;
  entry.info.error.clear();
  entry.records.clear();
  entry.last_epoch = 0;
  while (!entry.pictures.empty()) drop_picture(entry, entry.pictures.begin()->first);
  entry.points.clear();
  touch(entry);
}

void LiveBoard::set_progress(std::size_t trial, std::int64_t step, std::int64_t steps) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  auto& entry = entries_.at(trial);
  entry.step = step;
  entry.steps = steps;
  touch(entry);
}

void LiveBoard::add_record(std::size_t trial, const results::EpochRecord& record) {
  if (!take_record(trial, record)) return;
  const std::lock_guard lock(mutex_);
  ++epochs_trained_;
}

void LiveBoard::restore_record(std::size_t trial, const results::EpochRecord& record) {
  take_record(trial, record);
}

bool LiveBoard::take_record(std::size_t trial, const results::EpochRecord& record) {
  auto values = json::object();
  for (const auto& [split, metrics] : record.metrics)
    for (const auto& [name, array] : metrics)
      if (array.shape.empty() && array.values.size() == 1)
        values[split + "/" + name] = array.values.front();
  auto text = std::make_shared<const std::string>(
      text_of({{"epoch", record.epoch}, {"seconds", record.seconds}, {"values", values}}));
  const std::lock_guard lock(mutex_);
  auto& entry = entries_.at(trial);
  // A trial that resumes from a checkpoint repeats some epochs, with the same numbers.
  if (record.epoch <= entry.last_epoch) return false;
  entry.last_epoch = record.epoch;
  entry.records.push_back({std::move(text), touch(entry)});
  for (const auto& [name, value] : values.items())
    if (!metrics_.contains(name) && std::isfinite(value.get<double>()))
      metrics_[name] = {nullptr, revision_};
  return true;
}

void LiveBoard::add_metrics(const std::map<std::string, results::MetricInfo>& metrics) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, info] : metrics) {
    auto& known = metrics_[name];
    if (known.content && *known.content == info) continue;
    known = {std::make_shared<const results::MetricInfo>(info), ++revision_};
  }
  changed_.notify_all();
}

std::size_t LiveBoard::number_of(const std::string& view) {
  const auto found = std::ranges::find(views_, view);
  if (found != views_.end()) return static_cast<std::size_t>(found - views_.begin());
  views_.push_back(view);
  return views_.size() - 1;
}

void LiveBoard::set_picture(std::size_t trial, const std::string& view, results::Picture picture) {
  auto content = std::make_shared<const results::Picture>(std::move(picture));
  const std::lock_guard lock(mutex_);
  auto& entry = entries_.at(trial);
  auto& newest = entry.pictures[number_of(view)];
  if (newest.content) picture_bytes_ -= newest.content->pixels.size();
  picture_bytes_ += content->pixels.size();
  newest = {std::move(content), touch(entry)};
  drop_oldest_pictures();
}

void LiveBoard::drop_oldest_pictures() {
  while (picture_bytes_ > max_picture_bytes_) {
    std::uint64_t oldest = revision_;  // the one just set stays
    Entry* from = nullptr;
    std::size_t view = 0;
    for (auto& entry : entries_) {
      for (const auto& [number, newest] : entry.pictures) {
        if (newest.revision >= oldest) continue;
        oldest = newest.revision;
        from = &entry;
        view = number;
      }
    }
    if (from == nullptr) return;
    drop_picture(*from, view);
  }
}

void LiveBoard::drop_picture(Entry& entry, std::size_t view) {
  picture_bytes_ -= entry.pictures.at(view).content->pixels.size();
  entry.pictures.erase(view);
}

void LiveBoard::set_points(std::size_t trial, const std::string& view, results::Points points) {
  auto content = std::make_shared<const results::Points>(std::move(points));
  const std::lock_guard lock(mutex_);
  auto& entry = entries_.at(trial);
  const auto number = number_of(view);
  entry.points[number] = {std::move(content), touch(entry)};
}

void LiveBoard::end(std::size_t trial, results::TrialState state, const std::string& error) {
  const std::lock_guard lock(mutex_);
  auto& entry = entries_.at(trial);
  entry.running = false;
  entry.info.status = state;
  entry.info.error = error;
  touch(entry);
}

void LiveBoard::add_note(std::string note) {
  const std::lock_guard lock(mutex_);
  notes_.push_back({std::make_shared<const std::string>(std::move(note)), ++revision_});
  changed_.notify_all();
}

void LiveBoard::finish(RunState state) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  ended_ = std::chrono::steady_clock::now();
  ++revision_;
  changed_.notify_all();
}

std::optional<LiveChange> LiveBoard::wait(std::uint64_t seen,
                                          std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, patience, [&] { return revision_ > seen; })) return std::nullopt;
  LiveChange change{.revision = revision_, .state = state_, .json = {}};
  std::vector<Entry> changed;
  for (const auto& entry : entries_)
    if (entry.revision > seen) changed.push_back(newer_part(entry, seen));
  const auto views = views_;
  const auto metrics = metrics_;
  const auto notes = newer(notes_, seen);
  const auto trained = epochs_trained_;
  const auto now = ended_.value_or(std::chrono::steady_clock::now());
  lock.unlock();

  json document = {{"experiment", experiment_},
                   {"results", results_},
                   {"elapsed", std::chrono::duration<double>(now - started_).count()},
                   {"epochs_trained", trained},
                   {"state", state_text(change.state)},
                   {"notes", json::array()},
                   {"metrics", json::array()}};
  for (const auto& note : notes) document["notes"].push_back(*note.content);
  std::vector<std::string> names;
  for (const auto& [name, metric] : metrics) {
    names.push_back(name);
    const auto info = metric.content ? *metric.content : results::MetricInfo();
    if (metric.revision > seen)
      document["metrics"].push_back(
          {{"name", name}, {"units", info.units}, {"better", better_text(info.better)}});
  }
  document["default_metric"] = default_metric(names);
  std::string trials = "[";
  for (const auto& entry : changed)
    trials += (trials.size() > 1 ? "," : "") + json_of(entry, views, seen);
  change.json = with_member(text_of(document), "trials", trials + "]");
  return change;
}

LiveBoard::Entry LiveBoard::newer_part(const Entry& entry, std::uint64_t seen) {
  Entry part{.index = entry.index,
             .info = entry.info,
             .swept = entry.swept,
             .running = entry.running,
             .step = entry.step,
             .steps = entry.steps,
             .records = newer(entry.records, seen),
             .pictures = entry.pictures,
             .points = entry.points};
  part.first_record = entry.records.size() - part.records.size();
  return part;
}

std::string LiveBoard::json_of(const Entry& entry, const std::vector<std::string>& views,
                               std::uint64_t seen) {
  const auto list = [&](const auto& newest) {
    auto array = json::array();
    for (const auto& [number, item] : newest)
      if (item.revision > seen)
        array.push_back(
            {{"view", views.at(number)}, {"number", number}, {"epoch", item.content->epoch}});
    return array;
  };
  auto pictures = list(entry.pictures);
  for (auto& picture : pictures) {
    const auto& content = *entry.pictures.at(picture["number"].get<std::size_t>()).content;
    picture["title"] = content.title;
    picture["height"] = content.height;
    picture["width"] = content.width;
    picture["labels"] = results::labels_json(content.labels);
  }
  auto points = list(entry.points);
  for (auto& plot : points) {
    const auto& content = *entry.points.at(plot["number"].get<std::size_t>()).content;
    plot["classes"] = results::classes_json(content.classes);
    plot["axes"] = content.axes;
  }
  auto fields = results::trial_json_in_doubles(entry.info);
  fields.update({{"index", entry.index},
                 {"running", entry.running},
                 {"step", entry.step},
                 {"steps", entry.steps},
                 {"pictures", std::move(pictures)},
                 {"points", std::move(points)},
                 {"first_record", entry.first_record}});
  std::string records = "[";
  for (const auto& record : entry.records)
    records += (records.size() > 1 ? "," : "") + *record.content;
  return with_member(with_member(text_of(fields), "swept", entry.swept), "records", records + "]");
}

std::shared_ptr<const results::Picture> LiveBoard::picture(std::size_t trial,
                                                           std::size_t view) const {
  const std::lock_guard lock(mutex_);
  if (trial >= entries_.size()) return nullptr;
  const auto found = entries_[trial].pictures.find(view);
  return found == entries_[trial].pictures.end() ? nullptr : found->second.content;
}

std::shared_ptr<const results::Points> LiveBoard::points(std::size_t trial,
                                                         std::size_t view) const {
  const std::lock_guard lock(mutex_);
  if (trial >= entries_.size()) return nullptr;
  const auto found = entries_[trial].points.find(view);
  return found == entries_[trial].points.end() ? nullptr : found->second.content;
}

std::string points_json(const results::Points& points) {
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
