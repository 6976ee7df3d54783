#include "results/trial/trial_output.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <variant>
#include <vector>

#include "hdf5/hdf5_attribute.hpp"
#include "hdf5/hdf5_dataset.hpp"

namespace varia::results {

using hdf5::Object;
using hdf5::Shape;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int kDeflate = 4;

void copy_object(const Object& from, const std::string& name, const Object& to,
                 const std::string& new_name) {
  if (H5Ocopy(from.id, name.c_str(), to.id, new_name.c_str(), H5P_DEFAULT, H5P_DEFAULT) < 0) {
    hdf5::fail(*from.file, from.name + "/" + name + " cannot be copied");
  }
}

void write_picture(const Object& group, const std::string& name, const Picture& picture) {
  Shape shape = {picture.height, picture.width};
  if (picture.channels == 3) shape.push_back(3);
  const Object dataset =
      hdf5::write(group, name, shape, picture.pixels.data(), {shape, kDeflate, false});
  hdf5::write_attribute(dataset, "epoch", picture.epoch);
  hdf5::write_attribute(dataset, "title", picture.title);
  write_image_attributes(dataset, picture.channels);
}

void write_points(const Object& group, const std::string& name, const Points& points) {
  const auto count = static_cast<std::int64_t>(points.labels.size());
  const Object dataset = hdf5::write(group, name, {count, 2}, points.xy.data());
  hdf5::write_attribute(dataset, "epoch", points.epoch);
  hdf5::write_attribute(dataset, "title", points.title);
  hdf5::write(group, name + "_label", {count}, points.labels.data());
}

void write_header(const TrialContent& content, const Object& root) {
  hdf5::write_attribute(root, "format", std::string(kTrialFormat));
  hdf5::write_attribute(root, "version", kFormatVersion);
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
    if (column.path.rfind(kMetricsPath, 0) == 0) {
      const auto known =
          content.header.metrics.find(column.path.substr(std::string(kMetricsPath).size()));
      if (known != content.header.metrics.end()) info = known->second;
    }
    texts.insert(texts.end(), {column.path, shape_text(column.shape), info.units, info.bound,
                               joined(info.axes, ',')});
  }
  hdf5::write_texts(root, "columns", {static_cast<std::int64_t>(content.columns.size()), 5}, texts);
  std::vector<double> table(content.rows.size() * static_cast<std::size_t>(content.width), kNaN);
  for (std::size_t e = 0; e < content.rows.size(); ++e) {
    std::copy(content.rows[e].begin(), content.rows[e].end(),
              table.begin() + static_cast<std::ptrdiff_t>(e) * content.width);
  }
  hdf5::write(root, "table", {content.epochs(), content.width}, table.data());
}

void write_steps(const TrialContent& content, const Object& root) {
  if (content.steps.empty()) return;
  const Object group = hdf5::create_group(root, "steps");
  for (const auto& [name, rows] : content.steps) {
    static_assert(sizeof(StepRow) == 3 * sizeof(double));
    hdf5::write(group, name, {static_cast<std::int64_t>(rows.size()), 3},
                reinterpret_cast<const double*>(rows.data()));
  }
}

void write_views(const TrialContent& content, const hdf5::OutputFile& output, const Object& old) {
  if (content.views.empty()) return;
  const Object views = hdf5::create_group(output.root(), "views");
  for (const auto& [name, view] : content.views) {
    if (view.frames.empty()) continue;
    const Object group = hdf5::create_group(views, name);
    write_layout(group, view.layout);
    for (std::size_t i = 0; i < view.frames.size(); ++i) {
      const Frame<Picture>& frame = view.frames[i];
      if (frame.value) {
        write_picture(group, frame_name(i), *frame.value);
      } else {
        copy_object(old, "views/" + name + "/" + frame.source, group, frame_name(i));
      }
      output.check();
    }
  }
}

void write_point_sets(const TrialContent& content, const hdf5::OutputFile& output,
                      const Object& old) {
  if (content.points.empty()) return;
  const Object all = hdf5::create_group(output.root(), "points");
  for (const auto& [name, frames] : content.points) {
    if (frames.empty()) continue;
    const Object group = hdf5::create_group(all, name);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      if (frames[i].value) {
        write_points(group, frame_name(i), *frames[i].value);
      } else {
        const std::string source = "points/" + name + "/" + frames[i].source;
        copy_object(old, source, group, frame_name(i));
        copy_object(old, source + "_label", group, frame_name(i) + "_label");
      }
      output.check();
    }
  }
}

}  // namespace

void write_content(const TrialContent& content, const std::string& committed,
                   const hdf5::OutputFile& output) {
  write_header(content, output.root());
  write_table(content, output.root());
  write_steps(content, output.root());
  output.check();
  const Object old = committed.empty() ? Object() : hdf5::open_file(committed);
  write_views(content, output, old);
  write_point_sets(content, output, old);
}

}  // namespace varia::results
