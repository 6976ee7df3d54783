#include <algorithm>
#include <limits>

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "hdf5/netcdf.hpp"
#include "results/merged/merged_writer.hpp"
#include "varia/error.hpp"

namespace varia::results {

using hdf5::Object;
using hdf5::Shape;

namespace {

constexpr int kDeflate = 4;
constexpr std::int64_t kStepChunk = 8192;

std::int64_t signed_size(std::size_t size) { return static_cast<std::int64_t>(size); }

}  // namespace

SeriesWriter::SeriesWriter(const OutputFile& output, const Dimensions& dimensions,
                           const std::vector<MergeEntry>& entries)
    : output_(output), dimensions_(dimensions), entries_(entries) {
  for (const MergeEntry& entry : entries_) {
    for (const auto& [name, extent] : entry.views) {
      if (extent.frames == 0) continue;
      ViewExtent& largest = views_[name].extent;
      if (largest.frames == 0) largest.layout = extent.layout;
      largest.frames = std::max(largest.frames, extent.frames);
      largest.height = std::max(largest.height, extent.height);
      largest.width = std::max(largest.width, extent.width);
      largest.channels = std::max(largest.channels, extent.channels);
    }
    for (const auto& [name, extent] : entry.points) {
      if (extent.frames == 0) continue;
      PointExtent& largest = points_[name].extent;
      largest.frames = std::max(largest.frames, extent.frames);
      largest.points = std::max<std::int64_t>({largest.points, extent.points, 1});
    }
    for (const auto& [name, count] : entry.steps) {
      if (count == 0) continue;
      steps_[name];
      records_ = std::max(records_, count);
    }
  }
  if (!steps_.empty()) create_steps();
  if (!views_.empty()) create_views();
  if (!points_.empty()) create_points();
  output_.check();
}

void SeriesWriter::create_views() {
  const Object group = hdf5::create_group(output_.root(), "views");
  for (auto& [name, view] : views_) {
    const ViewExtent& extent = view.extent;
    Shape shape = {dimensions_.trials, signed_size(extent.frames), extent.height, extent.width};
    Shape chunk = {1, 1, extent.height, extent.width};
    if (extent.channels == 3) {
      shape.push_back(3);
      chunk.push_back(3);
    }
    view.dataset =
        hdf5::create_dataset<std::uint8_t>(group, name, shape, {chunk, kDeflate, false}, 0);
    const std::size_t pictures = entries_.size() * extent.frames;
    view.epochs.assign(pictures, 0);
    view.heights.assign(pictures, 0);
    view.widths.assign(pictures, 0);
    view.titles.resize(pictures);
  }
}

void SeriesWriter::create_points() {
  const Object group = hdf5::create_group(output_.root(), "points");
  for (auto& [name, set] : points_) {
    const auto frames = signed_size(set.extent.frames);
    const std::int64_t points = set.extent.points;
    set.dataset = hdf5::create_dataset<float>(group, name, {dimensions_.trials, frames, points, 2},
                                              {{1, 1, points, 2}, kDeflate, true},
                                              std::numeric_limits<float>::quiet_NaN());
    set.labels = hdf5::create_dataset<std::int64_t>(group, name + "_label",
                                                    {dimensions_.trials, frames, points},
                                                    {{1, 1, points}, kDeflate, true}, -1);
    set.epochs.assign(entries_.size() * set.extent.frames, 0);
    set.counts.assign(entries_.size() * set.extent.frames, -1);
    set.titles.resize(entries_.size() * set.extent.frames);
  }
}

void SeriesWriter::create_steps() {
  const Object group = hdf5::create_group(output_.root(), "steps");
  const std::int64_t records = std::min(records_, kStepChunk);
  const Shape shape = {dimensions_.trials, records_};
  const Shape chunk = {std::clamp<std::int64_t>(kStepChunk / records, 1, dimensions_.trials),
                       records};
  for (auto& [name, curve] : steps_) {
    curve.values = hdf5::create_dataset<double>(group, name, shape, {chunk, kDeflate, true},
                                                std::numeric_limits<double>::quiet_NaN());
    curve.steps = hdf5::create_dataset<std::int64_t>(group, name + "_step", shape,
                                                     {chunk, kDeflate, true}, -1);
  }
}

void SeriesWriter::write(std::size_t trial, TrialValues& values) {
  const MergeEntry& entry = entries_[trial];
  const auto row = signed_size(trial);
  for (const auto& [name, count] : entry.steps) {
    if (count == 0) continue;
    std::vector<double> value;
    std::vector<std::int64_t> step;
    for (const StepValue& record : values.steps(name)) {
      if (signed_size(value.size()) == count) break;
      value.push_back(record.value);
      step.push_back(record.step);
    }
    const Shape box = {1, signed_size(value.size())};
    hdf5::write_box(steps_.at(name).values, {row, 0}, box, H5T_NATIVE_DOUBLE, value.data());
    hdf5::write_box(steps_.at(name).steps, {row, 0}, box, H5T_NATIVE_INT64, step.data());
  }
  for (const auto& [name, extent] : entry.views) write_view(trial, name, extent.frames, values);
  for (const auto& [name, extent] : entry.points) {
    if (extent.frames > 0) write_points(trial, name, values);
  }
  output_.check();
}

void SeriesWriter::write_view(std::size_t trial, const std::string& name, std::size_t frames,
                              TrialValues& values) {
  for (std::size_t i = 0; i < frames; ++i) {
    ViewTarget& view = views_.at(name);
    const Picture caption = values.caption(name, i);
    if (caption.height > view.extent.height || caption.width > view.extent.width ||
        caption.channels > view.extent.channels) {
      throw StoreError(entries_[trial].path, "view " + name +
                                                 " changed while it was merged; "
                                                 "merge again");
    }
    const std::size_t place = trial * view.extent.frames + i;
    view.epochs[place] = caption.epoch;
    view.heights[place] = caption.height;
    view.widths[place] = caption.width;
    view.titles[place] = caption.title;

    Shape offset = {signed_size(trial), signed_size(i), 0, 0};
    Shape box = {1, 1, caption.height, caption.width};
    if (view.extent.channels == 3) {
      offset.push_back(0);
      box.push_back(3);
    }
    const bool same_shape = caption.height == view.extent.height &&
                            caption.width == view.extent.width &&
                            caption.channels == view.extent.channels;
    if (same_shape && values.copy_picture(name, i, view.dataset, offset)) continue;
    Picture picture = values.picture(name, i);
    if (picture.channels != view.extent.channels) picture = as_rgb(std::move(picture));
    hdf5::write_box(view.dataset, offset, box, H5T_NATIVE_UINT8, picture.pixels.data());
  }
}

void SeriesWriter::write_points(std::size_t trial, const std::string& name, TrialValues& values) {
  PointTarget& target = points_.at(name);
  const std::vector<Points> sets = values.points(name);
  for (std::size_t i = 0; i < std::min(sets.size(), target.extent.frames); ++i) {
    const Points& set = sets[i];
    const auto count = std::min(signed_size(set.labels.size()), target.extent.points);
    const std::size_t place = trial * target.extent.frames + i;
    target.epochs[place] = set.epoch;
    target.counts[place] = count;
    target.titles[place] = set.title;
    const std::int64_t row = signed_size(trial);
    const std::int64_t frame = signed_size(i);
    hdf5::write_box(target.dataset, {row, frame, 0, 0}, {1, 1, count, 2}, H5T_NATIVE_FLOAT,
                    set.xy.data());
    hdf5::write_box(target.labels, {row, frame, 0}, {1, 1, count}, H5T_NATIVE_INT64,
                    set.labels.data());
  }
}

void SeriesWriter::finish() {
  if (!steps_.empty()) finish_steps();
  if (!views_.empty()) {
    const Object group = hdf5::open_group(output_.root(), "views");
    for (const auto& [name, view] : views_) finish_view(group, name, view);
  }
  if (!points_.empty()) {
    const Object group = hdf5::open_group(output_.root(), "points");
    for (const auto& [name, set] : points_) finish_points(group, name, set);
  }
  output_.check();
}

void SeriesWriter::finish_steps() {
  const Object group = hdf5::open_group(output_.root(), "steps");
  const Object record = netcdf::write_dimension(group, "record", records_);
  for (const auto& [name, curve] : steps_) {
    netcdf::attach(curve.values, {&dimensions_.trial, &record});
    netcdf::attach(curve.steps, {&dimensions_.trial, &record});
  }
}

void SeriesWriter::finish_view(const Object& group, const std::string& name,
                               const ViewTarget& view) {
  const auto frames = signed_size(view.extent.frames);
  const Object frame = netcdf::write_dimension(group, "frame_" + name, frames);
  const Object y = netcdf::write_dimension(group, "y_" + name, view.extent.height);
  const Object x = netcdf::write_dimension(group, "x_" + name, view.extent.width);
  std::vector<const Object*> scales = {&dimensions_.trial, &frame, &y, &x};
  Object channel;
  if (view.extent.channels == 3) {
    channel = netcdf::write_dimension(group, "channel_" + name, 3);
    scales.push_back(&channel);
  }
  netcdf::attach(view.dataset, scales);
  write_image_attributes(view.dataset, view.extent.channels);

  const auto beside = [&](const char* suffix, const std::vector<std::int64_t>& values) {
    const Object dataset =
        hdf5::write(group, name + suffix, {dimensions_.trials, frames}, values.data());
    netcdf::attach(dataset, {&dimensions_.trial, &frame});
  };
  beside("_frame_epoch", view.epochs);
  beside("_height", view.heights);
  beside("_width", view.widths);
  const Object titles =
      hdf5::write_texts(group, name + "_title", {dimensions_.trials, frames}, view.titles);
  netcdf::attach(titles, {&dimensions_.trial, &frame});

  const std::pair<const char*, std::int64_t ViewLayout::*> fields[] = {
      {"rows", &ViewLayout::rows},
      {"columns", &ViewLayout::columns},
      {"tile_height", &ViewLayout::tile_height},
      {"tile_width", &ViewLayout::tile_width},
      {"padding", &ViewLayout::padding}};
  for (const auto& [field, member] : fields) {
    std::vector<std::int64_t> values(entries_.size(), 0);
    bool all_equal = true;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const auto found = entries_[i].views.find(name);
      if (found == entries_[i].views.end()) continue;
      values[i] = found->second.layout.*member;
      all_equal &= values[i] == view.extent.layout.*member;
    }
    if (all_equal) {
      hdf5::write_attribute(view.dataset, field, view.extent.layout.*member);
    } else {
      const Object dataset =
          hdf5::write(group, name + "_" + field, {dimensions_.trials}, values.data());
      netcdf::attach(dataset, {&dimensions_.trial});
    }
  }
}

void SeriesWriter::finish_points(const Object& group, const std::string& name,
                                 const PointTarget& target) {
  const auto frames = signed_size(target.extent.frames);
  const Object frame = netcdf::write_dimension(group, "frame_" + name, frames);
  const Object point = netcdf::write_dimension(group, "point_" + name, target.extent.points);
  const Object axis = netcdf::write_dimension(group, "axis_" + name, 2);
  netcdf::attach(target.dataset, {&dimensions_.trial, &frame, &point, &axis});
  netcdf::attach(target.labels, {&dimensions_.trial, &frame, &point});
  const auto beside = [&](const char* suffix, const std::vector<std::int64_t>& values) {
    const Object dataset =
        hdf5::write(group, name + suffix, {dimensions_.trials, frames}, values.data());
    netcdf::attach(dataset, {&dimensions_.trial, &frame});
  };
  beside("_frame_epoch", target.epochs);
  beside("_count", target.counts);
  const Object titles =
      hdf5::write_texts(group, name + "_title", {dimensions_.trials, frames}, target.titles);
  netcdf::attach(titles, {&dimensions_.trial, &frame});
}

}  // namespace varia::results
