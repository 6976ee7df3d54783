#include "pages/report/series.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <span>

#include "analysis/ranking.hpp"
#include "analysis/udr.hpp"
#include "varia/error.hpp"

namespace varia::report {

namespace {

using results::Array;
using results::Results;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kRowsAtOnce = 256;

/// The number of values that an array of these sides has, no more than kMostValues.
std::int64_t checked_count(const std::vector<Results>& files, const std::string& name,
                           const std::vector<std::int64_t>& sides) {
  const auto count = results::count_of(sides);
  if (count > kMostValues)
    throw StoreError(files.front().path(), name + " has more than " + std::to_string(kMostValues) +
                                               " values over all trials, too many for one report");
  return count;
}

std::int64_t trials_of(const std::vector<Results>& files) {
  std::int64_t count = 0;
  for (const auto& file : files) count += static_cast<std::int64_t>(file.size());
  return count;
}

/// The last epoch of a row [epoch, size] that has any number; 0 if none has.
std::int64_t last_epoch(const double* row, std::int64_t epochs, std::int64_t size) {
  for (std::int64_t epoch = epochs; epoch-- > 0;)
    if (std::any_of(row + epoch * size, row + (epoch + 1) * size,
                    [](double value) { return !std::isnan(value); }))
      return epoch;
  return 0;
}

/// Reads [trial, epoch, own axes...] of `count` trials of a file from `first`.
using Read = std::function<Array(const Results& file, std::size_t first, std::size_t count)>;

/// [trial, epoch, own axes...] of what `read` gives of the files that have it, NaN for the others;
/// if last_only, [trial, own axes...].
/// @param shape of one value: the largest of all files
std::vector<double> padded_series(const std::vector<Results>& files, const std::string& name,
                                  const std::vector<std::int64_t>& shape, bool last_only,
                                  const std::function<bool(const Results&)>& has,
                                  const Read& read) {
  const auto size = checked_count(files, name, shape);
  const auto kept = last_only ? 1 : epochs_of(files);
  std::vector<double> values(
      static_cast<std::size_t>(checked_count(files, name, {trials_of(files), kept, size})), kNaN);
  auto* target = values.data();
  for (const auto& file : files) {
    const auto rows = has(file) ? static_cast<std::int64_t>(file.size()) : 0;
    for (std::int64_t first = 0; first < rows; first += kRowsAtOnce) {
      const auto count = std::min(kRowsAtOnce, rows - first);
      const auto array =
          read(file, static_cast<std::size_t>(first), static_cast<std::size_t>(count));
      const std::vector<std::int64_t> own(array.shape.begin() + 2, array.shape.end());
      const auto own_size = results::count_of(own);
      for (std::int64_t i = 0; i < count; ++i) {
        const auto* row = array.values.data() + i * file.epochs() * own_size;
        const auto last = last_only ? last_epoch(row, file.epochs(), own_size) : 0;
        const auto copied = last_only ? std::min<std::int64_t>(1, file.epochs()) : file.epochs();
        for (std::int64_t epoch = 0; epoch < copied; ++epoch)
          results::copy_padded(row + (last + epoch) * own_size, own,
                               target + ((first + i) * kept + epoch) * size, shape);
      }
    }
    target += static_cast<std::int64_t>(file.size()) * kept * size;
  }
  return values;
}

/// [trial, epoch] curves of values that trials have at their last epoch alone.
Array at_last_epochs(const Results& file, std::span<const double> values, std::size_t first) {
  const auto epochs = static_cast<std::size_t>(file.epochs());
  Array curves{{static_cast<std::int64_t>(values.size()), file.epochs()}, {}};
  curves.values.assign(values.size() * epochs, kNaN);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto done = static_cast<std::size_t>(file.trials()[first + i].epochs_done);
    if (done > 0) curves.values[i * epochs + done - 1] = values[i];
  }
  return curves;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::int64_t epochs_of(const std::vector<Results>& files) {
  std::int64_t epochs = 0;
  for (const auto& file : files) epochs = std::max(epochs, file.epochs());
  return epochs;
}

bool keeps_last_epoch_only(const std::vector<Results>& files, const std::string& name,
                           const std::vector<std::int64_t>& shape) {
  const auto size = checked_count(files, name, shape);
  const auto curves = checked_count(files, name, {trials_of(files), epochs_of(files)});
  return !shape.empty() && (size > kMostArrayValues || curves * size > kMostArrayValues);
}

std::vector<double> metric_series(const std::vector<Results>& files, const std::string& name,
                                  const std::vector<std::int64_t>& shape, bool last_only) {
  std::map<const Results*, std::vector<double>> derived;
  for (const auto& file : files)
    if (analysis::is_udr_metric(file, name)) derived[&file] = analysis::udr_scores(file, name);
  return padded_series(
      files, name, shape, last_only,
      [&](const Results& file) {
        return derived.contains(&file) ||
               std::ranges::find(file.metrics(), name, &results::Column::name) !=
                   file.metrics().end();
      },
      [&](const Results& file, std::size_t first, std::size_t count) {
        const auto scores = derived.find(&file);
        return scores == derived.end()
                   ? file.metric(name, first, count)
                   : at_last_epochs(file, std::span(scores->second).subspan(first, count), first);
      });
}

std::vector<double> final_values(const std::vector<Results>& files, const std::string& name) {
  std::vector<double> values;
  for (const auto& file : files) {
    if (contains(analysis::scalar_metrics(file), name)) {
      const auto own = analysis::final_values(file, name);
      values.insert(values.end(), own.begin(), own.end());
    } else {
      values.resize(values.size() + file.size(), kNaN);
    }
  }
  return values;
}

std::vector<double> schedule_series(const std::vector<Results>& files, const std::string& key) {
  return padded_series(
      files, key, {}, false, [&](const Results& file) { return contains(file.schedules(), key); },
      [&](const Results& file, std::size_t first, std::size_t count) {
        return file.schedule(key, first, count);
      });
}

std::vector<double> seconds_series(const std::vector<Results>& files) {
  return padded_series(
      files, "the time of epochs", {}, false,
      [](const Results& file) {  // there are none before the end of a first epoch
        return std::ranges::any_of(file.trials(),
                                   [](const auto& trial) { return trial.epochs_done > 0; });
      },
      [](const Results& file, std::size_t first, std::size_t count) {
        return file.seconds(first, count);
      });
}

std::map<std::string, StepCurves> step_curves(const std::vector<Results>& files) {
  std::map<std::string, StepCurves> curves;
  for (const auto& file : files)
    for (const auto& name : file.steps()) curves[name];
  for (auto& [name, curve] : curves) {
    std::vector<std::vector<results::StepValue>> rows;
    std::size_t total = 0;
    for (const auto& file : files) {
      const bool has = contains(file.steps(), name);
      for (std::size_t trial = 0; trial < file.size(); ++trial) {
        rows.push_back(has ? file.step_values(name, trial) : std::vector<results::StepValue>());
        total += rows.back().size();
      }
    }
    const auto stride = std::max<std::size_t>(1, (total + kMostSteps - 1) / kMostSteps);
    for (const auto& row : rows) {
      curve.offsets.push_back(curve.steps.size());
      for (std::size_t i = 0; i < row.size(); i += stride) {
        curve.steps.push_back(static_cast<double>(row[i].step));
        curve.values.push_back(row[i].value);
      }
    }
    curve.offsets.push_back(curve.steps.size());
  }
  return curves;
}

}  // namespace varia::report
