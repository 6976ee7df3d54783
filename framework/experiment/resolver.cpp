#include "experiment/resolver.hpp"

#include <fmt/format.h>

#include "varia/parameters.hpp"

namespace varia::experiment {
namespace {

bool depends_on_run_length(const ParamSet& params) {
  bool depends = false;
  params.visit("", [&](const std::string&, Parameter& parameter) {
    const auto* scheduled = dynamic_cast<const Scheduled*>(&parameter);
    depends = depends || (scheduled && scheduled->depends_on_run_length());
  });
  return depends;
}

/// The section as a map with `use`.
Value as_map(const Value& tree, const ComponentSection& section) {
  const auto& [key, kind, member, default_use] = section;
  const Value* given = tree.find(key);
  const bool missing = !given || given->is_null();
  Value map = missing ? Value(given ? given->where() : tree.where()) : *given;
  if (map.is_scalar()) map = Value::map({{"use", map, map.where()}}, map.where());
  if (!missing && !map.is_map())
    throw ConfigError(map.where(), fmt::format("{}: expected the name of a {} or a map with 'use', "
                                               "found {}",
                                               key, kind, map.describe()));
  if (map.find("use")) return map;
  if (default_use) {
    map.set("use", Value::scalar(default_use, true, map.where()), map.where());
    return map;
  }
  throw ConfigError(map.where(),
                    missing ? fmt::format("'{0}' is missing; add '{0}: {{use: NAME}}' with the "
                                          "name of a {1}",
                                          key, kind)
                            : fmt::format("{0}: 'use' is missing; add 'use: NAME' with the name of "
                                          "a {1}",
                                          key, kind));
}

std::string cache_key(const std::string& key, const Value& section) {
  return key + " " + section.canonical();
}

}  // namespace

ResolvedSection Resolver::component(const Value& tree, const ComponentSection& section) {
  const std::string kind = section.kind;
  Value map = as_map(tree, section);
  const auto [cached, is_new] = components_.try_emplace(cache_key(section.key, map));
  if (!is_new) return cached->second;

  const Value use = *map.find("use");
  if (!use.is_scalar())
    throw ConfigError(use.where(), fmt::format("{}: use: expected the name of a {}, found {}",
                                               section.key, kind, use.describe()));
  const ComponentInfo& info = registry_.get(kind, use.text(), use.where(), section.key);
  map.erase("use");
  const auto params = info.make_params();
  params->load(map, {&registry_, kind + " " + info.name, map.where()});
  const Value resolved = params->resolved();
  Value value = Value::map({{"use", Value::scalar(info.name, true, use.where()), {}}}, map.where());
  for (const auto& entry : resolved.entries()) value.set(entry.key, entry.value);
  cached->second = {std::make_shared<const Value>(std::move(value)),
                    depends_on_run_length(*params)};
  return cached->second;
}

SharedTrainParams Resolver::train(const Value& tree) {
  const Value* section = tree.find("train");
  const Value map = section ? *section : Value(tree.where());
  const auto [cached, is_new] = train_.try_emplace(cache_key("train", map));
  if (is_new) {
    auto params = std::make_shared<TrainParams>();
    params->load(map, {&registry_, "train", map.where()});
    cached->second = std::move(params);
  }
  return cached->second;
}

SharedEntries Resolver::entries(const Value& tree, const EntrySection& section) {
  const Value* given = tree.find(section.key);
  const Value list = given ? *given : Value(tree.where());
  const auto [cached, is_new] = entries_.try_emplace(cache_key(section.key, list));
  if (is_new)
    cached->second =
        std::make_shared<const std::vector<ListEntry>>(read_entries(list, section.kind, registry_));
  return cached->second;
}

}  // namespace varia::experiment
