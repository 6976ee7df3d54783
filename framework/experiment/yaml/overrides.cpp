#include "experiment/yaml/layers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "experiment/params/run_params.hpp"
#include "experiment/sections.hpp"
#include "experiment/yaml/yaml_reader.hpp"
#include "varia/error_list.hpp"

namespace varia::experiment {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_named_axis(const Value::Entry& entry) {
  return entry.key != "zip" && entry.key != "random" && entry.value.is_map();
}

/// Takes `key`, and its `use`, out of what a variant sets, whose keys may be nested or dotted.
/// @param outer of `values`, with a dot at its end
void drop_set(Value& values, const std::string& outer, const std::string& key) {
  for (const auto& entry : std::vector<Value::Entry>(values.entries())) {
    const auto name = outer + entry.key;
    auto& value = *values.find(entry.key);
    const bool was_nested = value.is_map() && !value.entries().empty();
    if (was_nested) drop_set(value, name + ".", key);
    if (was_nested ? value.entries().empty() : name == key || name == key + ".use")
      values.erase(entry.key);
  }
}

/// Takes every axis of `key` out of a sweep, and what variants set there: the tree alone says what
/// is trained. What is malformed is left for `read_sweep` to refuse.
void drop_axis(Value& sweep, const std::string& key) {
  sweep.erase(key);
  if (Value* random = sweep.find("random"); random && random->find(key) && key != "count") {
    random->erase(key);
    if (random->entries().size() == 1 && random->find("count")) sweep.erase("random");
  }
  if (Value* zip = sweep.find("zip"); zip && zip->is_list()) {
    std::vector<Value> groups;
    for (Value group : zip->items()) {
      const bool was_in = group.find(key) != nullptr;
      group.erase(key);
      if (!was_in || !group.entries().empty()) groups.push_back(std::move(group));
    }
    *zip = Value::list(std::move(groups), zip->where());
    if (zip->items().empty()) sweep.erase("zip");
  }
  for (const auto& axis : std::vector<Value::Entry>(sweep.entries())) {
    if (!is_named_axis(axis)) continue;
    for (const auto& variant : axis.value.entries()) {
      auto& parts = *sweep.find(axis.key)->find(variant.key);
      if (Value* sub = parts.find("sweep")) drop_axis(*sub, key);
      if (Value* values = parts.find("set"); values && values->is_map()) drop_set(*values, "", key);
    }
  }
}

void set_in_sweep(Value& tree, const std::string& key, Value value, const Location& where) {
  if (!tree.find("sweep") || !tree.find("sweep")->is_map())
    tree.set("sweep", Value::map({}), where);
  Value* target = tree.find("sweep");
  std::string rest = key;
  constexpr std::string_view kRandom = "random.";
  if (key.starts_with(kRandom)) {
    rest = key.substr(kRandom.size());
    if (!target->find("random")) target->set("random", Value::map({}, where), where);
    target = target->find("random");
    if (!target->is_map()) *target = Value::map({}, where);
  }
  target->set(rest, std::move(value), where);
}

/// Keeps one variant of the named axis `axis`.
void choose_variant(Value& axis, const std::string& name, const Value& value,
                    const Location& where) {
  std::vector<std::string> known;
  for (const auto& variant : axis.entries()) {
    if (value.is_scalar() && variant.key == value.text()) {
      axis = Value::map({Value::Entry(variant)}, axis.where());
      return;
    }
    known.push_back(variant.key);
  }
  throw ConfigError(where, fmt::format("{} is not a variant of the axis '{}'. {}", value.describe(),
                                       name, suggestion(value.text(), known)));
}

/// "train.epochs" for "epochs"; empty if no section with fixed keys has one of that name.
std::string dotted(const std::string& key) {
  const auto has_key = [&](const ParamSet& section) {
    return std::ranges::any_of(section.parameters(),
                               [&](const auto* parameter) { return parameter->name() == key; });
  };
  if (has_key(TrainParams())) return "train." + key;
  if (has_key(RunParams())) return "run." + key;
  return "";
}

[[noreturn]] void refuse_key(const std::string& key, const Value& tree, const Location& where) {
  if (const auto meant = dotted(key); !meant.empty())
    throw ConfigError(
        where, fmt::format("'{}' is not a key of an experiment. Did you mean '{}'?", key, meant));
  auto known = experiment_keys();
  if (const Value* sweep = tree.find("sweep"))
    for (const auto& axis : sweep->entries())
      if (is_named_axis(axis)) known.push_back(axis.key);
  throw ConfigError(where, fmt::format("'{}' is not a key of an experiment. {}", key,
                                       suggestion(key, std::move(known))));
}

/// Applies one override; what sets a key of a trial's section is only added to `assignments`.
void apply_override(const std::string& text, Value& tree, std::vector<Assignment>& assignments) {
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20; }))
    throw ConfigError(
        "an override on the command line holds a line break or another control "
        "character; expected KEY=VALUE on one line");
  const Location where{text + " on the command line"};
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw ConfigError(where, "expected KEY=VALUE, such as loss.beta=4");
  const std::string key = text.substr(0, equals);
  const auto path = split_key(key, where);
  Value value = read_yaml_value(text.substr(equals + 1), where);
  Value* sweep = tree.find("sweep");
  if (contains(trial_sections(), path[0])) {
    if (sweep) drop_axis(*sweep, key);
    assignments.push_back({key, path, std::move(value), where});
  } else if (path.size() > 1 && contains(run_sections(), path[0])) {
    assign(tree, {key, path, std::move(value), where});
  } else if (path[0] == "sweep" && path.size() > 1) {
    set_in_sweep(tree, key.substr(path[0].size() + 1), std::move(value), where);
  } else if (path.size() == 1 && sweep && sweep->find(key) && sweep->find(key)->is_map() &&
             key != "random") {
    choose_variant(*sweep->find(key), key, value, where);
  } else if (key == "extends") {
    throw ConfigError(where, "'extends' is for experiment files; give keys one by one here");
  } else if (key == "relative_to") {
    throw ConfigError(where,
                      "'relative_to' is for experiment files; paths of the command line start in "
                      "the working folder");
  } else if (path.size() == 1 && contains(experiment_keys(), key)) {
    tree.set(key, std::move(value), where);
  } else {
    refuse_key(path[0], tree, where);
  }
}

}  // namespace

std::vector<Assignment> apply_overrides(Value& tree, const std::vector<std::string>& overrides) {
  std::vector<Assignment> assignments;
  ErrorList errors;
  for (const std::string& text : overrides)
    errors.collect([&] { apply_override(text, tree, assignments); });
  errors.raise();
  sort_for_assigning(assignments);
  for (const Assignment& assignment : assignments) assign(tree, assignment);
  if (const Value* sweep = tree.find("sweep"); sweep && sweep->is_map() && sweep->entries().empty())
    tree.erase("sweep");
  return assignments;
}

}  // namespace varia::experiment
