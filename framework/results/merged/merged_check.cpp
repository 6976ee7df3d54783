#include "results/merged/merged_check.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>

#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace {

/// Trials whose values are in memory at the same time.
constexpr std::size_t kBlock = 64;

/// NaN is the same as NaN: its bits say nothing.
bool same_number(double a, double b) { return a == b || (a != a && b != b); }

/// A number in a column of text.
bool reads_as(const std::string& text, double number) {
  double found = 0;
  const char* const end = text.data() + text.size();
  return std::from_chars(text.data(), end, found).ptr == end && same_number(found, number);
}

/// Rows of one column of the merged file, read together.
struct Block {
  std::size_t first = 0;
  std::size_t count = 0;
};

/// One value of an array [trial, epoch, axes...] that may be padded in its own axes.
class PaddedValues {
 public:
  PaddedValues(const Array& block, std::size_t row) : block_(block), row_(row) {}

  bool holds(std::size_t epoch, const Array& value) const {
    const auto& shape = block_.shape;
    if (shape.size() != value.shape.size() + 2 || epoch >= static_cast<std::size_t>(shape[1]))
      return false;
    for (std::size_t i = 0; i < value.shape.size(); ++i)
      if (value.shape[i] > shape[i + 2]) return false;
    for (std::size_t i = 0; i < value.values.size(); ++i)
      if (!same_number(value.values[i], block_.values.at(place_of(epoch, i, value.shape))))
        return false;
    return true;
  }

 private:
  std::size_t place_of(std::size_t epoch, std::size_t index,
                       const std::vector<std::int64_t>& own) const {
    const auto& shape = block_.shape;
    std::size_t place = 0;
    std::size_t stride = 1;
    for (std::size_t i = own.size(); i-- > 0;) {
      const auto length = static_cast<std::size_t>(own[i]);
      place += index % length * stride;
      index /= length;
      stride *= static_cast<std::size_t>(shape[i + 2]);
    }
    return place + (row_ * static_cast<std::size_t>(shape[1]) + epoch) * stride;
  }

  const Array& block_;
  std::size_t row_;
};

/// One trial of a block, with what was found to differ first.
struct Checked {
  const MergedRow& at;
  std::optional<Trial> trial;
  std::string difference;

  bool is_open() const { return trial && difference.empty(); }
  void note(const std::string& what) {
    if (difference.empty()) difference = what + " differs from the merged file's";
  }
};

class Checker {
 public:
  Checker(const Results& results, std::vector<Checked>& trials)
      : results_(results), trials_(trials) {
    block_.first = trials.front().at.row;
    block_.count = trials.back().at.row - block_.first + 1;
  }

  void check() {
    for (auto& trial : trials_)
      if (trial.is_open()) check_row(trial);
    check_seconds();
    check_metrics();
    check_schedules();
    for (auto& trial : trials_) {
      if (trial.is_open()) check_steps(trial);
      if (trial.is_open()) check_views(trial);
      if (trial.is_open()) check_points(trial);
    }
  }

 private:
  std::size_t row_of(const Checked& trial) const { return trial.at.row - block_.first; }

  void check_row(Checked& checked) const {
    const auto& trial = *checked.trial;
    const auto& header = trial.header;
    for_each_trial_field([&](const auto& field) {
      if (results_.trials().at(checked.at.row).*field.member != header.*field.member)
        checked.note(std::string("its ") + field.name);
    });
    if (results_.config(checked.at.row) != header.config) checked.note("its YAML");
    for (const auto& parameter : header.parameters)
      if (!holds(parameter, checked.at.row)) checked.note("parameter " + parameter.key);
  }

  bool holds(const Parameter& parameter, std::size_t row) const {
    const auto& columns = results_.parameters();
    const auto column = std::find_if(columns.begin(), columns.end(), [&](const auto& candidate) {
      return candidate.key == parameter.key;
    });
    if (column == columns.end()) return false;
    const auto* number = std::get_if<double>(&parameter.value);
    if (number == nullptr)
      return column->is_text && column->texts[row] == std::get<std::string>(parameter.value);
    return column->is_text ? reads_as(column->texts[row], *number)
                           : same_number(column->numbers[row], *number);
  }

  void check_seconds() {
    const auto block = results_.seconds(block_.first, block_.count);
    for (auto& checked : trials_) {
      if (!checked.is_open()) continue;
      const PaddedValues values(block, row_of(checked));
      for (std::size_t e = 0; e < checked.trial->epochs.size(); ++e)
        if (!values.holds(e, Array::scalar(checked.trial->epochs[e].seconds)))
          checked.note("its time");
    }
  }

  void check_metrics() {
    std::map<std::string, bool> merged;  // by name: whether a trial has it
    for (const auto& column : results_.metrics()) merged[column.name] = false;
    for (auto& checked : trials_) {
      if (!checked.is_open()) continue;
      for (const auto& record : checked.trial->epochs)
        for (const auto& [split, values] : record.metrics)
          for (const auto& [name, value] : values) {
            const auto found = merged.find(split + "/" + name);
            if (found == merged.end())
              checked.note("metric " + split + "/" + name);
            else
              found->second = true;
          }
    }
    for (const auto& [path, is_used] : merged)
      if (is_used) check_metric(path);
  }

  void check_metric(const std::string& path) {
    const auto slash = path.find('/');
    const auto split = path.substr(0, slash);
    const auto name = path.substr(slash + 1);
    const auto block = results_.metric(path, block_.first, block_.count);
    for (auto& checked : trials_) {
      if (!checked.is_open()) continue;
      const PaddedValues values(block, row_of(checked));
      const auto& epochs = checked.trial->epochs;
      for (std::size_t e = 0; e < epochs.size(); ++e) {
        const auto of_split = epochs[e].metrics.find(split);
        if (of_split == epochs[e].metrics.end()) continue;
        const auto value = of_split->second.find(name);
        if (value != of_split->second.end() && !values.holds(e, value->second))
          checked.note("metric " + path);
      }
    }
  }

  void check_schedules() {
    std::map<std::string, Array> blocks;
    for (const auto& key : results_.schedules())
      blocks[key] = results_.schedule(key, block_.first, block_.count);
    for (auto& checked : trials_) {
      if (!checked.is_open()) continue;
      const auto& epochs = checked.trial->epochs;
      for (std::size_t e = 0; e < epochs.size(); ++e)
        for (const auto& [key, value] : epochs[e].schedules) {
          const auto block = blocks.find(key);
          if (block == blocks.end() ||
              !PaddedValues(block->second, row_of(checked)).holds(e, Array::scalar(value)))
            checked.note("schedule " + key);
        }
    }
  }

  void check_steps(Checked& checked) const {
    std::map<std::string, std::vector<StepValue>> curves;
    for (const auto& record : checked.trial->epochs)
      for (const auto& [name, values] : record.steps)
        curves[name].insert(curves[name].end(), values.begin(), values.end());
    for (const auto& [name, values] : curves) {
      const auto& known = results_.steps();
      if (std::find(known.begin(), known.end(), name) == known.end())
        return checked.note("curve " + name);
      const auto merged = results_.step_values(name, checked.at.row);
      const bool same = std::equal(values.begin(), values.end(), merged.begin(), merged.end(),
                                   [](const auto& a, const auto& b) {
                                     return a.step == b.step && same_number(a.value, b.value);
                                   });
      if (!same) checked.note("curve " + name);
    }
  }

  void check_views(Checked& checked) const {
    for (const auto& [name, view] : checked.trial->views) {
      const auto& known = results_.views();
      const bool is_known =
          std::any_of(known.begin(), known.end(),
                      [&, n = &name](const auto& column) { return column.name == *n; });
      if (view.pictures.empty()) continue;
      if (!is_known || results_.picture_count(name, checked.at.row) != view.pictures.size() ||
          !(results_.layout(name, checked.at.row) == view.layout))
        return checked.note("view " + name);
      for (std::size_t i = 0; i < view.pictures.size(); ++i)
        if (!same_picture(view.pictures[i], results_.picture(name, checked.at.row, i)))
          return checked.note("view " + name);
    }
  }

  /// A grey picture is coloured where other trials' are.
  static bool same_picture(const Picture& own, const Picture& merged) {
    if (own.epoch != merged.epoch || own.title != merged.title || own.height != merged.height ||
        own.width != merged.width)
      return false;
    if (own.channels == merged.channels) return own.pixels == merged.pixels;
    if (own.channels != 1 || merged.pixels.size() != 3 * own.pixels.size()) return false;
    for (std::size_t i = 0; i < merged.pixels.size(); ++i)
      if (merged.pixels[i] != own.pixels[i / 3]) return false;
    return true;
  }

  void check_points(Checked& checked) const {
    for (const auto& [name, sets] : checked.trial->points) {
      if (sets.empty()) continue;
      const auto& known = results_.points();
      if (std::find(known.begin(), known.end(), name) == known.end())
        return checked.note("points " + name);
      const auto merged = results_.point_sets(name, checked.at.row);
      const bool same = std::equal(
          sets.begin(), sets.end(), merged.begin(), merged.end(), [](const auto& a, const auto& b) {
            return a.epoch == b.epoch && a.title == b.title && a.labels == b.labels &&
                   a.xy.size() == b.xy.size() &&
                   std::memcmp(a.xy.data(), b.xy.data(), a.xy.size() * sizeof(float)) == 0;
          });
      if (!same) checked.note("points " + name);
    }
  }

  const Results& results_;
  std::vector<Checked>& trials_;
  Block block_;
};

}  // namespace

std::vector<std::string> check_merged(const Results& results, const std::vector<MergedRow>& rows) {
  std::vector<std::string> differences;
  for (std::size_t begin = 0; begin < rows.size();) {
    std::vector<Checked> trials;
    std::size_t end = begin;
    for (; end < rows.size() && rows[end].row < rows[begin].row + kBlock; ++end) {
      Checked checked{rows[end], {}, ""};
      try {
        checked.trial = read_trial(rows[end].path);
      } catch (const StoreError& error) {
        checked.difference = error.what();
      }
      trials.push_back(std::move(checked));
    }
    Checker(results, trials).check();
    for (auto& checked : trials) differences.push_back(std::move(checked.difference));
    begin = end;
  }
  return differences;
}

}  // namespace varia::results
