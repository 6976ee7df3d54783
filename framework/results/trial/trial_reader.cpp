#include "results/trial/trial_reader.hpp"

#include <algorithm>
#include <string_view>

#include "hdf5/dataset.hpp"
#include "results/trial/summary_text.hpp"
#include "results/trial/trial_input.hpp"

namespace varia::results {

namespace {

/// The part of a column's path after `prefix`, or "".
std::string after(const std::string& path, std::string_view prefix) {
  return path.starts_with(prefix) ? path.substr(prefix.size()) : std::string();
}

TrialHeader whole_header(const TrialInput& input, const std::vector<Column>& columns) {
  TrialHeader header = input.header();
  header.config = input.config();
  for (const Column& column : columns) {
    const std::string metric = after(column.name, kMetricsPath);
    if (!metric.empty()) header.metrics[metric] = column.info;
  }
  return header;
}

void read_row(const std::vector<Column>& columns, const double* row, EpochRecord& record) {
  for (const Column& column : columns) {
    const double* values = row + column.offset;
    const std::string metric = after(column.name, kMetricsPath);
    const std::string schedule = after(column.name, kSchedulesPath);
    const std::size_t slash = metric.find('/');
    if (slash != std::string::npos) {
      record.metrics[metric.substr(0, slash)][metric.substr(slash + 1)] = {
          column.shape, {values, values + column.size}};
    } else if (!schedule.empty()) {
      record.schedules[schedule] = *values;
    } else if (column.name == kSecondsPath) {
      record.seconds = *values;
    }
  }
}

}  // namespace

Trial read_trial(const std::string& path) {
  const TrialInput input(path);
  const std::vector<Column> columns = input.columns();
  Trial trial;
  trial.header = whole_header(input, columns);
  const std::vector<double> table = input.table(columns, trial.header.epochs_done);
  const auto width = static_cast<std::size_t>(width_of(columns));
  trial.epochs.resize(static_cast<std::size_t>(trial.header.epochs_done));
  for (std::size_t e = 0; e < trial.epochs.size(); ++e) {
    trial.epochs[e].epoch = static_cast<std::int64_t>(e) + 1;
    read_row(columns, table.data() + e * width, trial.epochs[e]);
  }
  for (const std::string& name : input.names("steps")) {
    for (const StepRow& row : input.steps(name)) {
      const auto& [epoch, step, value] = row;
      if (!(epoch >= 1 && epoch <= static_cast<double>(trial.epochs.size()))) continue;
      trial.epochs[static_cast<std::size_t>(epoch) - 1].steps[name].push_back(
          {static_cast<std::int64_t>(step), value});
    }
  }
  for (const std::string& name : input.names("views")) {
    const hdf5::Object group = input.view(name);
    View& view = trial.views[name];
    view.layout = read_layout(group);
    for (const std::string& frame : hdf5::names(group)) {
      view.pictures.push_back(read_picture(hdf5::open_dataset(group, frame)));
    }
  }
  for (const std::string& name : input.names("points")) {
    const hdf5::Object group = input.point_group(name);
    const std::size_t count = points_count(group);
    for (std::size_t i = 0; i < count; ++i) trial.points[name].push_back(read_points(group, i));
  }
  return trial;
}

TrialInfo read_trial_info(const std::string& path) {
  if (auto info = read_summary_text(path)) return std::move(*info);
  return TrialInput(path, /*is_checked=*/false).info();
}

TrialHeader read_trial_header(const std::string& path) {
  const TrialInput input(path);
  return whole_header(input, input.columns());
}

TrialCurve read_trial_curve(const std::string& path, const std::string& metric) {
  const TrialInput input(path);
  const std::vector<Column> columns = input.columns();
  TrialCurve curve{input.info(), {}, Better::neither};
  const std::int64_t epochs = curve.trial.epochs_done;
  const auto column = std::find_if(columns.begin(), columns.end(), [&](const Column& candidate) {
    return candidate.name == kMetricsPath + metric && candidate.shape.empty();
  });
  if (column == columns.end() || epochs == 0) return curve;
  curve.better = column->info.better;
  const std::vector<double> table = input.table(columns, epochs);
  const auto width = static_cast<std::size_t>(width_of(columns));
  for (auto at = static_cast<std::size_t>(column->offset); at < table.size(); at += width)
    curve.values.push_back(table[at]);
  return curve;
}

}  // namespace varia::results
