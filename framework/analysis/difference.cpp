#include "analysis/difference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <utility>

#include "analysis/settings.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::analysis {

namespace {

using results::is_same;
using results::Results;

/// The most values of one epoch that are compared: 2 GB, as one read of a results file gives.
constexpr std::int64_t kMostValues = std::int64_t{1} << 28;

/// The values of one trial in a column, padded with NaN to a shape that has room for both files'.
class TrialColumn {
 public:
  /// @param column null: the file has none
  /// @param shape  of one epoch, which has room for that of both files
  TrialColumn(const results::Array* column, std::size_t trial, std::vector<std::int64_t> shape)
      : column_(column),
        trial_(trial),
        shape_(std::move(shape)),
        padded_(static_cast<std::size_t>(results::count_of(shape_))) {}

  /// Valid until the next call.
  std::span<const double> at(std::int64_t epoch) {
    std::ranges::fill(padded_, std::numeric_limits<double>::quiet_NaN());
    if (column_ == nullptr || epoch >= column_->shape[1]) return padded_;
    const std::vector<std::int64_t> own(column_->shape.begin() + 2, column_->shape.end());
    const auto place = static_cast<std::int64_t>(trial_) * column_->shape[1] + epoch;
    const auto* const values = column_->values.data() + place * results::count_of(own);
    if (own == shape_) return {values, padded_.size()};
    results::copy_padded(values, own, padded_.data(), shape_);
    return padded_;
  }

 private:
  const results::Array* column_;
  std::size_t trial_;
  std::vector<std::int64_t> shape_;
  std::vector<double> padded_;
};

/// The shape that has room for one epoch of both columns, each of which may be null.
std::vector<std::int64_t> common_shape(const results::Array* first, const results::Array* second) {
  std::vector<std::int64_t> shape;
  for (const auto* column : {first, second}) {
    if (column == nullptr) continue;
    shape.resize(std::max(shape.size(), column->shape.size() - 2), 1);
    for (std::size_t i = 2; i < column->shape.size(); ++i)
      shape[i - 2] = std::max(shape[i - 2], column->shape[i]);
  }
  return shape;
}

bool has_value(std::span<const double> values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return !std::isnan(value); });
}

/// How far apart a column's values of two trials are; empty: they are the same.
/// @param common     epochs that both have; what only the longer trial has later is no difference
/// @param has_longer whether one trial has more
std::string column_line(const std::string& name, TrialColumn first, TrialColumn second,
                        std::int64_t common, bool has_longer) {
  std::int64_t from = 0;
  double most = 0;
  bool one_sided = false;
  for (std::int64_t epoch = 0; epoch < common; ++epoch) {
    const auto x = first.at(epoch);
    const auto y = second.at(epoch);
    // What is measured after the last epoch alone, of which the longer trial has another one.
    if (has_longer && epoch + 1 == common && has_value(x) != has_value(y)) continue;
    bool same = true;
    for (std::size_t i = 0; i < x.size(); ++i) {
      same &= is_same(x[i], y[i]);
      if (!std::isnan(x[i] - y[i])) most = std::max(most, std::abs(x[i] - y[i]));
      one_sided |= std::isnan(x[i]) != std::isnan(y[i]);
    }
    if (!same && from == 0) from = epoch + 1;
  }
  if (from == 0) return "";
  auto line = fmt::format("{}: from epoch {} on", name, from);
  if (most > 0) line += fmt::format(", by up to {:.3g}", most);
  if (one_sided) line += ", and values of one file alone";
  return line;
}

/// The trials of both files that have one id, with what differs between them.
class Pairs {
 public:
  Pairs(const Results& first, const Results& second) : first_(first), second_(second) {
    std::map<std::string, std::size_t> rows;
    for (std::size_t i = 0; i < second.size(); ++i) rows[second.trials()[i].id] = i;
    for (std::size_t i = 0; i < first.size(); ++i) {
      const auto found = rows.find(first.trials()[i].id);
      if (found != rows.end()) pairs_.push_back({i, found->second, {}});
    }
    compare_rows();
    const auto names = [](const auto& columns) {
      std::set<std::string> all;
      for (const auto& column : columns) all.insert(column.name);
      return all;
    };
    compare_columns(names(first.metrics()), names(second.metrics()),
                    [](const Results& file, const std::string& name) { return file.metric(name); });
    compare_columns(set_of(first.schedules()), set_of(second.schedules()),
                    [](const Results& file, const std::string& name) {
                      return file.schedule(name, 0, file.size());
                    });
    compare_each("curve per step", set_of(first.steps()), set_of(second.steps()),
                 [](const Results& file, const std::string& name, std::size_t trial) {
                   return file.step_values(name, trial);
                 });
    compare_each("points", set_of(first.points()), set_of(second.points()),
                 [](const Results& file, const std::string& name, std::size_t trial) {
                   return file.point_sets(name, trial);
                 });
    compare_each("view", names(first.views()), names(second.views()),
                 [](const Results& file, const std::string& name, std::size_t trial) {
                   std::vector<results::Picture> pictures;
                   for (std::size_t i = 0; i < file.captions(name, trial).size(); ++i)
                     pictures.push_back(file.picture(name, trial, i));
                   return pictures;
                 });
  }

  const std::vector<TrialPair>& list() const { return pairs_; }

 private:
  static std::set<std::string> set_of(const std::vector<std::string>& names) {
    return {names.begin(), names.end()};
  }

  std::int64_t common_epochs(const TrialPair& pair) const {
    return std::min(first_.trials()[pair.first].epochs_done,
                    second_.trials()[pair.second].epochs_done);
  }
  /// Whether one of two trials has more epochs.
  bool differ_in_length(const TrialPair& pair) const {
    return first_.trials()[pair.first].epochs_done != second_.trials()[pair.second].epochs_done;
  }

  void compare_rows() {
    for (auto& pair : pairs_) {
      const auto& a = first_.trials()[pair.first];
      const auto& b = second_.trials()[pair.second];
      if (a.status != b.status)
        pair.lines.push_back(fmt::format("status: {} and {}", results::state_text(a.status),
                                         results::state_text(b.status)));
      if (a.epochs_done != b.epochs_done)
        pair.lines.push_back(fmt::format("epochs: {} and {}", a.epochs_done, b.epochs_done));
      if (a.error != b.error)
        pair.lines.push_back(fmt::format("error: '{}' and '{}'", a.error, b.error));
    }
  }

  template <class Read>
  void compare_columns(const std::set<std::string>& in_first,
                       const std::set<std::string>& in_second, const Read& read) {
    auto all = in_first;
    all.insert(in_second.begin(), in_second.end());
    for (const auto& name : all) {
      std::optional<results::Array> a, b;
      if (in_first.contains(name)) a = read(first_, name);
      if (in_second.contains(name)) b = read(second_, name);
      const auto* const first = a ? &*a : nullptr;
      const auto* const second = b ? &*b : nullptr;
      const auto shape = common_shape(first, second);
      if (results::count_of(shape) > kMostValues)
        throw StoreError(first_.path(),
                         fmt::format("{}: the shape that has room for its values and for those of "
                                     "{} has more than {} values, too many to be compared",
                                     name, second_.path(), kMostValues));
      for (auto& pair : pairs_) {
        auto line = column_line(name, {first, pair.first, shape}, {second, pair.second, shape},
                                common_epochs(pair), differ_in_length(pair));
        if (!line.empty()) pair.lines.push_back(std::move(line));
      }
    }
  }

  template <class Read>
  void compare_each(const char* kind, const std::set<std::string>& in_first,
                    const std::set<std::string>& in_second, const Read& read) {
    auto all = in_first;
    all.insert(in_second.begin(), in_second.end());
    using Values = decltype(read(first_, "", 0));
    for (const auto& name : all) {
      for (auto& pair : pairs_) {
        const auto a = in_first.contains(name) ? read(first_, name, pair.first) : Values{};
        const auto b = in_second.contains(name) ? read(second_, name, pair.second) : Values{};
        const auto [end_of_a, end_of_b] =
            std::mismatch(a.begin(), a.end(), b.begin(), b.end(),
                          [](const auto& x, const auto& y) { return is_same(x, y); });
        const bool is_start = end_of_a == a.end() || end_of_b == b.end();
        const bool both = !a.empty() && !b.empty();
        if (is_start && (a.size() == b.size() || (both && differ_in_length(pair)))) continue;
        if (a.size() != b.size())
          pair.lines.push_back(fmt::format("{} {}: {} and {}", kind, name, a.size(), b.size()));
        else
          pair.lines.push_back(fmt::format("{} {}: other values", kind, name));
      }
    }
  }

  const Results& first_;
  const Results& second_;
  std::vector<TrialPair> pairs_;
};

std::map<std::string, std::string> parameters_of(const Results& results, std::size_t trial) {
  std::map<std::string, std::string> values;
  for (const auto& column : results.parameters()) values[column.key] = column.text(trial);
  return values;
}

/// Swept values and replicate.
std::vector<std::string> place_of(const Results& results, std::size_t trial) {
  std::vector<std::string> place{std::to_string(results.trials()[trial].replicate)};
  for (const auto& column : results.parameters())
    if (column.swept) place.push_back(column.key + "=" + column.text(trial));
  return place;
}

std::vector<std::string> parameter_lines(const Results& first, std::size_t a, const Results& second,
                                         std::size_t b) {
  auto theirs = parameters_of(second, b);
  std::vector<std::string> lines;
  const auto add = [&](const std::string& key, const std::string& x, const std::string& y) {
    const auto text = [](const std::string& value) { return value.empty() ? "none" : value; };
    if (x != y) lines.push_back(fmt::format("{}: {} and {}", key, text(x), text(y)));
  };
  for (const auto& [key, value] : parameters_of(first, a)) {
    const auto other = theirs.extract(key);
    add(key, value, other.empty() ? "" : other.mapped());
  }
  for (const auto& [key, value] : theirs) add(key, "", value);
  const auto seed = [](const Results& file, std::size_t row) {
    return std::to_string(file.trials()[row].seed);
  };
  add("seed", seed(first, a), seed(second, b));
  if (lines.empty()) lines.emplace_back("the data, or what no column tells");
  return lines;
}

/// Pairs up those that are in one file alone, where swept values and replicate leave no doubt.
void pair_by_place(const Results& first, const Results& second, Difference& found) {
  std::map<std::vector<std::string>, std::vector<std::size_t>> places;
  for (const auto row : found.only_second) places[place_of(second, row)].push_back(row);
  std::map<std::vector<std::string>, std::size_t> counts;
  for (const auto row : found.only_first) ++counts[place_of(first, row)];
  std::set<std::size_t> paired;
  std::erase_if(found.only_first, [&](std::size_t row) {
    const auto place = place_of(first, row);
    const auto other = places.find(place);
    if (counts[place] != 1 || other == places.end() || other->second.size() != 1) return false;
    const auto twin = other->second.front();
    found.parameters.push_back({row, twin, parameter_lines(first, row, second, twin)});
    paired.insert(twin);
    return true;
  });
  std::erase_if(found.only_second, [&](std::size_t row) { return paired.contains(row); });
}

/// @param text_of what trained a trial, in lines
template <class Text>
void add_environment(const Results& first, const Results& second, const std::string& name,
                     const Text& text_of, Difference& found) {
  const auto lines_of = [&](const Results& results) {
    std::set<std::string> lines;
    for (const auto& row : results.trials()) {
      std::istringstream text(text_of(row));
      for (std::string line; std::getline(text, line);) lines.insert(name + " " + line);
    }
    return lines;
  };
  const auto a = lines_of(first);
  const auto b = lines_of(second);
  for (const auto& line : a)
    if (!b.contains(line)) found.environment.push_back("- " + line);
  for (const auto& line : b)
    if (!a.contains(line)) found.environment.push_back("+ " + line);
}

}  // namespace

Difference difference(const Results& first, const Results& second) {
  Difference found;
  const Pairs pairs(first, second);
  std::vector<bool> in_first(first.size(), false);
  std::vector<bool> in_second(second.size(), false);
  for (const auto& pair : pairs.list()) {
    in_first[pair.first] = in_second[pair.second] = true;
    if (pair.lines.empty())
      ++found.identical;
    else
      found.results.push_back(pair);
  }
  for (std::size_t i = 0; i < first.size(); ++i)
    if (!in_first[i]) found.only_first.push_back(i);
  for (std::size_t i = 0; i < second.size(); ++i)
    if (!in_second[i]) found.only_second.push_back(i);
  pair_by_place(first, second, found);
  using Row = results::TrialInfo;
  add_environment(
      first, second, "versions",
      [](const Row& row) { return results::versions_text(row.versions); }, found);
  add_environment(
      first, second, "plugin", [](const Row& row) { return results::plugins_text(row.plugins); },
      found);
  add_environment(
      first, second, "processor", [](const Row& row) { return row.processor(); }, found);
  return found;
}

}  // namespace varia::analysis
