#include "results/trial/trial_content.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "results/lists.hpp"
#include "results/picture_labels.hpp"

namespace varia::results {

using hdf5::Object;
using hdf5::Shape;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kCompressedFrom = 500;                 // columns of the table
constexpr std::int64_t kChunkValues = std::int64_t{1} << 17;  // 1 MiB

template <class T>
void mark_frames(std::vector<Frame<T>>& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) frames[i] = frame_name(i);
}

void write_picture(const Object& group, const std::string& name, const Picture& picture) {
  Shape shape = {picture.height, picture.width};
  if (picture.channels == 3) shape.push_back(3);
  const Object dataset = hdf5::write(group, name, shape, picture.pixels.data(), shape);
  hdf5::write_attribute(dataset, "epoch", picture.epoch);
  hdf5::write_attribute(dataset, "title", picture.title);
  if (const auto labels = labels_text(picture.labels); !labels.empty())
    hdf5::write_attribute(dataset, "labels", labels);
  write_image_attributes(dataset, picture.channels);
}

void write_points(const Object& group, const std::string& name, const Points& points) {
  const auto count = static_cast<std::int64_t>(points.labels.size());
  const Object dataset = hdf5::write(group, name, {count, 2}, points.xy.data());
  hdf5::write_attribute(dataset, "epoch", points.epoch);
  if (const auto classes = classes_text(points.classes); !classes.empty())
    hdf5::write_attribute(dataset, "classes", classes);
  for (std::size_t axis = 0; axis < 2; ++axis)
    if (!points.axes.at(axis).empty())
      hdf5::write_attribute(dataset, kAxisNames.at(axis), points.axes.at(axis));
  hdf5::write(group, name + "_label", {count}, points.labels.data());
}

void write_header(const TrialContent& content, const Object& root) {
  for_each_trial_field([&](const auto& field) {
    hdf5::write_attribute(root, field.name, stored_field(content.header.*field.member));
  });
  hdf5::write_texts(root, "config", {}, {content.header.config});

  std::vector<std::string> texts;
  std::vector<double> values;
  std::vector<std::uint8_t> flags;
  for (const Parameter& parameter : content.header.parameters) {
    const auto* text = std::get_if<std::string>(&parameter.value);
    texts.push_back(parameter.key);
    texts.push_back(text != nullptr ? *text : "");
    values.push_back(text != nullptr ? kNaN : std::get<double>(parameter.value));
    flags.push_back(
        static_cast<std::uint8_t>((parameter.swept ? 1 : 0) | (text != nullptr ? 2 : 0)));
  }
  const auto count = static_cast<std::int64_t>(values.size());
  hdf5::write_texts(root, "parameters", {count, 2}, texts);
  hdf5::write(root, "parameter_values", {count}, values.data());
  hdf5::write(root, "parameter_flags", {count}, flags.data());
}

void write_table(const TrialContent& content, const Object& root) {
  std::vector<std::string> texts;
  for (const Column& column : content.columns) {
    MetricInfo info = column.info;
    if (column.name.starts_with(kMetricsPath)) {
      const auto known =
          content.header.metrics.find(column.name.substr(std::string(kMetricsPath).size()));
      if (known != content.header.metrics.end()) info = known->second;
    }
    texts.insert(texts.end(), {column.name, shape_text(column.shape), info.units, info.bound,
                               fmt::format("{}", fmt::join(info.axes, ",")),
                               std::string(better_text(info.better))});
  }
  hdf5::write_texts(root, "columns", {static_cast<std::int64_t>(content.columns.size()), 6}, texts);
  std::vector<double> table(content.rows.size() * static_cast<std::size_t>(content.width), kNaN);
  for (std::size_t e = 0; e < content.rows.size(); ++e) {
    std::copy(content.rows[e].begin(), content.rows[e].end(),
              table.begin() + static_cast<std::ptrdiff_t>(e) * content.width);
  }
  // Arrays that are measured after the last epoch alone leave a wide table nearly empty.
  Shape chunk;
  if (content.width > kCompressedFrom && content.epochs() > 0)
    chunk = {std::clamp<std::int64_t>(kChunkValues / content.width, 1, content.epochs()),
             content.width};
  hdf5::write(root, "table", {content.epochs(), content.width}, table.data(), chunk);
}

void write_steps(const TrialContent& content, const Object& root) {
  if (content.steps.empty()) return;
  const Object group = hdf5::create_group(root, "steps");
  for (const auto& [name, rows] : content.steps) {
    hdf5::write(group, name, {static_cast<std::int64_t>(rows.size()), 3},
                rows.empty() ? nullptr : rows.front().data());
  }
}

void write_views(const TrialContent& content, const OutputFile& output, const Object& old) {
  if (content.views.empty()) return;
  const Object views = hdf5::create_group(output.root(), "views");
  for (const auto& [name, frames] : content.views) {
    const Object group = hdf5::create_group(views, name);
    write_layout(group, content.layouts.at(name));
    for (std::size_t i = 0; i < frames.size(); ++i) {
      if (const auto* picture = std::get_if<Picture>(&frames[i])) {
        write_picture(group, frame_name(i), *picture);
      } else {
        const std::string source = "views/" + name + "/" + std::get<std::string>(frames[i]);
        hdf5::copy_dataset(hdf5::open_dataset(old, source), group, frame_name(i));
      }
      output.check();
    }
  }
}

void write_point_sets(const TrialContent& content, const OutputFile& output, const Object& old) {
  if (content.points.empty()) return;
  const Object all = hdf5::create_group(output.root(), "points");
  for (const auto& [name, frames] : content.points) {
    const Object group = hdf5::create_group(all, name);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      if (const auto* points = std::get_if<Points>(&frames[i])) {
        write_points(group, frame_name(i), *points);
      } else {
        const std::string source = "points/" + name + "/" + std::get<std::string>(frames[i]);
        hdf5::copy_dataset(hdf5::open_dataset(old, source), group, frame_name(i));
        hdf5::copy_dataset(hdf5::open_dataset(old, source + "_label"), group,
                           frame_name(i) + "_label");
      }
      output.check();
    }
  }
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
    columns.push_back({path, {}, value.shape, width, hdf5::count_of(value.shape)});
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
    index_[columns[i].name] = i;
    width += columns[i].size;
  }
  const std::vector<double> table = input.table(columns, count);
  for (std::int64_t e = 0; e < count; ++e) {
    rows.emplace_back(table.begin() + e * width, table.begin() + (e + 1) * width);
  }
  for (const std::string& name : input.names("steps")) {
    std::vector<StepRow> curve = input.steps(name);
    std::erase_if(curve, [&](const StepRow& row) { return row[0] > static_cast<double>(count); });
    steps[name] = std::move(curve);
  }
  const auto is_kept = [&](const Object& group, const std::string& frame) {
    return hdf5::read_attribute<std::int64_t>(hdf5::open_dataset(group, frame), "epoch") <= count;
  };
  for (const std::string& name : input.names("views")) {
    const Object group = input.view(name);
    for (const std::string& frame : hdf5::names(group)) {
      if (is_kept(group, frame)) views[name].emplace_back(frame);
    }
    if (views.contains(name)) layouts[name] = read_layout(group);
  }
  for (const std::string& name : input.names("points")) {
    const Object group = input.point_group(name);
    const std::size_t frames = points_count(group);
    for (std::size_t i = 0; i < frames; ++i) {
      if (is_kept(group, frame_name(i))) points[name].emplace_back(frame_name(i));
    }
  }
}

void TrialContent::write(const std::string& committed, const OutputFile& output) const {
  write_header(*this, output.root());
  write_table(*this, output.root());
  write_steps(*this, output.root());
  output.check();
  const Object old = committed.empty() ? Object() : hdf5::open_file(committed);
  write_views(*this, output, old);
  write_point_sets(*this, output, old);
}

void TrialContent::mark_committed() {
  for (auto& [name, frames] : views) mark_frames(frames);
  for (auto& [name, frames] : points) mark_frames(frames);
}

}  // namespace varia::results
