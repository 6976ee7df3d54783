#include "experiment/axes/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "experiment/axes/random_axis.hpp"
#include "experiment/sections.hpp"
#include "varia/error_list.hpp"

namespace varia::experiment {
namespace {

using Axis = std::vector<Point>;
/// Where each key is set, and each named axis stands.
using Keys = std::map<std::string, Location>;

Sweep read_axes(const Value& sweep, std::int64_t seed, Keys& keys, ErrorList& errors);

void check_size(std::uint64_t trials, const Location& where) {
  if (trials > kMaxTrials)
    throw ConfigError(where, fmt::format("sweep: more than {} trials; take fewer values, or draw "
                                         "some of them by 'random'",
                                         kMaxTrials));
}

void claim(Keys& keys, const std::string& key, const Location& where) {
  const auto [first, is_new] = keys.emplace(key, where);
  if (!is_new)
    throw ConfigError(where, fmt::format("sweep: '{}' is set twice, here and at {}; keep one", key,
                                         first->second.text()));
}

std::vector<std::string> section_path(const std::string& key, const Location& where) {
  const auto path = split_key(key, where);
  if (std::ranges::find(trial_sections(), path[0]) == trial_sections().end())
    throw ConfigError(where, fmt::format("sweep: '{}' is not a section that can be swept. {}",
                                         path[0], suggestion(path[0], trial_sections())));
  return path;
}

const std::vector<Value>& axis_values(const Value::Entry& entry) {
  if (!entry.value.is_list() || entry.value.items().empty())
    throw ConfigError(entry.value.where(),
                      fmt::format("sweep: {}: expected a list of values, found {}", entry.key,
                                  entry.value.describe()));
  return entry.value.items();
}

Axis read_grid_axis(const Value::Entry& entry, Keys& keys) {
  claim(keys, entry.key, entry.key_where);
  const auto path = section_path(entry.key, entry.key_where);
  Axis axis;
  for (const Value& value : axis_values(entry))
    axis.push_back({{entry.key, path, value, entry.key_where}});
  return axis;
}

Axis read_zip_group(const Value& group, Keys& keys) {
  if (!group.is_map() || group.entries().empty())
    throw ConfigError(group.where(),
                      "sweep: zip: expected a map of keys with lists of equal "
                      "length, found " +
                          group.describe());
  Axis axis;
  for (const auto& entry : group.entries()) {
    Axis member = read_grid_axis(entry, keys);
    if (axis.empty()) axis.resize(member.size());
    if (member.size() != axis.size())
      throw ConfigError(entry.value.where(),
                        fmt::format("sweep: zip: {} has {} values, but {} has {}", entry.key,
                                    member.size(), group.entries()[0].key, axis.size()));
    for (std::size_t i = 0; i < axis.size(); ++i) axis[i].push_back(std::move(member[i][0]));
  }
  return axis;
}

const std::vector<Value>& zip_groups(const Value& zip) {
  if (!zip.is_list() || zip.items().empty())
    throw ConfigError(zip.where(),
                      "sweep: zip: expected a list of groups such as [{loss.gamma: "
                      "[1, 10], loss.capacity: [5, 25]}], found " +
                          zip.describe());
  return zip.items();
}

Axis read_random(const Value& random, std::int64_t seed, Keys& keys) {
  for (const auto& entry : random.entries()) {
    if (entry.key == "count") continue;
    section_path(entry.key, entry.key_where);
    claim(keys, entry.key, entry.key_where);
  }
  return draw_random_points(random, seed);
}

/// Every value in a `set`, by its dotted key.
void flatten(const std::string& key, const Location& key_where, const Value& value,
             Point& assignments) {
  if (value.is_map()) {
    for (const auto& entry : value.entries())
      flatten(key.empty() ? entry.key : key + "." + entry.key, entry.key_where, entry.value,
              assignments);
  } else {
    assignments.push_back({key, section_path(key, key_where), value, key_where});
  }
}

const Value* part(const Value& variant, const std::string& key) {
  const Value* value = variant.find(key);
  return value && !value->is_null() ? value : nullptr;
}

void check_variant(const std::string& axis, const Value::Entry& variant) {
  const std::string subject = fmt::format("sweep: {}.{}", axis, variant.key);
  check_part_name(Value::scalar(variant.key, true, variant.key_where), "sweep: variant of " + axis);
  if (!variant.value.is_map() && !variant.value.is_null())
    throw ConfigError(
        variant.value.where(),
        fmt::format("{}: expected a map with 'set' and 'sweep', found {}{}", subject,
                    variant.value.describe(),
                    variant.value.is_list()
                        ? fmt::format(". A list of values goes with a dotted key: "
                                      "'{}.{}: [...]' in place of '{}: {{{}: [...]}}'",
                                      axis, variant.key, axis, variant.key)
                        : ""));
  check_keys(variant.value, {"set", "sweep"}, "a key of a variant", subject + ": ");
  for (const auto& entry : variant.value.entries()) {
    if (!entry.value.is_map() && !entry.value.is_null())
      throw ConfigError(entry.value.where(),
                        fmt::format("{}: {}: expected a map, found {}", subject, entry.key,
                                    entry.value.describe()));
  }
}

/// An axis of variants. `swept` gets its name and the keys of its sub-sweeps.
Axis read_named_axis(const Value::Entry& entry, std::int64_t seed, Keys& keys,
                     std::vector<std::string>& swept) {
  check_part_name(Value::scalar(entry.key, true, entry.key_where), "sweep: name of an axis");
  claim(keys, entry.key, entry.key_where);
  swept.push_back(entry.key);
  if (entry.value.entries().empty())
    throw ConfigError(entry.value.where(), fmt::format("sweep: {}: expected variants, found {}",
                                                       entry.key, entry.value.describe()));
  Axis axis;
  Keys all_keys = keys;
  for (const auto& variant : entry.value.entries()) {
    check_variant(entry.key, variant);
    Keys own_keys = keys;
    const auto name = Value::scalar(variant.key, true, variant.key_where);
    Point set{{entry.key, {}, name, entry.key_where}};
    if (const Value* values = part(variant.value, "set")) flatten("", {}, *values, set);
    for (std::size_t i = 1; i < set.size(); ++i) claim(own_keys, set[i].key, set[i].key_where);
    Sweep sub;
    if (const Value* axes = part(variant.value, "sweep")) {
      ErrorList errors;
      sub = read_axes(*axes, seed, own_keys, errors);
      errors.raise();
    }
    check_size(axis.size() + sub.size(), variant.key_where);
    for (std::uint64_t i = 0; i < sub.size(); ++i) {
      axis.push_back(set);
      std::ranges::copy(sub.point(i), std::back_inserter(axis.back()));
    }
    swept.insert(swept.end(), sub.keys.begin(), sub.keys.end());
    all_keys.merge(own_keys);
  }
  keys = std::move(all_keys);
  return axis;
}

void read_axis(const Value::Entry& entry, std::int64_t seed, Keys& keys, Sweep& read) {
  if (entry.key == "zip") {
    for (const Value& group : zip_groups(entry.value)) {
      read.axes.push_back(read_zip_group(group, keys));
      for (const auto& member : group.entries()) read.keys.push_back(member.key);
    }
  } else if (entry.key == "random") {
    read.axes.push_back(read_random(entry.value, seed, keys));
    for (const auto& member : entry.value.entries())
      if (member.key != "count") read.keys.push_back(member.key);
  } else if (entry.key.find('.') != std::string::npos) {
    read.axes.push_back(read_grid_axis(entry, keys));
    read.keys.push_back(entry.key);
  } else if (entry.value.is_map()) {
    read.axes.push_back(read_named_axis(entry, seed, keys, read.keys));
  } else {
    throw ConfigError(entry.key_where,
                      fmt::format("sweep: '{}' has no dot, so it names an axis of variants: "
                                  "expected a map of them, found {}. A list of values goes with "
                                  "a dotted key, such as loss.beta",
                                  entry.key, entry.value.describe()));
  }
}

/// The axes that can be read.
Sweep read_axes(const Value& sweep, std::int64_t seed, Keys& keys, ErrorList& errors) {
  Sweep read;
  for (const auto& entry : sweep.entries())
    errors.collect([&] { read_axis(entry, seed, keys, read); });
  return read;
}

}  // namespace

std::uint64_t Sweep::size() const {
  std::uint64_t total = 1;
  for (const auto& axis : axes) total = std::min(total * axis.size(), kMaxTrials + 1);
  return total;
}

Point Sweep::point(std::uint64_t combination) const {
  std::vector<const Point*> stops;
  for (std::size_t i = axes.size(); i-- > 0; combination /= axes[i].size())
    stops.push_back(&axes[i][combination % axes[i].size()]);
  Point all;
  for (std::size_t i = stops.size(); i-- > 0;)
    all.insert(all.end(), stops[i]->begin(), stops[i]->end());
  return all;
}

Sweep read_sweep(const Value& sweep, std::int64_t seed, ErrorList* errors) {
  if (sweep.is_null()) return {};
  if (!sweep.is_map())
    throw ConfigError(sweep.where(), "sweep: expected a map of axes, found " + sweep.describe());
  Keys keys;
  ErrorList found;
  Sweep read = read_axes(sweep, seed, keys, found);
  if (errors == nullptr)
    found.raise();
  else
    errors->collect([&] { found.raise(); });
  check_size(read.size(), sweep.where());
  std::vector<std::string> once;
  for (const std::string& key : read.keys)
    if (std::ranges::find(once, key) == once.end()) once.push_back(key);
  read.keys = std::move(once);
  return read;
}

constexpr std::int64_t kMostFolds = 10'000;  // as of the parameter itself

Value with_folds_spelled_out(Value sweep, const Value& tree) {
  Value* const axis = sweep.find("data.fold");
  if (!axis || !axis->is_scalar() || axis->text() != "all") return sweep;
  const Value* const data = tree.find("data");
  const Value* const folds = data ? data->find("folds") : nullptr;
  const auto count = folds ? folds->as_integer() : std::nullopt;
  if (!count || *count < 2 || *count > kMostFolds)
    throw ConfigError(axis->where(),
                      fmt::format("sweep: data.fold: 'all' needs the number of folds at "
                                  "data.folds, 2 to {}; found {}",
                                  kMostFolds, folds ? folds->describe() : "nothing"));
  std::vector<Value> values;
  for (std::int64_t fold = 0; fold < *count; ++fold)
    values.push_back(Value::scalar(std::to_string(fold), false, axis->where()));
  *axis = Value::list(std::move(values), axis->where());
  return sweep;
}

}  // namespace varia::experiment
