#include "experiment/list_entry.hpp"

#include <fmt/format.h>

#include <map>

#include "experiment/sections.hpp"
#include "experiment/yaml/dotted_key.hpp"
#include "varia/error_list.hpp"
#include "varia/parameter_schema.hpp"

namespace varia::experiment {
namespace {

constexpr const char* kUse = "use";
constexpr const char* kAs = "as";
constexpr const char* kEvery = "every";
constexpr const char* kLastEpoch = "last";

std::int64_t read_every(const Value& value, const std::string& subject) {
  if (value.is_scalar() && value.text() == kLastEpoch) return ListEntry::kLast;
  const auto every = value.as_integer();
  if (!every || *every < 1)
    throw ConfigError(value.where(),
                      fmt::format("{}: every: expected a whole number of epochs, 1 or more, or "
                                  "'last'; found {}",
                                  subject, value.describe()));
  return *every;
}

/// The keys of an entry beside `use` and the component's own.
Value entry_keys(const ComponentInfo& info) {
  const auto every_value =
      info.every == ListEntry::kLast ? Value::text(kLastEpoch) : Value::integer(info.every);
  const auto count = schema_of({{"type", Value::text("integer")}, {"minimum", Value::integer(1)}});
  const auto last = schema_of({{"const", Value::text(kLastEpoch)}});
  Value name = part_name_schema();
  name.set("description", Value::text("The name in results and in dotted keys, in place of use."));
  return Value::map(
      {{kAs, name, {}},
       {kEvery,
        schema_of({{"anyOf", Value::list({count, last})},
                   {"default", every_value},
                   {"description", Value::text("Epochs from one evaluation to the next; the last "
                                               "epoch is always among them.")}}),
        {}}});
}

ListEntry read_entry(const Value& item, const std::string& kind, const Registry& registry) {
  const Value* use = item.is_map() ? item.find(kUse) : &item;
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
    std::vector<std::string> known{kUse, kAs, kEvery};
    for (const Parameter* parameter : params->parameters()) known.push_back(parameter->name());
    check_keys(item, known, "a parameter", subject + ": ");
    own = item;
    for (const char* key : {kUse, kAs, kEvery}) own.erase(key);
    if (const Value* name = item.find(kAs)) check_part_name(*name, subject + ": as");
    if (const Value* every = item.find(kEvery)) entry.every = read_every(*every, subject);
  }
  params->load(own, {&registry, subject, item.where()});
  entry.params = params->resolved();
  entry.params.set_where(item.where());
  return entry;
}

/// True if a name is `beginning` alone, or `beginning` with "_" and more behind it.
bool begins(std::string_view name, std::string_view beginning) {
  return name == beginning || (name.starts_with(beginning) && name[beginning.size()] == '_');
}

}  // namespace

std::string ListEntry::value_name(const std::string& key) const {
  return begins(key, use) ? name + key.substr(use.size()) : name + "_" + key;
}

const ListEntry* entry_of(std::string_view value, const std::vector<ListEntry>& entries) {
  const ListEntry* found = nullptr;
  for (const auto& entry : entries)
    if (begins(value, entry.name) && (found == nullptr || entry.name.size() > found->name.size()))
      found = &entry;
  return found;
}

std::vector<ListEntry> read_entries(const Value& list, const std::string& kind,
                                    const Registry& registry) {
  const auto section = kind + "s";
  if (list.is_null()) return {};
  if (!list.is_list())
    throw ConfigError(list.where(),
                      fmt::format("{}: expected a list, found {}", section, list.describe()));
  std::vector<ListEntry> entries;
  std::map<std::string, Location> names;
  ErrorList errors;
  for (const Value& item : list.items()) {
    errors.collect([&] { entries.push_back(read_entry(item, kind, registry)); });
    const auto [first, is_new] = names.emplace(entry_name(item), item.where());
    if (!is_new && !first->first.empty())
      errors.add({item.where(),
                  fmt::format("{}: two entries are named '{}', here and at {}; give one of them "
                              "another name with 'as'",
                              section, first->first, first->second.text())});
  }
  errors.raise();
  return entries;
}

Value entries_schema(const std::string& kind, const Registry& registry) {
  std::vector<UseSchema> options;
  for (const auto* info : registry.list(kind)) {
    Value keys = entry_keys(*info);
    const Value own = info->make_params()->schema();
    for (const auto& entry : own.find("properties")->entries()) keys.set(entry.key, entry.value);
    options.push_back({info->name, std::move(keys), info->doc});
  }
  return schema_of({{"type", Value::list({Value::text("array"), Value::text("null")})},
                    {"items", use_schema(options)}});
}

Value entry_value(const ListEntry& entry) {
  Value value = Value::map({});
  value.set(kUse, Value::text(entry.use));
  if (entry.name != entry.use) value.set(kAs, Value::text(entry.name));
  value.set(kEvery, entry.every == ListEntry::kLast ? Value::text(kLastEpoch)
                                                    : Value::integer(entry.every));
  for (const auto& parameter : entry.params.entries()) value.set(parameter.key, parameter.value);
  return value;
}

}  // namespace varia::experiment
