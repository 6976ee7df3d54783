#include "results/trial/trial_file.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "results/file_frame.hpp"
#include "results/lists.hpp"
#include "results/names.hpp"
#include "results/output_file.hpp"
#include "results/provenance.hpp"
#include "results/trial/summary_text.hpp"
#include "results/trial/trial_content.hpp"
#include "results/trial/trial_input.hpp"
#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace {

/// True where `target` holds a trial that is done. A damaged file is worth nothing.
/// @throws VersionError
bool is_done(const std::string& target) {
  std::error_code ignored;
  if (!std::filesystem::exists(target, ignored)) return false;
  try {
    return read_trial_info(target).status == TrialState::done;
  } catch (const VersionError&) {
    throw;
  } catch (const StoreError&) {
    return false;
  }
}

}  // namespace

TrialFile::TrialFile(std::string path, TrialHeader header)
    : path_(std::move(path)), content_(std::make_unique<TrialContent>()) {
  content_->header = std::move(header);
  hdf5::silence();
  for (const Parameter& parameter : content_->header.parameters) {
    check_parameter_key(parameter.key);
  }
  for (const auto& [metric, info] : content_->header.metrics) check_info(metric, info);
  remove_if_there(path_ + ".tmp");
}

TrialFile::~TrialFile() = default;
TrialFile::TrialFile(TrialFile&&) noexcept = default;
TrialFile& TrialFile::operator=(TrialFile&&) noexcept = default;

TrialFile TrialFile::resume(const std::string& from, std::string path, TrialHeader header,
                            std::int64_t epochs) {
  TrialFile file(std::move(path), std::move(header));
  const std::string& id = file.content_->header.id;
  const TrialInput input(from);
  const TrialInfo old = input.info();
  if (old.id != id) throw StoreError(from, "holds trial " + old.id + ", not " + id);
  if (epochs < 0 || old.epochs_done < epochs) {
    throw StoreError(from, "has " + std::to_string(old.epochs_done) +
                               " epochs; it cannot be continued after epoch " +
                               std::to_string(epochs));
  }
  file.content_->header.gpu_memory = old.gpu_memory;
  file.content_->load(input, epochs);
  file.committed_ = from;
  return file;
}

std::int64_t TrialFile::epochs() const { return content_->epochs(); }

bool TrialFile::is_whole(std::int64_t epochs) const {
  return content_->header.stopped_early > 0 || content_->epochs() >= epochs;
}

void TrialFile::append(const EpochRecord& record) {
  require_open();
  const std::int64_t next = epochs() + 1;
  if (record.epoch < 1 || record.epoch > next) {
    throw TrialError("epoch " + std::to_string(record.epoch) +
                     " cannot be added: the next one is " + std::to_string(next));
  }
  check(record);
  content_->add(record);
  changed_ = true;
}

void TrialFile::describe(const std::string& metric, const MetricInfo& info) {
  require_open();
  check_info(metric, info);
  content_->header.metrics[metric] = info;
  changed_ = true;
}

void TrialFile::end(std::int64_t stopped_early, std::int64_t best_epoch) {
  require_open();
  content_->header.stopped_early = stopped_early;
  content_->header.best_epoch = best_epoch;
  changed_ = true;
}

void TrialFile::use_gpu_memory(std::int64_t bytes) {
  require_open();
  if (bytes <= content_->header.gpu_memory) return;
  content_->header.gpu_memory = bytes;
  changed_ = true;
}

void TrialFile::add_picture(const std::string& name, const ViewLayout& layout, Picture picture) {
  require_open();
  check_view_name(name);
  const bool good = (picture.channels == 1 || picture.channels == 3) && picture.height > 0 &&
                    picture.width > 0 && picture.height <= kMaxStoredSide &&
                    picture.width <= kMaxStoredSide &&
                    static_cast<std::int64_t>(picture.pixels.size()) ==
                        picture.height * picture.width * picture.channels &&
                    picture.pixels.size() <= static_cast<std::size_t>(hdf5::kMaxElements);
  if (!good) {
    throw TrialError(
        "view " + name + ": a picture of " + std::to_string(picture.height) + " x " +
        std::to_string(picture.width) + " x " + std::to_string(picture.channels) + " with " +
        std::to_string(picture.pixels.size()) + " bytes cannot be stored. Expected sides of 1 to " +
        std::to_string(kMaxStoredSide) + " pixels, 1 or 3 channels, and a byte for each");
  }
  if (content_->layouts.try_emplace(name, layout).first->second != layout) {
    throw TrialError("view " + name + ": its pictures differ in their layout");
  }
  content_->views[name].emplace_back(std::move(picture));
  changed_ = true;
}

void TrialFile::add_points(const std::string& name, Points points) {
  require_open();
  check_view_name(name);
  if (points.xy.size() != 2 * points.labels.size()) {
    throw TrialError("points " + name + ": " + std::to_string(points.xy.size()) +
                     " coordinates for " + std::to_string(points.labels.size()) +
                     " labels; expected two for each");
  }
  content_->points[name].emplace_back(std::move(points));
  changed_ = true;
}

void TrialFile::commit() {
  require_open();
  if (!changed_) return;
  write()->commit();
  content_->mark_committed();
  changed_ = false;
  committed_ = path_;
}

bool TrialFile::publish(TrialState status, const std::string& error, const std::string& target,
                        bool replace, const std::function<bool()>& may_replace) {
  require_open();
  if (path_ == target) {
    throw StoreError(path_, "is where the trial is in progress; it cannot be published there");
  }
  const bool is_refused = replace && is_done(target) && status == TrialState::failed;
  bool is_published = false;
  content_->header.status = status;
  content_->header.error = error;
  changed_ = true;
  try {
    if (is_refused) {
      commit();
    } else {
      is_published = write()->publish(target, replace, may_replace);
    }
  } catch (...) {
    reopen();
    throw;
  }
  if (!is_published) {
    content_->mark_committed();
    committed_ = path_;
    reopen();
    return false;
  }
  finished_ = true;
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
  return true;
}

std::unique_ptr<OutputFile> TrialFile::write() {
  content_->count_epochs();
  auto output =
      std::make_unique<OutputFile>(path_, kTrialFormat, "", summary_text(content_->header));
  content_->write(committed_, *output);
  return output;
}

void TrialFile::reopen() {
  content_->header.status = TrialState::partial;
  content_->header.error.clear();
  changed_ = true;
}

void TrialFile::require_open() const {
  if (finished_) throw StoreError(path_, "is finished; nothing can be added to it");
}

void TrialFile::check_info(const std::string& metric, const MetricInfo& info) {
  const std::size_t slash = std::min(metric.find('/'), metric.size());
  check_name("split", metric.substr(0, slash));
  check_metric_name(slash < metric.size() ? metric.substr(slash + 1) : "");
  for (const std::string& axis : info.axes) check_name("axis", axis);
}

void TrialFile::check(const EpochRecord& record) const {
  std::int64_t width = content_->width;
  for (const auto& [split, metrics] : record.metrics) {
    check_name("split", split);
    for (const auto& [name, value] : metrics) {
      check_metric_name(name);
      const std::string path = kMetricsPath + split + "/" + name;
      const bool negative = std::any_of(value.shape.begin(), value.shape.end(),
                                        [](std::int64_t size) { return size < 0; });
      if (negative ||
          hdf5::count_of(value.shape) != static_cast<std::int64_t>(value.values.size())) {
        throw TrialError(path + ": " + std::to_string(value.values.size()) +
                         " values do not fill the shape [" + shape_text(value.shape) + "]");
      }
      const Column* known = content_->column(path);
      if (known == nullptr) width += static_cast<std::int64_t>(value.values.size());
      if (known != nullptr && known->shape != value.shape) {
        throw TrialError(path + " had the shape [" + shape_text(known->shape) + "] and has [" +
                         shape_text(value.shape) + "] in epoch " + std::to_string(record.epoch));
      }
    }
  }
  if (hdf5::count_of({std::max(epochs(), record.epoch), width}) > hdf5::kMaxElements) {
    throw TrialError("epoch " + std::to_string(record.epoch) + ": the trial has more than " +
                     std::to_string(hdf5::kMaxElements) +
                     " values, which cannot be stored; measure less, or less often (every:)");
  }
  for (const auto& [key, value] : record.schedules) check_parameter_key(key);
  for (const auto& [name, values] : record.steps) check_curve_name(name);
}

}  // namespace varia::results
