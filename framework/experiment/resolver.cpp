#include "experiment/resolver.hpp"

#include <fmt/format.h>

#include "experiment/params/train_params.hpp"
#include "varia/parameters.hpp"

namespace varia::experiment {
namespace {

constexpr const char* kDefaultOptimizer = "adam";

bool depends_on_run_length(const ParamSet& params) {
  bool depends = false;
  params.visit("", [&](const std::string&, Parameter& parameter) {
    const auto* scheduled = dynamic_cast<const Scheduled*>(&parameter);
    depends = depends || (scheduled && scheduled->depends_on_run_length());
  });
  return depends;
}

/// The section as a map; of the optimizer `use` may be left out.
Value as_map(const Value& tree, const std::string& key, const std::string& kind) {
  const Value* section = tree.find(key);
  const bool missing = !section || section->is_null();
  Value map = missing ? Value(section ? section->where() : tree.where()) : *section;
  if (map.is_scalar()) map = Value::map({{"use", map, map.where()}}, map.where());
  if (!missing && !map.is_map())
    throw ConfigError(map.where(), fmt::format("{}: expected the name of a {} or a map with 'use', "
                                               "found {}",
                                               key, kind, map.describe()));
  if (map.find("use")) return map;
  if (kind == "optimizer") {
    map.set("use", Value::scalar(kDefaultOptimizer, true, map.where()), map.where());
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

ResolvedSection Resolver::component(const Value& tree, const std::string& key,
                                    const std::string& kind) {
  Value map = as_map(tree, key, kind);
  const auto [cached, is_new] = sections_.try_emplace(cache_key(key, map));
  if (!is_new) return cached->second;

  const Value use = *map.find("use");
  if (!use.is_scalar())
    throw ConfigError(use.where(), fmt::format("{}: use: expected the name of a {}, found {}", key,
                                               kind, use.describe()));
  const ComponentInfo& info = registry_.get(kind, use.text(), use.where(), key);
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

SharedValue Resolver::train(const Value& tree) {
  const Value* section = tree.find("train");
  const Value map = section ? *section : Value(tree.where());
  const auto [cached, is_new] = sections_.try_emplace(cache_key("train", map));
  if (is_new) {
    TrainParams params;
    params.load(map, {&registry_, "train", map.where()});
    cached->second.value = std::make_shared<const Value>(params.resolved());
  }
  return cached->second.value;
}

SharedEntries Resolver::entries(const Value& tree, const std::string& key) {
  const Value* section = tree.find(key);
  const Value list = section ? *section : Value(tree.where());
  const auto [cached, is_new] = entries_.try_emplace(cache_key(key, list));
  if (is_new)
    cached->second =
        std::make_shared<const std::vector<ListEntry>>(read_entries(list, key, registry_));
  return cached->second;
}

}  // namespace varia::experiment
