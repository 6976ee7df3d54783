#include "results/merged/results.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "results/merged/results_data.hpp"
#include "results/trial/trial_input.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::results {

using hdf5::Object;
using hdf5::Shape;

std::string ParameterColumn::text(std::size_t trial) const {
  if (is_text) return texts[trial];
  return std::isnan(numbers[trial]) ? "" : number_text(numbers[trial]);
}

Results open_results(const std::string& path) { return Results(open_results_data(path)); }

std::vector<TrialInfo> read_merged_trials(const std::string& path) {
  return std::move(open_results_head(path)->trials);
}

Results::Results(std::unique_ptr<ResultsData> data) : data_(std::move(data)) {}
Results::~Results() = default;
Results::Results(Results&&) noexcept = default;
Results& Results::operator=(Results&&) noexcept = default;

const std::string& Results::path() const { return data_->root.file->path; }
const ExperimentInfo& Results::experiment() const { return data_->experiment; }
std::size_t Results::size() const { return data_->trials.size(); }
std::int64_t Results::epochs() const { return data_->epochs; }
const std::vector<TrialInfo>& Results::trials() const { return data_->trials; }
const std::vector<ParameterColumn>& Results::parameters() const { return data_->parameters; }
const std::vector<ParameterColumn>& Results::notes() const { return data_->notes; }
const std::vector<Column>& Results::metrics() const { return data_->metrics; }
const std::vector<std::string>& Results::schedules() const { return data_->schedules; }
const std::vector<std::string>& Results::steps() const { return data_->steps; }
const std::vector<ViewColumn>& Results::views() const { return data_->views; }
const std::vector<std::string>& Results::points() const { return data_->points; }

std::string Results::config(std::size_t trial) const {
  const std::int64_t row = data_->checked(trial);
  const Object dataset = data_->dataset("trials", "config");
  hdf5::require(dataset, 1, H5T_STRING);
  return hdf5::read_texts(dataset, {row}, {1})[0];
}

std::vector<double> Results::final_values(const std::string& metric) const {
  const Column& column = data_->metric(metric);
  if (!column.shape.empty()) {
    throw StoreError(path(), "metric '" + metric + "' is an array; it has no single last value");
  }
  const Object dataset = data_->dataset("final", metric);
  hdf5::require(dataset, 1, H5T_FLOAT);
  return hdf5::read<double>(dataset);
}

std::vector<std::string> Results::bounds(const std::string& metric) const {
  const Column& column = data_->metric(metric);
  if (!data_->has_bounds(metric)) return std::vector<std::string>(size(), column.info.bound);
  const Object dataset = data_->dataset("final", metric + kBoundSuffix);
  hdf5::require(dataset, 1, H5T_STRING);
  return hdf5::read_texts(dataset);
}

Array Results::metric(const std::string& name, std::size_t first, std::size_t count) const {
  return data_->rows(data_->dataset("metrics", name), data_->metric(name).shape, first, count);
}

Array Results::schedule(const std::string& key, std::size_t first, std::size_t count) const {
  return data_->rows(data_->dataset("schedules", key), {}, first, count);
}

Array Results::seconds(std::size_t first, std::size_t count) const {
  if (!data_->has("timing", "seconds")) {
    const Shape shape = {static_cast<std::int64_t>(count), epochs()};
    if (hdf5::count_of(shape) > hdf5::kMaxElements)
      hdf5::damaged(data_->root, "it claims too many epochs");
    return {shape, std::vector<double>(static_cast<std::size_t>(hdf5::count_of(shape)),
                                       std::numeric_limits<double>::quiet_NaN())};
  }
  return data_->rows(data_->dataset("timing", "seconds"), {}, first, count);
}

std::vector<StepValue> Results::step_values(const std::string& name, std::size_t trial) const {
  const std::int64_t row = data_->checked(trial);
  const Object values = data_->dataset("steps", name);
  const Object steps = data_->dataset("steps", name + "_step");
  hdf5::require(values, 2, H5T_FLOAT);
  hdf5::require(steps, 2, H5T_INTEGER);
  const Shape box = {1, hdf5::shape_of(values)[1]};
  const std::vector<double> value = hdf5::read<double>(values, {row, 0}, box);
  const std::vector<std::int64_t> step = hdf5::read<std::int64_t>(steps, {row, 0}, box);
  std::vector<StepValue> result;
  for (std::size_t i = 0; i < value.size() && step[i] >= 0; ++i)
    result.push_back({step[i], value[i]});
  return result;
}

std::vector<Picture> Results::captions(const std::string& view, std::size_t trial) const {
  const std::int64_t row = data_->checked(trial);
  const ViewColumn& column = data_->view(view);
  const Shape box = {1, column.frames};
  const auto field = [&](const char* name) {
    return hdf5::read<std::int64_t>(data_->dataset("views", view + name), {row, 0}, box);
  };
  const std::vector<std::int64_t> heights = field("_height");
  const std::vector<std::int64_t> widths = field("_width");
  const std::vector<std::int64_t> epochs = field("_frame_epoch");
  const std::vector<std::string> titles =
      hdf5::read_texts(data_->dataset("views", view + "_title"), {row, 0}, box);
  std::vector<std::string> labels;
  const bool has_labels = data_->has("views", view + "_labels");
  if (has_labels)
    labels = hdf5::read_texts(data_->dataset("views", view + "_labels"), {row, 0}, box);
  std::vector<Picture> captions;
  for (std::size_t i = 0; i < heights.size() && heights[i] > 0; ++i) {
    if (heights[i] > column.height || widths[i] < 1 || widths[i] > column.width)
      hdf5::damaged(data_->dataset("views", view), "a picture is larger than its place");
    captions.push_back({.epoch = epochs[i],
                        .height = heights[i],
                        .width = widths[i],
                        .channels = column.channels,
                        .pixels = {},
                        .title = titles[i]});
    if (has_labels)
      captions.back().labels = read_labels(data_->dataset("views", view + "_labels"), labels[i]);
  }
  return captions;
}

Picture Results::picture(const std::string& view, std::size_t trial, std::size_t frame) const {
  std::vector<Picture> pictures = captions(view, trial);
  if (frame >= pictures.size()) {
    throw StoreError(path(), "view " + view + " of trial " + std::to_string(trial) +
                                 " has no picture " + std::to_string(frame));
  }
  Picture& picture = pictures[frame];
  Shape start = {static_cast<std::int64_t>(trial), static_cast<std::int64_t>(frame), 0, 0};
  Shape box = {1, 1, picture.height, picture.width};
  if (picture.channels == 3) {
    start.push_back(0);
    box.push_back(3);
  }
  picture.pixels = hdf5::read<std::uint8_t>(data_->dataset("views", view), start, box);
  return std::move(picture);
}

ViewLayout Results::layout(const std::string& view, std::size_t trial) const {
  const std::int64_t row = data_->checked(trial);
  const Object dataset = data_->dataset("views", view);
  data_->view(view);
  ViewLayout layout;
  for (const auto& [name, member] : kLayoutFields) {
    layout.*member =
        hdf5::has_attribute(dataset, name)
            ? hdf5::read_attribute<std::int64_t>(dataset, name)
            : hdf5::read<std::int64_t>(data_->dataset("views", view + "_" + name), {row}, {1})[0];
  }
  require_good(dataset, layout);
  return layout;
}

std::vector<Points> Results::point_sets(const std::string& name, std::size_t trial) const {
  const std::int64_t row = data_->checked(trial);
  const Object dataset = data_->dataset("points", name);
  hdf5::require(dataset, 4, H5T_FLOAT);
  const Shape shape = hdf5::shape_of(dataset);
  if (shape[3] != 2)
    hdf5::damaged(dataset, "its points have " + std::to_string(shape[3]) + " axes");
  const Shape box = {1, shape[1]};
  const auto field = [&](const char* suffix) {
    return hdf5::read<std::int64_t>(data_->dataset("points", name + suffix), {row, 0}, box);
  };
  const std::vector<std::int64_t> counts = field("_count");
  const std::vector<std::int64_t> epochs = field("_frame_epoch");
  const auto texts = [&](const char* suffix, const Shape& start, const Shape& count) {
    return data_->has("points", name + suffix)
               ? hdf5::read_texts(data_->dataset("points", name + suffix), start, count)
               : std::vector<std::string>();
  };
  const Object labels = data_->dataset("points", name + "_label");
  const auto classes = texts("_classes", {row, 0}, box);
  const auto axes = texts("_axes", {row, 0, 0}, {1, shape[1], 2});
  const auto text_at = [](const std::vector<std::string>& all, std::size_t i) {
    return all.empty() ? std::string() : all[i];
  };
  std::vector<Points> sets;
  for (std::int64_t i = 0; i < shape[1]; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (counts[at] < 0) break;
    sets.push_back({epochs[at],
                    hdf5::read<float>(dataset, {row, i, 0, 0}, {1, 1, counts[at], shape[3]}),
                    hdf5::read<std::int64_t>(labels, {row, i, 0}, {1, 1, counts[at]}),
                    read_classes(dataset, text_at(classes, at)),
                    {text_at(axes, 2 * at), text_at(axes, 2 * at + 1)}});
  }
  return sets;
}

}  // namespace varia::results
