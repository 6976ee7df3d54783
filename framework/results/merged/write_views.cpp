#include <algorithm>
#include <limits>

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "hdf5/netcdf.hpp"
#include "results/merged/merged_writer.hpp"
#include "results/picture_labels.hpp"
#include "varia/error.hpp"

namespace varia::results {

using hdf5::Object;
using hdf5::Shape;

namespace {

constexpr std::int64_t kStepChunk = 8192;

std::int64_t signed_size(std::size_t size) { return static_cast<std::int64_t>(size); }

void grow(ViewColumn& largest, const ViewColumn& view) {
  largest.frames = std::max(largest.frames, view.frames);
  largest.height = std::max<std::int64_t>({largest.height, view.height, 1});
  largest.width = std::max(largest.width, view.width);
  largest.channels = std::max(largest.channels, view.channels);
}

bool has_text(const std::vector<std::string>& texts) {
  return std::ranges::any_of(texts, [](const auto& text) { return !text.empty(); });
}

}  // namespace

void MergedWriter::ViewTarget::make_room(std::size_t trials) {
  const std::size_t frames = trials * static_cast<std::size_t>(largest.frames);
  epochs.assign(frames, 0);
  heights.assign(frames, 0);
  widths.assign(frames, 0);
  titles.resize(frames);
  labels_beside.resize(frames);
  axes.resize(2 * frames);
}

void MergedWriter::create_views() {
  for (const MergeEntry& entry : entries_) {
    for (const auto& [name, view] : entry.views) {
      if (view.frames == 0) continue;
      ViewTarget& target = views_[name];
      if (target.largest.frames == 0) target.layout = entry.layouts.at(name);
      grow(target.largest, view);
    }
  }
  if (views_.empty()) return;
  const Object group = hdf5::create_group(output_.root(), "views");
  for (auto& [name, view] : views_) {
    const ViewColumn& largest = view.largest;
    Shape shape = {trials_, largest.frames, largest.height, largest.width};
    Shape chunk = {1, 1, largest.height, largest.width};
    if (largest.channels == 3) {
      shape.push_back(3);
      chunk.push_back(3);
    }
    view.dataset = hdf5::create_dataset<std::uint8_t>(group, name, shape, chunk);
    view.make_room(entries_.size());
  }
}

void MergedWriter::create_points() {
  for (const MergeEntry& entry : entries_) {
    for (const auto& [name, plots] : entry.points)
      if (plots.frames > 0) grow(points_[name].largest, plots);
  }
  if (points_.empty()) return;
  const Object group = hdf5::create_group(output_.root(), "points");
  for (auto& [name, plots] : points_) {
    const std::int64_t frames = plots.largest.frames;
    const std::int64_t points = plots.largest.height;
    plots.dataset =
        hdf5::create_dataset(group, name, {trials_, frames, points, 2}, {1, 1, points, 2},
                             std::numeric_limits<float>::quiet_NaN());
    plots.labels = hdf5::create_dataset<std::int64_t>(
        group, name + "_label", {trials_, frames, points}, {1, 1, points}, -1);
    plots.make_room(entries_.size());
    std::ranges::fill(plots.heights, -1);
  }
}

void MergedWriter::create_steps() {
  for (const MergeEntry& entry : entries_) {
    for (const auto& [name, count] : entry.steps) {
      if (count == 0) continue;
      steps_[name];
      records_ = std::max(records_, count);
    }
  }
  if (steps_.empty()) return;
  const Object group = hdf5::create_group(output_.root(), "steps");
  const std::int64_t records = std::min(records_, kStepChunk);
  const Shape shape = {trials_, records_};
  const Shape chunk = {std::clamp<std::int64_t>(kStepChunk / records, 1, trials_), records};
  for (auto& [name, curve] : steps_) {
    auto& [values, steps] = curve;
    values =
        hdf5::create_dataset(group, name, shape, chunk, std::numeric_limits<double>::quiet_NaN());
    steps = hdf5::create_dataset<std::int64_t>(group, name + "_step", shape, chunk, -1);
  }
}

void MergedWriter::write_views(std::size_t trial, TrialValues& values) {
  const MergeEntry& entry = entries_[trial];
  for (const auto& [name, count] : entry.steps) {
    if (count > 0) write_steps(trial, name, count, values);
  }
  for (const auto& [name, view] : entry.views) {
    if (view.frames > 0) write_view(trial, name, view.frames, values);
  }
  for (const auto& [name, plots] : entry.points) {
    if (plots.frames > 0) write_points(trial, name, values);
  }
  output_.check();
}

void MergedWriter::write_steps(std::size_t trial, const std::string& name, std::int64_t count,
                               TrialValues& values) {
  std::vector<double> value;
  std::vector<std::int64_t> step;
  for (const StepValue& record : values.steps(name)) {
    if (signed_size(value.size()) == count) break;
    value.push_back(record.value);
    step.push_back(record.step);
  }
  const Shape start = {signed_size(trial), 0};
  const Shape box = {1, signed_size(value.size())};
  const auto& [value_data, step_data] = steps_.at(name);
  hdf5::write_box(value_data, start, box, value.data());
  hdf5::write_box(step_data, start, box, step.data());
}

void MergedWriter::write_view(std::size_t trial, const std::string& name, std::int64_t frames,
                              TrialValues& values) {
  ViewTarget& view = views_.at(name);
  const ViewColumn& largest = view.largest;
  for (std::int64_t frame = 0; frame < frames; ++frame) {
    const auto i = static_cast<std::size_t>(frame);
    const Picture caption = values.caption(name, i);
    if (caption.height > largest.height || caption.width > largest.width ||
        caption.channels > largest.channels) {
      throw StoreError(entries_[trial].path,
                       "view " + name + " changed while it was merged; merge again");
    }
    const std::size_t place = trial * static_cast<std::size_t>(largest.frames) + i;
    view.epochs[place] = caption.epoch;
    view.heights[place] = caption.height;
    view.widths[place] = caption.width;
    view.titles[place] = caption.title;
    view.labels_beside[place] = labels_text(caption.labels);

    Shape offset = {signed_size(trial), frame, 0, 0};
    Shape box = {1, 1, caption.height, caption.width};
    if (largest.channels == 3) {
      offset.push_back(0);
      box.push_back(3);
    }
    const bool same_shape = caption.height == largest.height && caption.width == largest.width &&
                            caption.channels == largest.channels;
    if (same_shape && values.copy_picture(name, i, view.dataset, offset)) continue;
    Picture picture = values.picture(name, i);
    if (picture.channels != largest.channels) picture = as_rgb(std::move(picture));
    hdf5::write_box(view.dataset, offset, box, picture.pixels.data());
  }
}

void MergedWriter::write_points(std::size_t trial, const std::string& name, TrialValues& values) {
  ViewTarget& target = points_.at(name);
  const std::vector<Points> plots = values.points(name);
  const std::int64_t row = signed_size(trial);
  for (std::int64_t frame = 0; frame < std::min(signed_size(plots.size()), target.largest.frames);
       ++frame) {
    const Points& plot = plots[static_cast<std::size_t>(frame)];
    const auto count = std::min(signed_size(plot.labels.size()), target.largest.height);
    const auto place = static_cast<std::size_t>(row * target.largest.frames + frame);
    target.epochs[place] = plot.epoch;
    target.heights[place] = count;
    target.labels_beside[place] = classes_text(plot.classes);
    std::ranges::copy(plot.axes, target.axes.begin() + 2 * static_cast<std::ptrdiff_t>(place));
    hdf5::write_box(target.dataset, {row, frame, 0, 0}, {1, 1, count, 2}, plot.xy.data());
    hdf5::write_box(target.labels, {row, frame, 0}, {1, 1, count}, plot.labels.data());
  }
}

void MergedWriter::finish_views() {
  if (!steps_.empty()) {
    const Object group = hdf5::open_group(output_.root(), "steps");
    const Object record = netcdf::write_dimension(group, "record", records_);
    for (const auto& [name, curve] : steps_) {
      netcdf::attach(curve.first, {&trial_, &record});
      netcdf::attach(curve.second, {&trial_, &record});
    }
  }
  if (!views_.empty()) {
    const Object group = hdf5::open_group(output_.root(), "views");
    for (const auto& [name, view] : views_) finish_view(group, name, view);
  }
  if (!points_.empty()) {
    const Object group = hdf5::open_group(output_.root(), "points");
    for (const auto& [name, plots] : points_) finish_points(group, name, plots);
  }
}

void MergedWriter::finish_frames(const Object& group, const std::string& name, const Object& frame,
                                 const ViewTarget& target, const char* heights) {
  const Shape shape = {trials_, target.largest.frames};
  const auto attached = [&](const Object& dataset) { netcdf::attach(dataset, {&trial_, &frame}); };
  attached(hdf5::write(group, name + "_frame_epoch", shape, target.epochs.data()));
  attached(hdf5::write(group, name + heights, shape, target.heights.data()));
}

void MergedWriter::finish_view(const Object& group, const std::string& name,
                               const ViewTarget& view) {
  const ViewColumn& largest = view.largest;
  const Object frame = netcdf::write_dimension(group, "frame_" + name, largest.frames);
  const Object y = netcdf::write_dimension(group, "y_" + name, largest.height);
  const Object x = netcdf::write_dimension(group, "x_" + name, largest.width);
  std::vector<const Object*> scales = {&trial_, &frame, &y, &x};
  Object channel;
  if (largest.channels == 3) {
    channel = netcdf::write_dimension(group, "channel_" + name, 3);
    scales.push_back(&channel);
  }
  netcdf::attach(view.dataset, scales);
  write_image_attributes(view.dataset, largest.channels);
  finish_frames(group, name, frame, view, "_height");
  netcdf::attach(hdf5::write_texts(group, name + "_title", {trials_, largest.frames}, view.titles),
                 {&trial_, &frame});
  netcdf::attach(hdf5::write(group, name + "_width", {trials_, largest.frames}, view.widths.data()),
                 {&trial_, &frame});
  if (has_text(view.labels_beside))
    netcdf::attach(
        hdf5::write_texts(group, name + "_labels", {trials_, largest.frames}, view.labels_beside),
        {&trial_, &frame});

  for (const auto& [field, member] : kLayoutFields) {
    std::vector<std::int64_t> values(entries_.size(), 0);
    bool all_equal = true;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const auto found = entries_[i].layouts.find(name);
      if (found == entries_[i].layouts.end()) continue;
      values[i] = found->second.*member;
      all_equal &= values[i] == view.layout.*member;
    }
    if (all_equal) {
      hdf5::write_attribute(view.dataset, field, view.layout.*member);
    } else {
      const Object dataset = hdf5::write(group, name + "_" + field, {trials_}, values.data());
      netcdf::attach(dataset, {&trial_});
    }
  }
}

void MergedWriter::finish_points(const Object& group, const std::string& name,
                                 const ViewTarget& target) {
  const Object frame = netcdf::write_dimension(group, "frame_" + name, target.largest.frames);
  const Object point = netcdf::write_dimension(group, "point_" + name, target.largest.height);
  const Object axis = netcdf::write_dimension(group, "axis_" + name, 2);
  netcdf::attach(target.dataset, {&trial_, &frame, &point, &axis});
  netcdf::attach(target.labels, {&trial_, &frame, &point});
  finish_frames(group, name, frame, target, "_count");
  if (has_text(target.labels_beside))
    netcdf::attach(hdf5::write_texts(group, name + "_classes", {trials_, target.largest.frames},
                                     target.labels_beside),
                   {&trial_, &frame});
  if (has_text(target.axes))
    netcdf::attach(
        hdf5::write_texts(group, name + "_axes", {trials_, target.largest.frames, 2}, target.axes),
        {&trial_, &frame, &axis});
}

}  // namespace varia::results
