#include "store/trial_writer.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "store/hdf5_attribute.hpp"
#include "store/names.hpp"
#include "store/output_file.hpp"
#include "store/trial_input.hpp"
#include "store/trial_output.hpp"
#include "varia/error.hpp"

namespace varia::store {

using hdf5::Object;

namespace {

/// Epochs of the finished trial at `path`, if there is one that can be read.
std::optional<std::int64_t> finished_epochs(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  try {
    const Object root = hdf5::open_file(path);
    if (!hdf5::has_attribute(root, "format") || !hdf5::has_attribute(root, "version") ||
        hdf5::read_text_attribute(root, "format") != kTrialFormat) {
      return std::nullopt;
    }
    if (hdf5::read_integer_attribute(root, "version") == kFormatVersion) {
      const TrialInput input(path);
      if (input.status() != Status::done) return std::nullopt;
      return input.epochs_done();
    }
  } catch (const StoreError&) {
    return std::nullopt;  // a damaged file is worth nothing: it is replaced
  }
  const TrialInput other_version(path);  // throws, and says both versions
  return std::nullopt;
}

}  // namespace

TrialWriter::TrialWriter(std::string path, TrialHeader header) : path_(std::move(path)) {
  content_.header = std::move(header);
  hdf5::silence();
  for (const Parameter& parameter : content_.header.parameters) {
    check_parameter_key(path_, parameter.key);
  }
  for (const auto& [metric, info] : content_.header.metrics) check_info(metric, info);
  kept_epochs_ = finished_epochs(path_);
  hdf5::remove_if_there(path_ + ".tmp");
  hdf5::remove_if_there(next_path());
  hdf5::remove_if_there(next_path() + ".tmp");
}

void TrialWriter::take_over(std::int64_t epochs) {
  const TrialInput input(path_);
  const TrialHeader old = input.header();
  if (old.id != content_.header.id) {
    throw StoreError(path_, "holds trial " + old.id + ", not " + content_.header.id);
  }
  if (epochs < 0 || input.epochs_done() < epochs) {
    throw StoreError(path_, "has " + std::to_string(input.epochs_done()) +
                                " epochs; it cannot be continued after epoch " +
                                std::to_string(epochs));
  }
  content_.load(input, epochs);
  committed_ = path_;
}

void TrialWriter::append(const EpochRecord& record) {
  require_open();
  const std::int64_t next = epochs() + 1;
  if (record.epoch < 1 || record.epoch > next) {
    throw StoreError(path_, "epoch " + std::to_string(record.epoch) +
                                " cannot be added: the next one is " + std::to_string(next));
  }
  check(record);
  content_.add(record);
  changed_ = true;
}

void TrialWriter::describe(const std::string& metric, const MetricInfo& info) {
  require_open();
  check_info(metric, info);
  content_.header.metrics[metric] = info;
  changed_ = true;
}

void TrialWriter::add_picture(const std::string& name, const ViewLayout& layout, Picture picture) {
  require_open();
  check_name(path_, "view", name);
  const bool good = (picture.channels == 1 || picture.channels == 3) && picture.height > 0 &&
                    picture.width > 0 && picture.height <= kMaxSide && picture.width <= kMaxSide &&
                    static_cast<std::int64_t>(picture.pixels.size()) ==
                        picture.height * picture.width * picture.channels;
  if (!good) {
    throw StoreError(path_, "view " + name + ": no picture: " + std::to_string(picture.height) +
                                " x " + std::to_string(picture.width) + " x " +
                                std::to_string(picture.channels) + " with " +
                                std::to_string(picture.pixels.size()) + " bytes");
  }
  const auto known = content_.views.find(name);
  if (known != content_.views.end() && !known->second.frames.empty() &&
      known->second.layout != layout) {
    throw StoreError(path_, "view " + name + ": its pictures differ in their layout");
  }
  ViewFrames& view = content_.views[name];
  view.layout = layout;
  view.frames.push_back({std::move(picture), ""});
  changed_ = true;
}

void TrialWriter::add_points(const std::string& name, Points points) {
  require_open();
  check_name(path_, "view", name);
  if (points.xy.size() != 2 * points.labels.size()) {
    throw StoreError(path_, "points " + name + ": " + std::to_string(points.xy.size()) +
                                " coordinates for " + std::to_string(points.labels.size()) +
                                " labels; expected two for each");
  }
  content_.points[name].push_back({std::move(points), ""});
  changed_ = true;
}

void TrialWriter::commit() {
  if (!changed_) return;
  const bool to_path =
      !kept_epochs_ || content_.status == Status::done || epochs() >= *kept_epochs_;
  const std::string target = to_path ? path_ : next_path();
  {
    hdf5::OutputFile output(target);
    write_content(content_, committed_, output);
    output.commit();
  }
  content_.mark_committed();
  changed_ = false;
  if (to_path && kept_epochs_) {
    kept_epochs_.reset();
    hdf5::remove_if_there(next_path());
  }
  committed_ = target;
}

void TrialWriter::finish(Status status, const std::string& error) {
  require_open();
  content_.status = status;
  content_.error = error;
  changed_ = true;
  if (status != Status::failed || !kept_epochs_ || epochs() >= *kept_epochs_) {
    commit();
  } else {
    hdf5::remove_if_there(next_path());
  }
  finished_ = true;
}

std::string TrialWriter::next_path() const { return path_ + ".next"; }

void TrialWriter::require_open() const {
  if (finished_) throw StoreError(path_, "is finished; nothing can be added to it");
}

void TrialWriter::check_info(const std::string& metric, const MetricInfo& info) const {
  const std::size_t slash = std::min(metric.find('/'), metric.size());
  check_name(path_, "split", metric.substr(0, slash));
  check_metric_name(path_, slash < metric.size() ? metric.substr(slash + 1) : "");
  for (const std::string& axis : info.axes) check_name(path_, "axis", axis);
}

void TrialWriter::check(const EpochRecord& record) const {
  for (const auto& [split, metrics] : record.metrics) {
    check_name(path_, "split", split);
    for (const auto& [name, value] : metrics) {
      check_metric_name(path_, name);
      const std::string path = kMetricsPath + split + "/" + name;
      const bool negative = std::any_of(value.shape.begin(), value.shape.end(),
                                        [](std::int64_t size) { return size < 0; });
      if (negative ||
          hdf5::count_of(value.shape) != static_cast<std::int64_t>(value.values.size())) {
        throw StoreError(path_, path + ": " + std::to_string(value.values.size()) +
                                    " values do not fill the shape [" + shape_text(value.shape) +
                                    "]");
      }
      const Column* known = content_.column(path);
      if (known != nullptr && known->shape != value.shape) {
        throw StoreError(path_, path + " had the shape [" + shape_text(known->shape) +
                                    "] and has [" + shape_text(value.shape) + "] in epoch " +
                                    std::to_string(record.epoch));
      }
    }
  }
  for (const auto& [key, value] : record.schedules) check_parameter_key(path_, key);
  for (const auto& [name, values] : record.steps) check_name(path_, "curve", name);
}

}  // namespace varia::store
