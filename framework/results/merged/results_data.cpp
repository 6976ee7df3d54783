#include "results/merged/results_data.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <system_error>
#include <type_traits>
#include <utility>

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "hdf5/netcdf.hpp"
#include "results/file_frame.hpp"
#include "results/format.hpp"
#include "results/lists.hpp"
#include "results/names.hpp"
#include "results/trial/trial_input.hpp"
#include "varia/error.hpp"

namespace varia::results {

using hdf5::Object;
using hdf5::Shape;

namespace {

/// Larger files are checked as a whole only before a merge or when they are asked about; else as
/// far as they are read, since HDF5 checks what is compressed.
constexpr std::uintmax_t kQuickToCheck = std::uintmax_t{256} << 20;

/// HDF5 does not miss what was cut off, or added, behind its own part. A file that another program
/// has written to ends with that part.
/// @throws StoreError unless it does
void require_hdf5_end(const std::string& path, std::uint64_t size) {
  const std::uint64_t end = hdf5::size_in_superblock(path);
  if (size == end) return;
  const std::uint64_t whole = end + kEndSize;
  const std::string what =
      end == 0       ? "another program has written it anew"
      : size < whole ? fmt::format("it is cut short: {} of {} bytes", size, whole)
      : size > whole ? fmt::format("{} bytes were added behind its end", size - whole)
                     : "its last line, the checksum, has changed";
  throw StoreError(path, fmt::format("is damaged: {}. {}", what, kMergeAgain));
}

/// The names of what is in a group of the root; none if it is not there.
std::vector<std::string> child_names(const Object& root, const std::string& name) {
  if (!hdf5::exists(root, name)) return {};
  return hdf5::names(hdf5::open_group(root, name));
}

/// Those of them beside which stands one with that ending.
std::vector<std::string> names_with(const Object& root, const std::string& group,
                                    const std::string& ending,
                                    const std::function<void(const std::string&)>& check) {
  std::vector<std::string> found;
  for (const std::string& name : child_names(root, group)) {
    const Object parent = hdf5::open_group(root, group);
    if (!hdf5::exists(parent, name + ending)) continue;
    require_name(parent, name, check);
    found.push_back(name);
  }
  return found;
}

/// The values of a data set [trial].
template <class T>
std::vector<T> read_values(const Object& group, const std::string& name, std::int64_t trials) {
  constexpr bool kIsText = std::is_same_v<T, std::string>;
  const Object dataset = hdf5::open_dataset(group, name);
  hdf5::require(dataset, 1,
                kIsText                       ? H5T_STRING
                : std::is_floating_point_v<T> ? H5T_FLOAT
                                              : H5T_INTEGER);
  if (hdf5::shape_of(dataset)[0] != trials) hdf5::damaged(dataset, "not one value per trial");
  if constexpr (kIsText) {
    return hdf5::read_texts(dataset);
  } else {
    return hdf5::read<T>(dataset);
  }
}

void read_trials(ResultsData& results, std::int64_t count) {
  const Object group = hdf5::open_group(results.root, "trials");
  results.trials.resize(static_cast<std::size_t>(count));
  for_each_trial_field([&]<class T>(const TrialField<T>& field) {
    if (field.is_optional && !hdf5::exists(group, field.name)) return;
    auto stored = read_values<StoredField<T>>(group, field.name, count);
    for (std::size_t i = 0; i < stored.size(); ++i) {
      if (load_field(std::move(stored[i]), results.trials[i].*field.member)) continue;
      hdf5::damaged(group, std::string(field.name) + " of trial " + std::to_string(i) +
                               " has an unknown value");
    }
  });
  for (const TrialInfo& trial : results.trials) {
    require_good(group, trial);
    if (trial.epochs_done > results.epochs)
      hdf5::damaged(
          group, "epochs_done of trial " + trial.id + " is " + std::to_string(trial.epochs_done));
  }
}

void read_parameters(ResultsData& results, std::int64_t count) {
  const Object group = hdf5::open_group(results.root, "parameters");
  for (const std::string& key : hdf5::names(group)) {
    require_name(group, key, check_parameter_key);
    const Object dataset = hdf5::open_dataset(group, key);
    ParameterColumn column;
    column.key = key;
    column.swept = hdf5::read_attribute<std::int64_t>(dataset, "swept") != 0;
    column.is_text = hdf5::class_of(dataset) == H5T_STRING;
    if (column.is_text) {
      column.texts = read_values<std::string>(group, key, count);
    } else {
      column.numbers = read_values<double>(group, key, count);
    }
    results.parameters.push_back(std::move(column));
  }
}

void make_notes(ResultsData& results) {
  std::map<std::string, std::vector<std::string>> texts;
  for (std::size_t i = 0; i < results.trials.size(); ++i) {
    for (const auto& [key, text] : results.trials[i].notes) {
      auto& column = texts[key];
      column.resize(results.trials.size());
      column[i] = text;
    }
  }
  for (auto& [key, column] : texts) {
    results.notes.push_back({.key = "notes." + key,
                             .swept = false,
                             .is_text = true,
                             .numbers = {},
                             .texts = std::move(column)});
  }
}

void read_metrics(ResultsData& results, std::int64_t count) {
  for (const std::string& split : child_names(results.root, "metrics")) {
    const Object all = hdf5::open_group(results.root, "metrics");
    require_name(all, split, [](const std::string& name) { check_name("split", name); });
    const Object group = hdf5::open_group(all, split);
    for (const std::string& name : hdf5::names(group)) {
      const Object dataset = hdf5::open_dataset(group, name);
      if (netcdf::is_scale(dataset)) continue;
      require_name(group, name, check_metric_name);
      const Shape shape = hdf5::shape_of(dataset);
      if (shape.size() < 2 || shape[0] != count || shape[1] != results.epochs) {
        hdf5::damaged(dataset, "its shape [" + shape_text(shape) + "] is not [trial, epoch, ...]");
      }
      const auto text = [&](const char* attribute) {
        return hdf5::has_attribute(dataset, attribute)
                   ? hdf5::read_attribute<std::string>(dataset, attribute)
                   : std::string();
      };
      const Better better = hdf5::has_attribute(dataset, "better")
                                ? required_better(dataset, text("better"))
                                : Better::neither;
      results.metrics.push_back(
          {.name = split + "/" + name,
           .info = {text("units"), text("bound"), split_at(text("axes"), ','), better},
           .shape = {shape.begin() + 2, shape.end()}});
    }
  }
}

void read_views(ResultsData& results, std::int64_t count) {
  for (const std::string& name : child_names(results.root, "views")) {
    const Object group = hdf5::open_group(results.root, "views");
    const Object dataset = hdf5::open_dataset(group, name);
    if (!hdf5::has_attribute(dataset, "IMAGE_VERSION")) continue;
    require_name(group, name, check_view_name);
    const Shape shape = hdf5::shape_of(dataset);
    const bool good = (shape.size() == 4 || (shape.size() == 5 && shape[4] == 3)) &&
                      shape[0] == count && shape[2] > 0 && shape[3] > 0 &&
                      shape[2] <= kMaxStoredSide && shape[3] <= kMaxStoredSide;
    if (!good) hdf5::damaged(dataset, "its shape [" + shape_text(shape) + "] is no view's");
    results.views.push_back({name, shape[1], shape[2], shape[3], shape.size() == 5 ? 3 : 1});
  }
}

/// The metric or view of that name. @throws StoreError
template <class T>
const T& find_named(const ResultsData& results, const std::vector<T>& columns, const char* kind,
                    const std::string& name) {
  const auto found = std::ranges::find(columns, name, &T::name);
  if (found != columns.end()) return *found;
  std::vector<std::string> known;
  for (const T& column : columns) known.push_back(column.name);
  throw StoreError(results.root.file->path,
                   std::string("has no ") + kind + " '" + name +
                       "'. It has: " + fmt::format("{}", fmt::join(known, " ")));
}

}  // namespace

std::unique_ptr<ResultsData> open_results_head(const std::string& path) {
  std::error_code ignored;
  const auto size = std::filesystem::file_size(path, ignored);
  const bool is_known = ignored                 ? false
                        : size <= kQuickToCheck ? require_intact(path, kMergeAgain)
                                                : has_end(path);
  auto data = std::make_unique<ResultsData>();
  data->root = hdf5::open_file(path, /*is_data=*/false, kMergeAgain);
  const Object& root = data->root;
  require_format(root, kResultsFormat,
                 "Use the Varia that wrote it, or move it away and merge again.");
  if (!is_known) require_hdf5_end(path, size);
  const auto text = [&](const char* name) { return hdf5::read_attribute<std::string>(root, name); };
  data->experiment = {.name = text("name"),
                      .yaml = text("experiment"),
                      .created = text("created"),
                      .host = text("host"),
                      .versions = text("versions"),
                      .plugins = text("plugins")};
  const auto length = [&](const char* name) {
    const Object dataset = hdf5::open_dataset(root, name);
    hdf5::require(dataset, 1, H5T_INTEGER);
    const std::int64_t count = hdf5::shape_of(dataset)[0];
    hdf5::require_sane(dataset, count);
    return count;
  };
  const std::int64_t count = length("trial");
  data->epochs = length("epoch");
  read_trials(*data, count);
  return data;
}

std::unique_ptr<ResultsData> open_results_data(const std::string& path) {
  std::unique_ptr<ResultsData> data = open_results_head(path);
  const Object& root = data->root;
  const auto count = static_cast<std::int64_t>(data->trials.size());
  read_parameters(*data, count);
  make_notes(*data);
  read_metrics(*data, count);
  read_views(*data, count);
  data->schedules = child_names(root, "schedules");
  for (const std::string& key : data->schedules) require_name(root, key, check_parameter_key);
  data->steps = names_with(root, "steps", "_step", check_curve_name);
  data->points = names_with(root, "points", "_label", check_view_name);
  return data;
}

const Column& ResultsData::metric(const std::string& name) const {
  return find_named(*this, metrics, "metric", name);
}

const ViewColumn& ResultsData::view(const std::string& name) const {
  return find_named(*this, views, "view", name);
}

bool ResultsData::has(const std::string& group, const std::string& name) const {
  return hdf5::exists(root, group) && hdf5::exists(hdf5::open_group(root, group), name);
}

bool ResultsData::has_bounds(const std::string& metric) const {
  const std::string name = metric + kBoundSuffix;
  const bool is_metric = std::ranges::find(metrics, name, &Column::name) != metrics.end();
  if (is_metric || !hdf5::exists(root, "final")) return false;
  const Object final = hdf5::open_group(root, "final");
  const std::size_t slash = name.find('/');
  return hdf5::exists(final, name.substr(0, slash)) && hdf5::exists(final, name);
}

std::int64_t ResultsData::checked(std::size_t trial) const {
  if (trial < trials.size()) return static_cast<std::int64_t>(trial);
  throw StoreError(root.file->path, "has " + std::to_string(trials.size()) + " trials, no trial " +
                                        std::to_string(trial));
}

Object ResultsData::dataset(const std::string& group, const std::string& name) const {
  Object dataset = hdf5::open_dataset(hdf5::open_group(root, group), name);
  const Shape shape = hdf5::shape_of(dataset);
  if (shape.empty() || shape[0] != static_cast<std::int64_t>(trials.size())) {
    hdf5::damaged(dataset, "not one row per trial");
  }
  return dataset;
}

Array ResultsData::rows(const Object& dataset, const Shape& own, std::size_t first,
                        std::size_t count) const {
  Shape shape = {static_cast<std::int64_t>(trials.size()), epochs};
  shape.insert(shape.end(), own.begin(), own.end());
  hdf5::require(dataset, static_cast<int>(shape.size()), H5T_FLOAT);
  if (hdf5::shape_of(dataset) != shape)
    hdf5::damaged(dataset, "expected [" + shape_text(shape) + "] values, found [" +
                               shape_text(hdf5::shape_of(dataset)) + "]");
  Shape start(shape.size(), 0);
  start[0] = static_cast<std::int64_t>(first);
  shape[0] = static_cast<std::int64_t>(count);
  Array array{shape, {}};
  array.values = hdf5::read<double>(dataset, start, shape);
  return array;
}

}  // namespace varia::results
