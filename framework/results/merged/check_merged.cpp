#include "results/merged/check_merged.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::results {

namespace {

/// Trials whose values are in memory at the same time.
constexpr std::size_t kBlock = 64;

/// NaN is the same as NaN: its bits say nothing.
bool same_number(double a, double b) { return a == b || (a != a && b != b); }

/// A number in a column of text.
bool reads_as(const std::string& text, double number) {
  const std::optional<double> found = Value::scalar(text).as_real();
  return found && same_number(*found, number);
}

/// Whether the rows [trial, epoch, axes...], which may be padded in their own axes, hold a value.
bool holds(const Array& rows, std::size_t row, std::size_t epoch, const Array& value) {
  const auto& shape = rows.shape;
  const auto& own = value.shape;
  if (shape.size() != own.size() + 2 || epoch >= static_cast<std::size_t>(shape[1])) return false;
  for (std::size_t i = 0; i < own.size(); ++i)
    if (own[i] > shape[i + 2]) return false;
  for (std::size_t index = 0; index < value.values.size(); ++index) {
    std::size_t place = 0;
    std::size_t stride = 1;
    std::size_t rest = index;
    for (std::size_t i = own.size(); i-- > 0;) {
      const auto length = static_cast<std::size_t>(own[i]);
      place += rest % length * stride;
      rest /= length;
      stride *= static_cast<std::size_t>(shape[i + 2]);
    }
    place += (row * static_cast<std::size_t>(shape[1]) + epoch) * stride;
    if (!same_number(value.values[index], rows.values.at(place))) return false;
  }
  return true;
}

/// One trial of a block, with what was found to differ first.
struct Checked {
  std::size_t row = 0;  // of the merged file
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
    first_ = trials.front().row;
    count_ = trials.back().row - first_ + 1;
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
  std::size_t row_of(const Checked& trial) const { return trial.row - first_; }

  void check_row(Checked& checked) const {
    const auto& trial = *checked.trial;
    const auto& header = trial.header;
    for_each_trial_field([&](const auto& field) {
      if (!field.from_plan &&
          results_.trials().at(checked.row).*field.member != header.*field.member)
        checked.note(std::string("its ") + field.name);
    });
    if (results_.config(checked.row) != header.config) checked.note("its YAML");
    for (const auto& parameter : header.parameters)
      if (!has(parameter, checked.row)) checked.note("parameter " + parameter.key);
  }

  bool has(const Parameter& parameter, std::size_t row) const {
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
    const auto block = results_.seconds(first_, count_);
    for (auto& checked : trials_) {
      if (!checked.is_open()) continue;
      for (std::size_t e = 0; e < checked.trial->epochs.size(); ++e)
        if (!holds(block, row_of(checked), e, Array::scalar(checked.trial->epochs[e].seconds)))
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
    const auto block = results_.metric(path, first_, count_);
    for (auto& checked : trials_) {
      if (!checked.is_open()) continue;
      const auto& epochs = checked.trial->epochs;
      for (std::size_t e = 0; e < epochs.size(); ++e) {
        const auto of_split = epochs[e].metrics.find(split);
        if (of_split == epochs[e].metrics.end()) continue;
        const auto value = of_split->second.find(name);
        if (value != of_split->second.end() && !holds(block, row_of(checked), e, value->second))
          checked.note("metric " + path);
      }
    }
  }

  void check_schedules() {
    std::map<std::string, Array> blocks;
    for (const auto& key : results_.schedules())
      blocks[key] = results_.schedule(key, first_, count_);
    for (auto& checked : trials_) {
      if (!checked.is_open()) continue;
      const auto& epochs = checked.trial->epochs;
      for (std::size_t e = 0; e < epochs.size(); ++e)
        for (const auto& [key, value] : epochs[e].schedules) {
          const auto block = blocks.find(key);
          if (block == blocks.end() ||
              !holds(block->second, row_of(checked), e, Array::scalar(value)))
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
      const auto merged = results_.step_values(name, checked.row);
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
      if (!is_known || results_.picture_count(name, checked.row) != view.pictures.size() ||
          !(results_.layout(name, checked.row) == view.layout))
        return checked.note("view " + name);
      for (std::size_t i = 0; i < view.pictures.size(); ++i)
        if (!same_picture(view.pictures[i], results_.picture(name, checked.row, i)))
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
      const auto merged = results_.point_sets(name, checked.row);
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
  std::size_t first_ = 0;  // rows that are read together
  std::size_t count_ = 0;
};

}  // namespace

std::vector<std::string> check_merged(const Results& results,
                                      const std::vector<PlannedTrial>& trials) {
  std::map<std::string, std::size_t> rows;
  for (std::size_t row = 0; row < results.size(); ++row) rows[results.trials()[row].id] = row;
  std::vector<std::string> differences;
  std::vector<Checked> block;
  const auto check_block = [&] {
    if (block.empty()) return;
    Checker(results, block).check();
    for (Checked& checked : block) differences.push_back(std::move(checked.difference));
    block.clear();
  };
  for (const PlannedTrial& trial : trials) {
    const auto row = rows.find(trial.id);
    if (row == rows.end()) {
      check_block();
      differences.push_back("has no row in the merged file");
      continue;
    }
    if (!block.empty() &&
        (row->second < block.back().row || row->second >= block.front().row + kBlock)) {
      check_block();
    }
    Checked& checked = block.emplace_back(Checked{row->second, {}, ""});
    try {
      checked.trial = read_trial(trial.path);
    } catch (const StoreError& error) {
      checked.difference = error.what();
    }
  }
  check_block();
  return differences;
}

}  // namespace varia::results
