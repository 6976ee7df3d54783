#include "results/merged/check_merged.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <type_traits>
#include <utility>

#include "results/file_frame.hpp"
#include "results/merged/merge_input.hpp"
#include "results/merged/results_data.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::results {

namespace {

/// A parameter as a column of text has it; empty if the trial has none of that name.
std::string text_of(const std::vector<Parameter>& parameters, const std::string& key) {
  const auto found = std::ranges::find(parameters, key, &Parameter::key);
  if (found == parameters.end()) return "";
  const auto* number = std::get_if<double>(&found->value);
  if (number == nullptr) return std::get<std::string>(found->value);
  return std::isnan(*number) ? "" : number_text(*number);
}

std::string different_field(const TrialHeader& file, const TrialHeader& row) {
  std::string different;
  for_each_trial_field([&]<class T>(const TrialField<T>& field) {
    if (!different.empty() || field.from_plan) return;
    const T& a = file.*field.member;
    const T& b = row.*field.member;
    bool same = false;
    if constexpr (std::is_same_v<T, double>)
      same = is_same(a, b);
    else
      same = a == b;
    if (!same) different = std::string("its ") + field.name;
  });
  if (!different.empty()) return different;
  if (file.config != row.config) return "its YAML";
  for (const auto& [key, value, swept] : file.parameters)
    if (text_of(file.parameters, key) != text_of(row.parameters, key)) return "parameter " + key;
  return "";
}

/// Whether an array of one shape holds one of the other.
bool has_room(const hdf5::Shape& wide, const hdf5::Shape& own) {
  return wide.size() >= own.size() &&
         std::equal(own.begin(), own.end(), wide.begin(), std::less_equal<>());
}

/// @param tables of the file and of the row: [epochs_done, width]
std::string different_column(const MergeEntry& file, const std::vector<double>& file_table,
                             const MergeEntry& row, const std::vector<double>& row_table) {
  std::map<std::string, const Column*> merged;
  for (const Column& column : *row.columns) merged[column.name] = &column;
  for (const Column& column : *file.columns) {
    const auto found = merged.find(column.name);
    if (found == merged.end()) return column.name;
    const Column& wide = *found->second;
    if (!has_room(wide.shape, column.shape)) return column.name;
    std::vector<double> expected(static_cast<std::size_t>(wide.size));
    for (std::int64_t epoch = 0; epoch < file.trial.epochs_done; ++epoch) {
      std::ranges::fill(expected, std::numeric_limits<double>::quiet_NaN());
      copy_padded(file_table.data() + epoch * width_of(*file.columns) + column.offset, column.shape,
                  expected.data(), wide.shape);
      const double* values = row_table.data() + epoch * width_of(*row.columns) + wide.offset;
      const bool same = std::equal(expected.begin(), expected.end(), values,
                                   [](double x, double y) { return is_same(x, y); });
      if (!same) return column.name;
    }
  }
  return "";
}

/// Whether two lists have the same items.
template <class Item>
bool same_items(const std::vector<Item>& a, const std::vector<Item>& b) {
  return std::ranges::equal(a, b, [](const Item& x, const Item& y) { return is_same(x, y); });
}

/// What differs first between the file of a trial and its row of the merged file; empty: nothing.
std::string difference(const MergeEntry& file, const MergeEntry& row, TrialValues& file_values,
                       TrialValues& row_values) {
  if (auto field = different_field(file.trial, row.trial); !field.empty()) return field;
  if (auto column = different_column(file, file_values.table(), row, row_values.table());
      !column.empty())
    return column;
  for (const auto& [name, count] : file.steps) {
    if (count == 0) continue;
    if (!row.steps.contains(name) || !same_items(file_values.steps(name), row_values.steps(name)))
      return "curve " + name;
  }
  for (const auto& [name, view] : file.views) {
    if (view.frames == 0) continue;
    const auto merged = row.views.find(name);
    bool same = merged != row.views.end() && merged->second.frames == view.frames &&
                row.layouts.at(name) == file.layouts.at(name);
    for (std::size_t i = 0; same && i < static_cast<std::size_t>(view.frames); ++i)
      same = is_same(file_values.picture(name, i), row_values.picture(name, i));
    if (!same) return "view " + name;
  }
  for (const auto& [name, plots] : file.points) {
    if (plots.frames == 0) continue;
    if (!row.points.contains(name) ||
        !same_items(file_values.points(name), row_values.points(name)))
      return "points " + name;
  }
  return "";
}

}  // namespace

std::vector<std::string> check_merged(Results results, const std::vector<PlannedTrial>& trials) {
  require_intact(results.path(), kMergeAgain);
  OldResults merged(std::move(results));
  std::map<std::string, std::size_t> rows;
  for (std::size_t row = 0; row < merged.trials().size(); ++row)
    rows[merged.trials()[row].id] = row;
  std::vector<std::string> differences;
  ColumnPool pool;
  std::size_t no_room = 0;
  for (const PlannedTrial& trial : trials) {
    std::string& found = differences.emplace_back();
    const auto row = rows.find(trial.id);
    if (row == rows.end()) {
      found = "has no row in the merged file";
      continue;
    }
    try {
      const MergeEntry file = read_entry(trial.path, pool, no_room);
      const MergeEntry entry = merged.entry(row->second);
      found = difference(file, entry, *open_values(file), *merged.open_values(entry));
      if (!found.empty()) found += " differs from the merged file's";
    } catch (const StoreError& error) {
      if (error.path() != trial.path) throw;
      found = error.what();
    }
  }
  return differences;
}

}  // namespace varia::results
