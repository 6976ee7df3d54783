#include "results/merged/merge_input.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "hdf5/dataset.hpp"
#include "results/lists.hpp"
#include "results/merged/results_data.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::results {

using hdf5::Object;
using hdf5::Shape;

namespace {

class FileValues final : public TrialValues {
 public:
  explicit FileValues(const MergeEntry& entry) : entry_(entry), input_(entry.path) {
    const auto now = input_.info();
    // One that is in progress may have become longer.
    if (now.token != entry.trial.token || now.status != entry.trial.status ||
        now.epochs_done < entry.trial.epochs_done)
      throw StoreError(entry.path, "was written anew meanwhile; merge again");
  }

  std::vector<double> table() override {
    return input_.table(*entry_.columns, entry_.trial.epochs_done);
  }
  std::vector<StepValue> steps(const std::string& name) override {
    std::vector<StepValue> values;
    for (const auto& [epoch, step, value] : input_.steps(name)) {
      values.push_back({static_cast<std::int64_t>(step), value});
    }
    return values;
  }
  Picture caption(const std::string& view, std::size_t frame) override {
    return read_caption(open(view, frame));
  }
  Picture picture(const std::string& view, std::size_t frame) override {
    return read_picture(open(view, frame));
  }
  bool copy_picture(const std::string& view, std::size_t frame, const Object& to,
                    const Shape& offset) override {
    const Object dataset = open(view, frame);
    return hdf5::copy_chunk(dataset, Shape(picture_shape(dataset).size(), 0), to, offset);
  }
  std::vector<Points> points(const std::string& name) override {
    const Object group = input_.point_group(name);
    std::vector<Points> sets;
    const std::size_t count =
        std::min(points_count(group), static_cast<std::size_t>(entry_.points.at(name).frames));
    for (std::size_t i = 0; i < count; ++i) sets.push_back(read_points(group, i));
    return sets;
  }

 private:
  Object open(const std::string& view, std::size_t frame) const {
    return hdf5::open_dataset(input_.view(view), frame_name(frame));
  }

  const MergeEntry& entry_;
  TrialInput input_;
};

ViewColumn view_of(const std::string& name, const Object& group) {
  ViewColumn view{name};
  for (const std::string& frame : hdf5::names(group)) {
    const Shape shape = picture_shape(hdf5::open_dataset(group, frame));
    view.height = std::max(view.height, shape[0]);
    view.width = std::max(view.width, shape[1]);
    if (shape.size() == 3) view.channels = 3;
    ++view.frames;
  }
  return view;
}

ViewColumn plots_of(const std::string& name, const Object& group) {
  ViewColumn plots{name};
  plots.frames = static_cast<std::int64_t>(points_count(group));
  for (std::size_t i = 0; i < static_cast<std::size_t>(plots.frames); ++i) {
    const Object dataset = hdf5::open_dataset(group, frame_name(i));
    hdf5::require(dataset, 2, H5T_FLOAT);
    hdf5::require_sane(dataset, hdf5::count_of(hdf5::shape_of(dataset)));
    plots.height = std::max(plots.height, hdf5::shape_of(dataset)[0]);
  }
  return plots;
}

/// A number that was stored as text because other trials have text under the same key, written as
/// the merge writes it.
std::variant<double, std::string> number_or_text(const std::string& text) {
  const std::optional<double> number = Value::scalar(text).as_real();
  if (number && number_text(*number) == text) return *number;
  return text;
}

Columns shared(ColumnPool& pool, std::vector<Column> columns) {
  std::string key;
  for (const Column& column : columns) {
    key += fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n", column.name, shape_text(column.shape),
                       column.info.units, column.info.bound, fmt::join(column.info.axes, ","),
                       better_text(column.info.better));
  }
  Columns& known = pool[key];
  if (!known) known = std::make_shared<const std::vector<Column>>(std::move(columns));
  return known;
}

}  // namespace

MergeEntry read_entry(const std::string& path, ColumnPool& pool, std::size_t& room) {
  const TrialInput input(path);
  MergeEntry entry;
  entry.trial = input.header();
  entry.trial.config = input.config();
  entry.columns = shared(pool, input.columns());
  for (const std::string& name : input.names("steps")) entry.steps[name] = input.step_count(name);
  for (const std::string& name : input.names("views")) {
    const Object group = input.view(name);
    entry.views[name] = view_of(name, group);
    entry.layouts[name] = read_layout(group);
  }
  for (const std::string& name : input.names("points")) {
    entry.points[name] = plots_of(name, input.point_group(name));
  }
  entry.path = path;
  const std::int64_t values = hdf5::count_of({entry.trial.epochs_done, width_of(*entry.columns)});
  if (values <= static_cast<std::int64_t>(room)) {
    entry.table = input.table(*entry.columns, entry.trial.epochs_done);
    room -= static_cast<std::size_t>(values);
  } else {
    input.require_table(*entry.columns, entry.trial.epochs_done);
  }
  return entry;
}

bool has_series(const MergeEntry& entry) {
  return !entry.views.empty() || !entry.points.empty() || !entry.steps.empty();
}

std::unique_ptr<TrialValues> open_values(const MergeEntry& entry) {
  return std::make_unique<FileValues>(entry);
}

class OldResults::Values final : public TrialValues {
 public:
  Values(OldResults& old, const MergeEntry& entry) : old_(old), entry_(entry) {}

  std::vector<double> table() override {
    const std::vector<Column>& columns = *entry_.columns;
    const std::int64_t width = width_of(columns);
    const std::int64_t values = hdf5::count_of({entry_.trial.epochs_done, width});
    if (values > hdf5::kMaxElements)
      hdf5::damaged(old_.results_.data_->root, "trial " + entry_.trial.id + " has too many values");
    std::vector<double> table(static_cast<std::size_t>(values));
    for (const Column& column : columns) {
      old_.copy_row(column, entry_.old_row, entry_.trial.epochs_done, width, table.data());
    }
    return table;
  }
  std::vector<StepValue> steps(const std::string& name) override {
    return old_.results_.step_values(name, entry_.old_row);
  }
  Picture caption(const std::string& view, std::size_t frame) override {
    return old_.results_.captions(view, entry_.old_row).at(frame);
  }
  Picture picture(const std::string& view, std::size_t frame) override {
    return old_.results_.picture(view, entry_.old_row, frame);
  }
  bool copy_picture(const std::string& view, std::size_t frame, const Object& to,
                    const Shape& offset) override {
    Shape from(offset.size(), 0);
    from[0] = static_cast<std::int64_t>(entry_.old_row);
    from[1] = static_cast<std::int64_t>(frame);
    return hdf5::copy_chunk(old_.views_.at(view), from, to, offset);
  }
  std::vector<Points> points(const std::string& name) override {
    return old_.results_.point_sets(name, entry_.old_row);
  }

 private:
  OldResults& old_;
  const MergeEntry& entry_;
};

OldResults::OldResults(Results results) : results_(std::move(results)) {
  std::vector<Column> columns;
  std::int64_t offset = 0;
  const auto add = [&](const std::string& path, const Column& column = {}) {
    const std::int64_t size = hdf5::count_of(column.shape);
    if (size > hdf5::kMaxElements - offset)
      hdf5::damaged(results_.data_->root, "a row of " + path + " has too many values");
    columns.push_back({path, column.info, column.shape, offset, size});
    offset += size;
  };
  if (results_.data_->has("timing", "seconds")) add(kSecondsPath);
  const std::size_t metrics = columns.size();
  for (const Column& metric : results_.metrics()) add(kMetricsPath + metric.name, metric);
  for (const std::string& key : results_.schedules()) add(kSchedulesPath + key);
  std::vector<std::pair<std::size_t, std::vector<std::string>>> bounds;  // by column
  for (std::size_t i = 0; i < results_.metrics().size(); ++i) {
    const std::string& name = results_.metrics()[i].name;
    if (results_.data_->has_bounds(name)) bounds.emplace_back(metrics + i, results_.bounds(name));
  }
  ColumnPool pool;
  columns_.assign(results_.size(), shared(pool, columns));
  for (std::size_t row = 0; row < columns_.size() && !bounds.empty(); ++row) {
    for (const auto& [place, texts] : bounds) columns[place].info.bound = texts[row];
    columns_[row] = shared(pool, columns);
  }
  for (const ViewColumn& view : results_.views()) {
    views_.emplace(view.name, results_.data_->dataset("views", view.name));
  }
}

OldResults::~OldResults() = default;

MergeEntry OldResults::entry(std::size_t row) const {
  MergeEntry entry;
  entry.trial = {results_.trials().at(row), results_.config(row), {}, {}};
  entry.columns = columns_.at(row);
  entry.old_row = row;
  for (const ParameterColumn& column : results_.parameters()) {
    Parameter parameter{column.key, 0.0, column.swept};
    if (column.is_text) {
      if (column.texts[row].empty()) continue;
      parameter.value = number_or_text(column.texts[row]);
    } else {
      if (std::isnan(column.numbers[row])) continue;
      parameter.value = column.numbers[row];
    }
    entry.trial.parameters.push_back(std::move(parameter));
  }
  for (const ViewColumn& all : results_.views()) {
    const std::vector<Picture> captions = results_.captions(all.name, row);
    if (captions.empty()) continue;
    ViewColumn& view = entry.views[all.name];
    view.frames = static_cast<std::int64_t>(captions.size());
    view.channels = all.channels;
    for (const Picture& caption : captions) {
      view.height = std::max(view.height, caption.height);
      view.width = std::max(view.width, caption.width);
    }
    entry.layouts[all.name] = results_.layout(all.name, row);
  }
  for (const std::string& name : results_.points()) {
    const std::vector<Points> sets = results_.point_sets(name, row);
    if (sets.empty()) continue;
    ViewColumn& plots = entry.points[name];
    plots.frames = static_cast<std::int64_t>(sets.size());
    for (const Points& set : sets) {
      plots.height = std::max(plots.height, static_cast<std::int64_t>(set.labels.size()));
    }
  }
  for (const std::string& name : results_.steps()) {
    const auto count = static_cast<std::int64_t>(results_.step_values(name, row).size());
    if (count > 0) entry.steps[name] = count;
  }
  return entry;
}

std::unique_ptr<TrialValues> OldResults::open_values(const MergeEntry& entry) {
  return std::make_unique<Values>(*this, entry);
}

void OldResults::copy_row(const Column& column, std::size_t row, std::int64_t epochs,
                          std::int64_t width, double* table) {
  constexpr std::int64_t kWindowValues = std::int64_t{1} << 20;
  auto& [first, rows] = windows_[column.name];
  const std::int64_t all_epochs = results_.epochs();
  const auto count = rows.shape.empty() ? 0 : static_cast<std::size_t>(rows.shape[0]);
  if (row < first || row >= first + count) {
    const std::int64_t wanted = std::clamp<std::int64_t>(
        kWindowValues / std::max<std::int64_t>(1, all_epochs * column.size), 1, 256);
    const std::size_t slash = column.name.find('/');
    const Object dataset =
        results_.data_->dataset(column.name.substr(0, slash), column.name.substr(slash + 1));
    first = row;
    rows = results_.data_->rows(dataset, column.shape, first,
                                std::min(static_cast<std::size_t>(wanted), results_.size() - row));
  }
  const double* values =
      rows.values.data() + static_cast<std::ptrdiff_t>(row - first) * all_epochs * column.size;
  for (std::int64_t e = 0; e < epochs; ++e) {
    std::copy_n(values + e * column.size, column.size, table + e * width + column.offset);
  }
}

}  // namespace varia::results
