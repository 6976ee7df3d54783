#include "store/verify_merged.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "store/merge_input.hpp"
#include "varia/error.hpp"

namespace varia::store {

namespace {

bool is_same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// A column of a merged file holds NaN, or "", where a trial has no such parameter.
bool same_parameters(const std::vector<Parameter>& parameters,
                     const std::vector<ParameterColumn>& columns, std::size_t row) {
  std::map<std::string, const ParameterColumn*> known;
  for (const ParameterColumn& column : columns) known.emplace(column.key, &column);
  for (const Parameter& parameter : parameters) {
    const auto found = known.find(parameter.key);
    if (found == known.end()) return false;
    const ParameterColumn& column = *found->second;
    const auto* text = std::get_if<std::string>(&parameter.value);
    if (column.is_text) {
      const std::string expected =
          text != nullptr ? *text : number_text(std::get<double>(parameter.value));
      if (column.texts[row] != expected) return false;
    } else if (text != nullptr ||
               !is_same(column.numbers[row], std::get<double>(parameter.value))) {
      return false;
    }
    known.erase(found);
  }
  return std::all_of(known.begin(), known.end(), [&](const auto& entry) {
    const ParameterColumn& column = *entry.second;
    return column.is_text ? column.texts[row].empty() : std::isnan(column.numbers[row]);
  });
}

/// Where the values of an array stand in a larger one that holds it in its corner.
std::vector<std::int64_t> padded_places(const hdf5::Shape& shape, hdf5::Shape larger) {
  std::vector<std::int64_t> places = {0};
  std::int64_t stride = 1;
  for (std::size_t axis = larger.size(); axis-- > 0;) {
    const std::int64_t count = axis < shape.size() ? shape[axis] : 1;
    std::vector<std::int64_t> outer;
    for (std::int64_t i = 0; i < count; ++i) {
      for (const std::int64_t place : places) outer.push_back(i * stride + place);
    }
    places = std::move(outer);
    stride *= larger[axis];
  }
  return places;
}

bool fits(const hdf5::Shape& shape, const hdf5::Shape& larger) {
  if (shape.size() > larger.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] > larger[i]) return false;
  }
  return true;
}

bool same_table(const MergeEntry& file, const std::vector<double>& values, const MergeEntry& merged,
                const std::vector<double>& merged_values) {
  const auto width = [](const std::vector<Column>& columns) {
    return columns.empty() ? 0 : columns.back().offset + columns.back().size;
  };
  const std::int64_t from_width = width(*file.columns);
  const std::int64_t to_width = width(*merged.columns);
  std::map<std::string, const Column*> known;
  for (const Column& column : *merged.columns) known.emplace(column.path, &column);
  for (const Column& column : *file.columns) {
    const auto found = known.find(column.path);
    if (found == known.end() || !fits(column.shape, found->second->shape)) return false;
    const std::vector<std::int64_t> places = padded_places(column.shape, found->second->shape);
    for (std::int64_t e = 0; e < file.row.epochs_done; ++e) {
      const double* from = values.data() + e * from_width + column.offset;
      const double* to = merged_values.data() + e * to_width + found->second->offset;
      for (std::size_t i = 0; i < places.size() && column.size > 0; ++i) {
        if (!is_same(from[i], to[places[i]])) return false;
      }
    }
  }
  return true;
}

bool same_steps(const std::vector<StepValue>& a, const std::vector<StepValue>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.step == y.step && is_same(x.value, y.value);
  });
}

bool same_points(const std::vector<Points>& a, const std::vector<Points>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.epoch == y.epoch && x.title == y.title && x.labels == y.labels &&
           x.xy.size() == y.xy.size() &&
           std::memcmp(x.xy.data(), y.xy.data(), x.xy.size() * sizeof(float)) == 0;
  });
}

bool same_series(const MergeEntry& file, TrialValues& values, const MergeEntry& merged,
                 TrialValues& merged_values) {
  for (const auto& [name, count] : file.steps) {
    if (count == 0) continue;
    if (merged.steps.count(name) == 0 ||
        !same_steps(values.steps(name), merged_values.steps(name))) {
      return false;
    }
  }
  for (const auto& [name, extent] : file.views) {
    if (extent.frames == 0) continue;
    const auto found = merged.views.find(name);
    if (found == merged.views.end() || found->second.frames != extent.frames ||
        found->second.layout != extent.layout) {
      return false;
    }
    for (std::size_t i = 0; i < extent.frames; ++i) {
      Picture picture = values.picture(name, i);
      const Picture other = merged_values.picture(name, i);
      if (picture.channels != other.channels) picture = as_rgb(std::move(picture));
      if (picture != other) return false;
    }
  }
  for (const auto& [name, extent] : file.points) {
    if (extent.frames == 0) continue;
    if (merged.points.count(name) == 0 ||
        !same_points(values.points(name), merged_values.points(name))) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<bool> verify_merged(const std::string& path, const std::vector<PlannedTrial>& trials) {
  OldResults merged(open_results(path));
  std::map<std::string, std::size_t> rows;
  for (std::size_t i = 0; i < merged.trials().size(); ++i) rows[merged.trials()[i].id] = i;
  ColumnPool pool;
  std::vector<bool> result;
  for (const PlannedTrial& trial : trials) {
    const auto row = rows.find(trial.id);
    bool is_equal = row != rows.end();
    try {
      if (is_equal) {
        std::size_t room = 0;
        const MergeEntry file = read_entry(trial.path, pool, room);
        is_equal = file.row == merged.trials()[row->second] &&
                   same_parameters(file.parameters, merged.parameters(), row->second);
        if (is_equal) {
          const MergeEntry entry = merged.entry(row->second);
          const auto values = open_values(file);
          const auto merged_values = merged.open_values(entry);
          is_equal = same_table(file, values->table(), entry, merged_values->table()) &&
                     same_series(file, *values, entry, *merged_values);
        }
      }
    } catch (const StoreError& error) {
      if (error.path() == path) throw;
      is_equal = false;
    }
    result.push_back(is_equal);
  }
  return result;
}

}  // namespace varia::store
