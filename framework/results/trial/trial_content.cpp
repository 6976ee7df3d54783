#include "results/trial/trial_content.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "hdf5/hdf5_attribute.hpp"
#include "hdf5/hdf5_dataset.hpp"

namespace varia::results {

using hdf5::Object;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <class T>
void mark_frames(std::vector<Frame<T>>& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) frames[i] = {std::nullopt, frame_name(i)};
}

}  // namespace

void TrialContent::count_epochs() {
  header.epochs_done = epochs();
  header.total_seconds = 0;
  if (const Column* seconds = column(kSecondsPath); seconds != nullptr) {
    for (const std::vector<double>& row : rows) {
      const double value = row[static_cast<std::size_t>(seconds->offset)];
      if (!std::isnan(value)) header.total_seconds += value;
    }
  }
}

const Column* TrialContent::column(const std::string& path) const {
  const auto known = index_.find(path);
  return known == index_.end() ? nullptr : &columns[known->second];
}

void TrialContent::add(const EpochRecord& record) {
  const bool is_new = record.epoch > epochs();
  if (is_new) rows.emplace_back(static_cast<std::size_t>(width), kNaN);
  const auto row = static_cast<std::size_t>(record.epoch - 1);
  if (is_new || record.seconds != 0) {
    put(row, kSecondsPath, Array::scalar(record.seconds));
  }
  for (const auto& [split, metrics] : record.metrics) {
    for (const auto& [name, value] : metrics) {
      put(row, kMetricsPath + split + "/" + name, value);
    }
  }
  for (const auto& [key, value] : record.schedules) {
    put(row, kSchedulesPath + key, Array::scalar(value));
  }
  for (const auto& [name, values] : record.steps) {
    std::vector<StepRow>& curve = steps[name];
    for (const StepValue& value : values) {
      curve.push_back(
          {static_cast<double>(record.epoch), static_cast<double>(value.step), value.value});
    }
  }
}

void TrialContent::put(std::size_t row, const std::string& path, const Array& value) {
  const auto [position, is_new] = index_.try_emplace(path, columns.size());
  if (is_new) {
    columns.push_back({path, value.shape, {}, width, hdf5::count_of(value.shape)});
    width += columns.back().size;
  }
  rows[row].resize(static_cast<std::size_t>(width), kNaN);
  std::copy(value.values.begin(), value.values.end(),
            rows[row].begin() + columns[position->second].offset);
}

void TrialContent::load(const TrialInput& input, std::int64_t count) {
  columns = input.columns();
  width = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    index_[columns[i].path] = i;
    width += columns[i].size;
  }
  const std::vector<double> table = input.table(columns, count);
  for (std::int64_t e = 0; e < count; ++e) {
    rows.emplace_back(table.begin() + e * width, table.begin() + (e + 1) * width);
  }
  for (const std::string& name : input.names("steps")) {
    std::vector<StepRow> curve = input.steps(name);
    std::erase_if(curve,
                  [&](const StepRow& row) { return row.epoch > static_cast<double>(count); });
    steps[name] = std::move(curve);
  }
  const auto is_kept = [&](const Object& group, const std::string& frame) {
    return hdf5::read_integer_attribute(hdf5::open_dataset(group, frame), "epoch") <= count;
  };
  for (const std::string& name : input.names("views")) {
    const Object group = input.view(name);
    ViewFrames& view = views[name];
    view.layout = read_layout(group);
    for (const std::string& frame : hdf5::names(group)) {
      if (is_kept(group, frame)) view.frames.push_back({std::nullopt, frame});
    }
  }
  for (const std::string& name : input.names("points")) {
    const Object group = input.point_group(name);
    const std::size_t frames = points_count(group);
    for (std::size_t i = 0; i < frames; ++i) {
      if (is_kept(group, frame_name(i))) points[name].push_back({std::nullopt, frame_name(i)});
    }
  }
}

void TrialContent::mark_committed() {
  for (auto& [name, view] : views) mark_frames(view.frames);
  for (auto& [name, frames] : points) mark_frames(frames);
}

}  // namespace varia::results
