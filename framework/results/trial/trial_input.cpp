#include "results/trial/trial_input.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "results/file_frame.hpp"
#include "results/format.hpp"
#include "results/lists.hpp"
#include "results/names.hpp"
#include "results/picture_labels.hpp"

namespace varia::results {

using hdf5::Object;
using hdf5::Shape;

namespace {

Shape parse_shape(const Object& columns, const std::string& text) {
  Shape shape;
  if (text.empty()) return shape;
  for (const std::string& part : split_at(text, ',')) {
    std::int64_t size = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), size);
    if (error != std::errc() || end != part.data() + part.size() || size < 0 ||
        size > hdf5::kMaxElements || shape.size() == 8) {
      hdf5::damaged(columns, "expected a shape, found '" + text.substr(0, 40) + "'");
    }
    shape.push_back(size);
  }
  return shape;
}

[[noreturn]] void damaged_table(const Object& table, const Shape& expected) {
  hdf5::damaged(table, "expected [" + shape_text(expected) + "] values, found [" +
                           shape_text(hdf5::shape_of(table)) + "]");
}

/// The data set /table, which has values for these columns and epochs.
Object open_table(const Object& root, const std::vector<Column>& columns, std::int64_t epochs) {
  Object dataset = hdf5::open_dataset(root, "table");
  hdf5::require(dataset, 2, H5T_FLOAT);
  const Shape shape = hdf5::shape_of(dataset);
  hdf5::require_sane(dataset, hdf5::count_of(shape));
  const std::int64_t width = width_of(columns);
  if (shape[0] < epochs || shape[1] < width) damaged_table(dataset, {epochs, width});
  if (epochs > 0 && width == 0) hdf5::damaged(dataset, "its epochs have no values");
  return dataset;
}

/// Checks the place in the merged file that a column names.
void check_place(const std::string& path) {
  if (path == kSecondsPath) return;
  if (path.starts_with(kSchedulesPath))
    return check_parameter_key(path.substr(std::string_view(kSchedulesPath).size()));
  const std::size_t split = std::string_view(kMetricsPath).size();
  const std::size_t name = path.find('/', split);
  if (!path.starts_with(kMetricsPath) || name == std::string::npos)
    throw TrialError("'" + path.substr(0, 40) + "' is not the place of a value");
  check_name("split", path.substr(split, name - split));
  check_metric_name(path.substr(name + 1));
}

}  // namespace

std::int64_t width_of(const std::vector<Column>& columns) {
  return columns.empty() ? 0 : columns.back().offset + columns.back().size;
}

void require_name(const Object& object, const std::string& name,
                  const std::function<void(const std::string&)>& check) {
  try {
    check(name);
  } catch (const TrialError& error) {
    hdf5::damaged(object, error.what());
  }
}

void require_good(const Object& object, const TrialInfo& info) {
  require_name(object, info.id, [](const std::string& id) { check_name("trial", id); });
  if (info.epochs_done < 0 || info.epochs_done > hdf5::kMaxElements)
    hdf5::damaged(object,
                  "epochs_done of trial " + info.id + " is " + std::to_string(info.epochs_done));
}

void require_good(const Object& object, const ViewLayout& layout) {
  for (const auto& [name, member] : kLayoutFields) {
    const std::int64_t value = layout.*member;
    if (value < 0 || value > kMaxStoredSide)
      hdf5::damaged(object, std::string(name) + " is " + std::to_string(value));
  }
}

Better required_better(const Object& object, const std::string& text) {
  const auto better = better_from_text(text);
  if (!better)
    hdf5::damaged(object,
                  "better: expected higher, lower or neither, found '" + text.substr(0, 40) + "'");
  return *better;
}

std::string frame_name(std::size_t index) {
  char text[24];
  std::snprintf(text, sizeof text, "%06zu", index);
  return text;
}

TrialInput::TrialInput(const std::string& path, bool is_checked) {
  const std::string remedy = "varia run trains the trial again.";
  const bool has_its_end = is_checked ? require_intact(path, remedy) : has_end(path);
  root_ = hdf5::open_file(path, /*is_data=*/false, remedy);
  require_format(root_, kTrialFormat,
                 "Use the Varia that wrote it, or move it away and run the trial again.");
  if (!has_its_end) hdf5::damaged(root_, "it ends without its checksum");
}

TrialInfo TrialInput::info() const {
  TrialInfo info;
  for_each_trial_field([&]<class T>(const TrialField<T>& field) {
    if (field.is_optional && !hdf5::has_attribute(root_, field.name)) return;
    auto stored = hdf5::read_attribute<StoredField<T>>(root_, field.name);
    if (!load_field(std::move(stored), info.*field.member)) {
      hdf5::damaged(root_, std::string("its attribute '") + field.name + "' has an unknown value");
    }
  });
  require_good(root_, info);
  return info;
}

TrialHeader TrialInput::header() const {
  TrialHeader header{info(), {}, {}, {}};
  const Object keys = hdf5::open_dataset(root_, "parameters");
  hdf5::require(keys, 2, H5T_STRING);
  const Object numbers = hdf5::open_dataset(root_, "parameter_values");
  hdf5::require(numbers, 1, H5T_FLOAT);
  const Object flag_data = hdf5::open_dataset(root_, "parameter_flags");
  hdf5::require(flag_data, 1, H5T_INTEGER);
  const Shape shape = hdf5::shape_of(keys);
  if (shape[1] != 2 || hdf5::shape_of(numbers)[0] != shape[0] ||
      hdf5::shape_of(flag_data)[0] != shape[0]) {
    hdf5::damaged(keys, "its length is not that of parameter_values and parameter_flags");
  }
  const std::vector<std::string> texts = hdf5::read_texts(keys);
  const std::vector<double> values = hdf5::read<double>(numbers);
  const std::vector<std::uint8_t> flags = hdf5::read<std::uint8_t>(flag_data);
  for (std::size_t i = 0; i < values.size(); ++i) {
    Parameter parameter{texts[2 * i], values[i], (flags[i] & 1U) != 0};
    require_name(keys, parameter.key, check_parameter_key);
    if ((flags[i] & 2U) != 0) parameter.value = texts[2 * i + 1];
    header.parameters.push_back(std::move(parameter));
  }
  return header;
}

std::string TrialInput::config() const {
  const std::vector<std::string> texts = hdf5::read_texts(hdf5::open_dataset(root_, "config"));
  return texts.empty() ? std::string() : texts.front();
}

std::vector<Column> TrialInput::columns() const {
  const Object dataset = hdf5::open_dataset(root_, "columns");
  hdf5::require(dataset, 2, H5T_STRING);
  if (hdf5::shape_of(dataset)[1] != 6) hdf5::damaged(dataset, "it has not six columns");
  std::vector<std::string> texts = hdf5::read_texts(dataset);
  std::vector<Column> columns;
  std::int64_t offset = 0;
  for (std::size_t i = 0; i + 5 < texts.size(); i += 6) {
    Column column;
    column.name = std::move(texts[i]);
    require_name(dataset, column.name, check_place);
    column.shape = parse_shape(dataset, texts[i + 1]);
    if (!column.shape.empty() && !column.name.starts_with(kMetricsPath))
      hdf5::damaged(dataset, column.name + " is an array");
    column.info = {std::move(texts[i + 2]), std::move(texts[i + 3]), split_at(texts[i + 4], ','),
                   required_better(dataset, texts[i + 5])};
    for (const std::string& axis : column.info.axes)
      require_name(dataset, axis, [](const std::string& name) { check_name("axis", name); });
    column.offset = offset;
    column.size = hdf5::count_of(column.shape);
    if (column.size > hdf5::kMaxElements - offset) hdf5::damaged(dataset, "too many values");
    offset += column.size;
    columns.push_back(std::move(column));
  }
  return columns;
}

void TrialInput::require_table(const std::vector<Column>& columns, std::int64_t epochs) const {
  open_table(root_, columns, epochs);
}

std::vector<double> TrialInput::table(const std::vector<Column>& columns,
                                      std::int64_t epochs) const {
  const Object dataset = open_table(root_, columns, epochs);
  const Shape shape = hdf5::shape_of(dataset);
  const std::int64_t width = width_of(columns);
  std::vector<double> values = hdf5::read<double>(dataset);
  if (shape[0] == epochs && shape[1] == width) return values;

  // The trial has gone on since its columns were read: take what was there then.
  const std::vector<Column> now = this->columns();
  const bool grown =
      now.size() >= columns.size() &&
      std::equal(columns.begin(), columns.end(), now.begin(), [](const Column& a, const Column& b) {
        return a.name == b.name && a.shape == b.shape;
      });
  if (!grown) {
    damaged_table(dataset, {epochs, width});
  }
  for (std::int64_t e = 1; e < epochs; ++e) {
    std::copy_n(values.begin() + e * shape[1], width, values.begin() + e * width);
  }
  values.resize(static_cast<std::size_t>(epochs * width));
  return values;
}

std::vector<std::string> TrialInput::names(const std::string& group) const {
  if (!hdf5::exists(root_, group)) return {};
  const Object parent = hdf5::open_group(root_, group);
  std::vector<std::string> names = hdf5::names(parent);
  for (const std::string& name : names)
    require_name(parent, name, group == "steps" ? check_curve_name : check_view_name);
  return names;
}

std::vector<StepRow> TrialInput::steps(const std::string& name) const {
  const Object dataset = hdf5::open_dataset(hdf5::open_group(root_, "steps"), name);
  hdf5::require(dataset, 2, H5T_FLOAT);
  if (hdf5::shape_of(dataset)[1] != 3) hdf5::damaged(dataset, "it has not three columns");
  const std::vector<double> values = hdf5::read<double>(dataset);
  constexpr double kLargest = 9007199254740992.0;  // 2^53: whole numbers of a float64
  std::vector<StepRow> rows;
  rows.reserve(values.size() / 3);
  for (std::size_t i = 0; i < values.size(); i += 3) {
    if (!(std::abs(values[i]) < kLargest) || !(std::abs(values[i + 1]) < kLargest)) {
      hdf5::damaged(dataset, "a step is no whole number");
    }
    rows.push_back({values[i], values[i + 1], values[i + 2]});
  }
  return rows;
}

std::int64_t TrialInput::step_count(const std::string& name) const {
  const Object dataset = hdf5::open_dataset(hdf5::open_group(root_, "steps"), name);
  hdf5::require(dataset, 2, H5T_FLOAT);
  hdf5::require_sane(dataset, hdf5::count_of(hdf5::shape_of(dataset)));
  return hdf5::shape_of(dataset)[0];
}

Object TrialInput::view(const std::string& name) const {
  return hdf5::open_group(hdf5::open_group(root_, "views"), name);
}

Object TrialInput::point_group(const std::string& name) const {
  return hdf5::open_group(hdf5::open_group(root_, "points"), name);
}

ViewLayout read_layout(const Object& object) {
  ViewLayout layout;
  for (const auto& [name, member] : kLayoutFields)
    layout.*member = hdf5::read_attribute<std::int64_t>(object, name);
  require_good(object, layout);
  return layout;
}

void write_layout(const Object& object, const ViewLayout& layout) {
  for (const auto& [name, member] : kLayoutFields)
    hdf5::write_attribute(object, name, layout.*member);
}

Shape picture_shape(const Object& dataset) {
  Shape shape = hdf5::shape_of(dataset);
  const bool good = (shape.size() == 2 || (shape.size() == 3 && shape[2] == 3)) && shape[0] > 0 &&
                    shape[1] > 0 && shape[0] <= kMaxStoredSide && shape[1] <= kMaxStoredSide &&
                    hdf5::count_of(shape) <= hdf5::kMaxElements;
  if (!good) hdf5::damaged(dataset, "it is no picture: its shape is [" + shape_text(shape) + "]");
  hdf5::require_sane(dataset, hdf5::count_of(shape));
  return shape;
}

PictureLabels read_labels(const Object& dataset, const std::string& text) {
  try {
    return labels_of(text);
  } catch (const Error& error) {
    hdf5::damaged(dataset, error.what());
  }
}

ClassNames read_classes(const Object& dataset, const std::string& text) {
  try {
    return classes_of(text);
  } catch (const Error& error) {
    hdf5::damaged(dataset, error.what());
  }
}

Picture read_caption(const Object& dataset) {
  const Shape shape = picture_shape(dataset);
  Picture picture;
  picture.epoch = hdf5::read_attribute<std::int64_t>(dataset, "epoch");
  picture.title = hdf5::read_attribute<std::string>(dataset, "title");
  if (hdf5::has_attribute(dataset, "labels"))
    picture.labels = read_labels(dataset, hdf5::read_attribute<std::string>(dataset, "labels"));
  picture.height = shape[0];
  picture.width = shape[1];
  picture.channels = shape.size() == 3 ? 3 : 1;
  return picture;
}

Picture read_picture(const Object& dataset) {
  Picture picture = read_caption(dataset);
  hdf5::require(dataset, picture.channels == 3 ? 3 : 2, H5T_INTEGER);
  picture.pixels = hdf5::read<std::uint8_t>(dataset);
  return picture;
}

void write_image_attributes(const Object& dataset, std::int64_t channels) {
  hdf5::write_fixed_attribute(dataset, "CLASS", "IMAGE");
  hdf5::write_fixed_attribute(dataset, "IMAGE_VERSION", "1.2");
  if (channels == 3) {
    hdf5::write_fixed_attribute(dataset, "IMAGE_SUBCLASS", "IMAGE_TRUECOLOR");
    hdf5::write_fixed_attribute(dataset, "INTERLACE_MODE", "INTERLACE_PIXEL");
  } else {
    hdf5::write_fixed_attribute(dataset, "IMAGE_SUBCLASS", "IMAGE_GRAYSCALE");
    hdf5::write_attribute(dataset, "IMAGE_WHITE_IS_ZERO", std::vector<std::uint8_t>{0});
  }
  hdf5::write_attribute(dataset, "IMAGE_MINMAXRANGE", std::vector<std::uint8_t>{0, 255});
  hdf5::write_fixed_attribute(dataset, "DISPLAY_ORIGIN", "UL");
}

std::size_t points_count(const Object& group) {
  std::size_t count = 0;
  while (hdf5::exists(group, frame_name(count))) ++count;
  return count;
}

Points read_points(const Object& group, std::size_t index) {
  const Object dataset = hdf5::open_dataset(group, frame_name(index));
  const Object labels = hdf5::open_dataset(group, frame_name(index) + "_label");
  hdf5::require(dataset, 2, H5T_FLOAT);
  hdf5::require(labels, 1, H5T_INTEGER);
  const Shape shape = hdf5::shape_of(dataset);
  if (shape[1] != 2 || hdf5::shape_of(labels)[0] != shape[0]) {
    hdf5::damaged(dataset, "its points and labels do not match");
  }
  Points points;
  points.epoch = hdf5::read_attribute<std::int64_t>(dataset, "epoch");
  if (hdf5::has_attribute(dataset, "classes"))
    points.classes = read_classes(dataset, hdf5::read_attribute<std::string>(dataset, "classes"));
  for (std::size_t axis = 0; axis < 2; ++axis)
    if (hdf5::has_attribute(dataset, kAxisNames.at(axis)))
      points.axes.at(axis) = hdf5::read_attribute<std::string>(dataset, kAxisNames.at(axis));
  points.xy = hdf5::read<float>(dataset);
  points.labels = hdf5::read<std::int64_t>(labels);
  return points;
}

}  // namespace varia::results
