#include "pages/report/series.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

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
  std::int64_t count = 1;
  for (const auto side : sides) {
    if (side > 0 && count > kMostValues / side)
      throw StoreError(files.front().path(),
                       name + " has more than " + std::to_string(kMostValues) +
                           " values over all trials, too many for one report");
    count *= side;
  }
  return count;
}

std::int64_t product(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const auto side : shape) count *= side;
  return count;
}

std::int64_t trials_of(const std::vector<Results>& files) {
  std::int64_t count = 0;
  for (const auto& file : files) count += static_cast<std::int64_t>(file.size());
  return count;
}

bool has_metric(const Results& file, const std::string& name) {
  return std::any_of(file.metrics().begin(), file.metrics().end(),
                     [&](const auto& metric) { return metric.name == name; });
}

/// The last epoch of a row [epoch, size] that has any number; 0 if none has.
std::int64_t last_epoch(const double* row, std::int64_t epochs, std::int64_t size) {
  for (std::int64_t epoch = epochs; epoch-- > 0;)
    if (std::any_of(row + epoch * size, row + (epoch + 1) * size,
                    [](double value) { return !std::isnan(value); }))
      return epoch;
  return 0;
}

using Read = std::function<Array(const Results&, std::size_t, std::size_t)>;

/// [trial, epoch] of what `read` gives of a file; NaN for files that `has` does not hold for.
std::vector<double> scalar_series(const std::vector<Results>& files, const std::string& name,
                                  const std::function<bool(const Results&)>& has,
                                  const Read& read) {
  const auto epochs = epochs_of(files);
  std::vector<double> values(
      static_cast<std::size_t>(checked_count(files, name, {trials_of(files), epochs})), kNaN);
  auto target = values.begin();
  for (const auto& file : files) {
    const auto own = file.epochs();
    if (has(file) && own > 0) {
      const auto array = read(file, 0, file.size());
      for (std::size_t i = 0; i < file.size(); ++i)
        std::copy_n(array.values.begin() + static_cast<std::ptrdiff_t>(i) * own, own,
                    target + static_cast<std::ptrdiff_t>(i) * epochs);
    }
    target += static_cast<std::ptrdiff_t>(file.size()) * epochs;
  }
  return values;
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
  const auto size = checked_count(files, name, shape);
  const auto kept = last_only ? 1 : epochs_of(files);
  std::vector<double> values(
      static_cast<std::size_t>(checked_count(files, name, {trials_of(files), kept, size})), kNaN);
  auto* target = values.data();
  for (const auto& file : files) {
    const auto rows = static_cast<std::int64_t>(file.size());
    if (has_metric(file, name)) {
      for (std::int64_t first = 0; first < rows; first += kRowsAtOnce) {
        const auto count = std::min(kRowsAtOnce, rows - first);
        const auto array =
            file.metric(name, static_cast<std::size_t>(first), static_cast<std::size_t>(count));
        const std::vector<std::int64_t> own(array.shape.begin() + 2, array.shape.end());
        const auto own_size = product(own);
        for (std::int64_t i = 0; i < count; ++i) {
          const auto* row = array.values.data() + i * file.epochs() * own_size;
          const auto last = last_only ? last_epoch(row, file.epochs(), own_size) : 0;
          const auto copied = last_only ? std::min<std::int64_t>(1, file.epochs()) : file.epochs();
          for (std::int64_t epoch = 0; epoch < copied; ++epoch)
            results::copy_padded(row + (last + epoch) * own_size, own,
                                 target + ((first + i) * kept + epoch) * size, shape);
        }
      }
    }
    target += rows * kept * size;
  }
  return values;
}

std::vector<double> schedule_series(const std::vector<Results>& files, const std::string& key) {
  return scalar_series(
      files, key,
      [&](const Results& file) {
        return std::find(file.schedules().begin(), file.schedules().end(), key) !=
               file.schedules().end();
      },
      [&](const Results& file, std::size_t first, std::size_t count) {
        return file.schedule(key, first, count);
      });
}

std::vector<double> seconds_series(const std::vector<Results>& files) {
  return scalar_series(
      files, "the time of epochs",
      [](const Results& file) {  // there are none before the end of a first epoch
        return std::any_of(file.trials().begin(), file.trials().end(),
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
      const bool has =
          std::find(file.steps().begin(), file.steps().end(), name) != file.steps().end();
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
