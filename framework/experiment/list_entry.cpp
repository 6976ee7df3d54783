#include "experiment/list_entry.hpp"

#include <fmt/format.h>

#include <map>

#include "experiment/sections.hpp"
#include "experiment/yaml/dotted_key.hpp"

namespace varia::experiment {
namespace {

std::int64_t read_every(const Value& value, const std::string& subject) {
  if (value.is_scalar() && value.text() == "last") return ListEntry::kLast;
  const auto every = value.as_integer();
  if (!every || *every < 1)
    throw ConfigError(value.where(),
                      fmt::format("{}: every: expected a whole number of epochs, 1 or more, or "
                                  "'last'; found {}",
                                  subject, value.describe()));
  return *every;
}

ListEntry read_entry(const Value& item, const std::string& kind, const Registry& registry) {
  const Value* use = item.is_map() ? item.find("use") : &item;
  if (!use || !use->is_scalar())
    throw ConfigError(item.where(),
                      fmt::format("{0}s: expected the name of a {0} or a map with 'use', found {1}",
                                  kind, item.is_map() ? "a map without it" : item.describe()));
  const ComponentInfo& info = registry.get(kind, use->text(), use->where(), kind + "s");
  const std::string subject = kind + " " + info.name;
  const auto params = info.make_params();
  ListEntry entry;
  entry.use = info.name;
  entry.name = entry_name(item);
  entry.every = info.every;
  Value own(item.where());
  if (item.is_map()) {
    std::vector<std::string> known{"use", "as", "every"};
    for (const Parameter* parameter : params->parameters()) known.push_back(parameter->name());
    check_keys(item, known, "a parameter", subject + ": ");
    own = item;
    for (const char* key : {"use", "as", "every"}) own.erase(key);
    if (const Value* name = item.find("as")) check_part_name(*name, subject + ": as");
    if (const Value* every = item.find("every")) entry.every = read_every(*every, subject);
  }
  params->load(own, {&registry, subject, item.where()});
  entry.params = params->resolved();
  entry.params.set_where(item.where());
  return entry;
}

}  // namespace

std::vector<ListEntry> read_entries(const Value& list, const std::string& kind,
                                    const Registry& registry) {
  const auto section = kind + "s";
  if (list.is_null()) return {};
  if (!list.is_list())
    throw ConfigError(list.where(),
                      fmt::format("{}: expected a list, found {}", section, list.describe()));
  std::vector<ListEntry> entries;
  std::map<std::string, Location> names;
  for (const Value& item : list.items()) {
    entries.push_back(read_entry(item, kind, registry));
    const auto [first, is_new] = names.emplace(entries.back().name, item.where());
    if (!is_new)
      throw ConfigError(item.where(),
                        fmt::format("{}: two entries are named '{}', here and at {}; give one of "
                                    "them another name with 'as'",
                                    section, first->first, first->second.text()));
  }
  return entries;
}

Value entry_value(const ListEntry& entry) {
  Value value = Value::map({});
  value.set("use", Value::text(entry.use));
  if (entry.name != entry.use) value.set("as", Value::text(entry.name));
  value.set("every",
            entry.every == ListEntry::kLast ? Value::text("last") : Value::integer(entry.every));
  for (const auto& parameter : entry.params.entries()) value.set(parameter.key, parameter.value);
  return value;
}

}  // namespace varia::experiment
