#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <set>

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "hdf5/netcdf.hpp"
#include "results/lists.hpp"
#include "results/merged/merged_writer.hpp"
#include "results/merged/results_data.hpp"
#include "varia/error.hpp"

namespace varia::results {

using hdf5::Object;
using hdf5::Shape;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kBlockBytes = std::int64_t{256} << 20;
constexpr std::int64_t kChunkValues = std::int64_t{1} << 19;  // 4 MiB
constexpr std::int64_t kChunkEpochs = 50;

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

void MergedWriter::create_tables() {
  // The times are there even if no trial has a record, as all who read them expect.
  columns_.emplace_back();
  columns_.back().name = kSecondsPath;
  std::map<std::string, std::size_t> known{{kSecondsPath, 0}};
  for (const MergeEntry& entry : entries_) {
    const auto [places, is_new] = places_.try_emplace(entry.columns.get());
    if (!is_new) continue;
    for (const Column& column : *entry.columns) {
      const auto [place, is_first] = known.try_emplace(column.name, columns_.size());
      if (is_first) columns_.emplace_back();
      columns_[place->second].widen(column);
      places->second.push_back(place->second);
    }
  }
  std::int64_t width = 1;
  for (TableColumn& column : columns_) {
    // netCDF takes an axis without entries for one that may grow.
    for (std::int64_t& length : column.shape) length = std::max<std::int64_t>(length, 1);
    column.size = hdf5::count_of(column.shape);
    // The next merge reads all values of a trial at once.
    if (column.size > hdf5::kMaxElements - width ||
        hdf5::count_of({epochs_, width + column.size}) > hdf5::kMaxElements)
      throw StoreError(output_.root().file->path,
                       "with room for the shapes that all trials have of " + column.name +
                           ", one trial takes more than " + std::to_string(hdf5::kMaxElements) +
                           " values, which cannot be stored");
    width += column.size;
  }
  const std::int64_t trial_bytes = width * epochs_ * 8;
  for (const std::int64_t rows : {1000, 100, 10}) {
    if (block_ == 1 && rows * trial_bytes <= kBlockBytes) block_ = static_cast<std::size_t>(rows);
  }
  for (TableColumn& column : columns_) {
    const std::int64_t trials = std::min(static_cast<std::int64_t>(block_), trials_);
    const std::int64_t epochs = std::clamp<std::int64_t>(kChunkValues / (trials * column.size), 1,
                                                         std::min(kChunkEpochs, epochs_));
    Shape shape = {trials_, epochs_};
    Shape chunk = {trials, epochs};
    shape.insert(shape.end(), column.shape.begin(), column.shape.end());
    chunk.insert(chunk.end(), column.shape.begin(), column.shape.end());
    column.dataset =
        hdf5::create_dataset(group_of(column.name), last_part(column.name), shape, chunk, kNaN);
    if (column.shape.empty()) column.last.assign(entries_.size(), kNaN);
  }
}

Object MergedWriter::group_of(const std::string& path) const {
  const auto open = [](const Object& parent, const std::string& name) {
    return hdf5::exists(parent, name) ? hdf5::open_group(parent, name)
                                      : hdf5::create_group(parent, name);
  };
  const std::vector<std::string> parts = split_at(path, '/');
  Object group = open(output_.root(), parts.front());
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) group = open(group, parts[i]);
  return group;
}

const Column* MergedWriter::column_of(const MergeEntry& entry, std::size_t place) const {
  const std::vector<std::size_t>& places = places_.at(entry.columns.get());
  const auto found = std::ranges::find(places, place);
  return found == places.end() ? nullptr : &entry.columns->at(found - places.begin());
}

void MergedWriter::write_tables(std::size_t first, const std::vector<std::vector<double>>& tables) {
  const auto trials = static_cast<std::int64_t>(tables.size());
  std::vector<double> slab;
  for (std::size_t place = 0; place < columns_.size(); ++place) {
    TableColumn& target = columns_[place];
    const std::int64_t row_size = epochs_ * target.size;
    slab.assign(static_cast<std::size_t>(trials * row_size), kNaN);
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const MergeEntry& entry = entries_[first + i];
      const Column* column = column_of(entry, place);
      if (column == nullptr || column->size == 0) continue;
      const std::int64_t width = width_of(*entry.columns);
      double* to = slab.data() + static_cast<std::int64_t>(i) * row_size;
      for (std::int64_t e = 0; e < entry.trial.epochs_done; ++e) {
        const double* from = tables[i].data() + e * width + column->offset;
        if (column->shape == target.shape) {
          std::copy_n(from, column->size, to + e * target.size);
        } else {
          copy_padded(from, column->shape, to + e * target.size, target.shape);
        }
      }
      if (!target.last.empty() && entry.trial.epochs_done > 0) {
        target.last[first + i] = to[entry.trial.epochs_done - 1];
      }
    }
    Shape start(2 + target.shape.size(), 0);
    start[0] = static_cast<std::int64_t>(first);
    Shape count = {trials, epochs_};
    count.insert(count.end(), target.shape.begin(), target.shape.end());
    hdf5::write_box(target.dataset, start, count, slab.data());
    output_.check();
  }
}

void MergedWriter::finish_tables() {
  std::set<std::string> names;
  for (const TableColumn& column : columns_) names.insert(column.name);
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    TableColumn& column = columns_[c];
    const Object group = group_of(column.name);
    const std::string name = last_part(column.name);
    std::vector<Object> axes;
    for (std::size_t i = 0; i < column.shape.size(); ++i) {
      const std::string axis =
          i < column.info.axes.size() ? column.info.axes[i] : "axis" + std::to_string(i);
      std::string dimension = name + "_" + axis;
      // Another metric may have that name.
      while (hdf5::exists(group, dimension)) dimension += "_axis";
      axes.push_back(netcdf::write_dimension(group, dimension, column.shape[i]));
    }
    std::vector<const Object*> scales = {&trial_, &epoch_};
    for (const Object& axis : axes) scales.push_back(&axis);
    netcdf::attach(column.dataset, scales);
    const bool is_final = column.name.starts_with(kMetricsPath) && column.shape.empty();
    // Only what differs between trials has a data set of its own.
    std::vector<std::string> bounds;
    if (is_final && !names.contains(column.name + kBoundSuffix)) {
      for (const MergeEntry& entry : entries_) {
        const Column* own = column_of(entry, c);
        bounds.push_back(own == nullptr ? "" : own->info.bound);
      }
    }
    const bool bounds_differ = std::ranges::any_of(bounds, [&](const std::string& bound) {
      return !bound.empty() && bound != column.info.bound;
    });
    if (bounds_differ) column.info.bound.clear();
    const auto describe = [&](const Object& dataset) {
      if (!column.info.units.empty()) hdf5::write_attribute(dataset, "units", column.info.units);
      if (!column.info.bound.empty()) hdf5::write_attribute(dataset, "bound", column.info.bound);
      if (column.info.better != Better::neither)
        hdf5::write_attribute(dataset, "better", std::string(better_text(column.info.better)));
    };
    describe(column.dataset);
    if (!column.info.axes.empty()) {
      hdf5::write_attribute(column.dataset, "axes",
                            fmt::format("{}", fmt::join(column.info.axes, ",")));
    }
    if (!is_final) continue;
    const Object finals = group_of("final/" + column.name.substr(std::string(kMetricsPath).size()));
    if (bounds_differ)
      netcdf::attach(hdf5::write_texts(finals, name + kBoundSuffix, {trials_}, bounds), {&trial_});
    const Object last = hdf5::write(finals, name, {trials_}, column.last.data());
    netcdf::attach(last, {&trial_});
    describe(last);
  }
}

}  // namespace varia::results
