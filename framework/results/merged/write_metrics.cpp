#include <algorithm>
#include <limits>
#include <set>

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "hdf5/netcdf.hpp"
#include "results/merged/merged_writer.hpp"
#include "results/merged/results_data.hpp"

namespace varia::results {

using hdf5::Object;
using hdf5::Shape;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kBlockBytes = std::int64_t{256} << 20;
constexpr std::int64_t kChunkValues = std::int64_t{1} << 19;  // 4 MiB
constexpr std::int64_t kChunkEpochs = 50;

/// The larger of each axis; a missing axis counts as one of length 1.
void grow(Shape& shape, const Shape& other) {
  if (shape.size() < other.size()) shape.resize(other.size(), 1);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    shape[i] = std::max<std::int64_t>({shape[i], i < other.size() ? other[i] : 1, 1});
  }
}

/// Copies an array into the corner of a larger one.
void copy_padded(const double* from, const Shape& from_shape, double* to, const Shape& to_shape,
                 std::size_t axis = 0) {
  if (axis == to_shape.size()) {
    *to = *from;
    return;
  }
  const std::int64_t count = axis < from_shape.size() ? from_shape[axis] : 1;
  std::int64_t from_stride = 1;
  std::int64_t to_stride = 1;
  for (std::size_t i = axis + 1; i < from_shape.size(); ++i) from_stride *= from_shape[i];
  for (std::size_t i = axis + 1; i < to_shape.size(); ++i) to_stride *= to_shape[i];
  for (std::int64_t i = 0; i < count; ++i) {
    copy_padded(from + i * from_stride, from_shape, to + i * to_stride, to_shape, axis + 1);
  }
}

}  // namespace

MetricsWriter::MetricsWriter(const OutputFile& output, const Dimensions& dimensions,
                             const std::vector<MergeEntry>& entries)
    : output_(output), dimensions_(dimensions), entries_(entries) {
  std::map<std::string, std::size_t> known;
  for (const MergeEntry& entry : entries_) {
    const auto [places, is_new] = places_.try_emplace(entry.columns.get());
    if (!is_new) continue;
    for (const Column& column : *entry.columns) {
      const auto [place, is_first] = known.try_emplace(column.path, columns_.size());
      if (is_first) {
        columns_.emplace_back();
        columns_.back().path = column.path;
        columns_.back().info.better = column.info.better;
      }
      TableColumn& target = columns_[place->second];
      grow(target.shape, column.shape);
      if (target.info.units.empty()) target.info.units = column.info.units;
      if (target.info.bound.empty()) target.info.bound = column.info.bound;
      // Builds of a plugin that contradict each other leave it open.
      if (target.info.better != column.info.better) target.info.better = Better::neither;
      if (target.info.axes.size() < column.info.axes.size()) target.info.axes = column.info.axes;
      places->second.push_back(place->second);
    }
  }
  std::int64_t width = 1;
  for (TableColumn& column : columns_) {
    column.size = hdf5::count_of(column.shape);
    width += column.size;
  }
  const std::int64_t trial_bytes = width * dimensions_.epochs * 8;
  for (const std::int64_t rows : {1000, 100, 10}) {
    if (block_ == 1 && rows * trial_bytes <= kBlockBytes) block_ = static_cast<std::size_t>(rows);
  }
  for (TableColumn& column : columns_) {
    const std::int64_t trials =
        std::min<std::int64_t>(static_cast<std::int64_t>(block_), dimensions_.trials);
    const std::int64_t epochs = std::clamp<std::int64_t>(
        kChunkValues / (trials * column.size), 1, std::min(kChunkEpochs, dimensions_.epochs));
    Shape shape = {dimensions_.trials, dimensions_.epochs};
    Shape chunk = {trials, epochs};
    shape.insert(shape.end(), column.shape.begin(), column.shape.end());
    chunk.insert(chunk.end(), column.shape.begin(), column.shape.end());
    const std::string name = column.path.substr(column.path.rfind('/') + 1);
    column.dataset =
        hdf5::create_dataset<double>(group_of(column.path), name, shape, {chunk, 4, true}, kNaN);
    if (column.shape.empty()) column.last.assign(entries_.size(), kNaN);
  }
}

Object MetricsWriter::group_of(const std::string& path) const {
  const auto open = [](const Object& parent, const std::string& name) {
    return hdf5::exists(parent, name) ? hdf5::open_group(parent, name)
                                      : hdf5::create_group(parent, name);
  };
  const std::vector<std::string> parts = split_at(path, '/');
  Object group = open(output_.root(), parts.front());
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) group = open(group, parts[i]);
  return group;
}

void MetricsWriter::write(std::size_t first, const std::vector<std::vector<double>>& tables) {
  const auto trials = static_cast<std::int64_t>(tables.size());
  std::vector<double> slab;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    TableColumn& target = columns_[c];
    const std::int64_t row_size = dimensions_.epochs * target.size;
    slab.assign(static_cast<std::size_t>(trials * row_size), kNaN);
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const MergeEntry& entry = entries_[first + i];
      const std::vector<std::size_t>& places = places_.at(entry.columns.get());
      const auto found = std::find(places.begin(), places.end(), c);
      if (found == places.end()) continue;
      const Column& column = (*entry.columns)[static_cast<std::size_t>(found - places.begin())];
      if (column.size == 0) continue;
      const std::int64_t width = entry.columns->back().offset + entry.columns->back().size;
      double* to = slab.data() + static_cast<std::int64_t>(i) * row_size;
      for (std::int64_t e = 0; e < entry.trial.epochs_done; ++e) {
        const double* from = tables[i].data() + e * width + column.offset;
        if (column.shape == target.shape) {
          std::copy_n(from, column.size, to + e * target.size);
        } else {
          copy_padded(from, column.shape, to + e * target.size, target.shape);
        }
      }
      if (!target.last.empty() && entry.trial.epochs_done > 0) {
        target.last[first + i] = to[entry.trial.epochs_done - 1];
      }
    }
    Shape start(2 + target.shape.size(), 0);
    start[0] = static_cast<std::int64_t>(first);
    Shape count = {trials, dimensions_.epochs};
    count.insert(count.end(), target.shape.begin(), target.shape.end());
    hdf5::write_box(target.dataset, start, count, H5T_NATIVE_DOUBLE, slab.data());
    output_.check();
  }
}

std::vector<std::string> MetricsWriter::bounds_of(std::size_t column) const {
  std::vector<std::string> bounds;
  for (const MergeEntry& entry : entries_) {
    const std::vector<std::size_t>& places = places_.at(entry.columns.get());
    const auto found = std::find(places.begin(), places.end(), column);
    const auto place = static_cast<std::size_t>(found - places.begin());
    bounds.push_back(found == places.end() ? "" : (*entry.columns)[place].info.bound);
  }
  return bounds;
}

void MetricsWriter::finish() {
  std::set<std::string> paths;
  for (const TableColumn& column : columns_) paths.insert(column.path);
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    TableColumn& column = columns_[c];
    const Object group = group_of(column.path);
    const std::string name = column.path.substr(column.path.rfind('/') + 1);
    std::vector<Object> axes;
    for (std::size_t i = 0; i < column.shape.size(); ++i) {
      const std::string axis =
          i < column.info.axes.size() ? column.info.axes[i] : "axis" + std::to_string(i);
      axes.push_back(netcdf::write_dimension(group, name + "_" + axis, column.shape[i]));
    }
    std::vector<const Object*> scales = {&dimensions_.trial, &dimensions_.epoch};
    for (const Object& axis : axes) scales.push_back(&axis);
    netcdf::attach(column.dataset, scales);
    const bool is_final = column.path.rfind(kMetricsPath, 0) == 0 && column.shape.empty();
    // Only what differs between trials has a data set of its own.
    std::vector<std::string> bounds;
    if (is_final && paths.count(column.path + kBoundSuffix) == 0) bounds = bounds_of(c);
    const bool bounds_differ = std::any_of(
        bounds.begin(), bounds.end(),
        [&](const std::string& bound) { return !bound.empty() && bound != column.info.bound; });
    if (bounds_differ) column.info.bound.clear();
    const auto describe = [&](const Object& dataset) {
      if (!column.info.units.empty()) hdf5::write_attribute(dataset, "units", column.info.units);
      if (!column.info.bound.empty()) hdf5::write_attribute(dataset, "bound", column.info.bound);
      if (column.info.better != Better::neither)
        hdf5::write_attribute(dataset, "better", std::string(better_text(column.info.better)));
    };
    describe(column.dataset);
    if (!column.info.axes.empty()) {
      hdf5::write_attribute(column.dataset, "axes", joined(column.info.axes, ','));
    }
    if (!is_final) continue;
    const Object finals = group_of("final/" + column.path.substr(std::string(kMetricsPath).size()));
    if (bounds_differ)
      netcdf::attach(hdf5::write_texts(finals, name + kBoundSuffix, {dimensions_.trials}, bounds),
                     {&dimensions_.trial});
    const Object last = hdf5::write(finals, name, {dimensions_.trials}, column.last.data());
    netcdf::attach(last, {&dimensions_.trial});
    describe(last);
  }
  output_.check();
}

}  // namespace varia::results
