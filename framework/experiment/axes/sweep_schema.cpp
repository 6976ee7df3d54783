#include "experiment/axes/random_axis.hpp"
#include "experiment/axes/sweep.hpp"
#include "experiment/sections.hpp"
#include "varia/parameter_schema.hpp"

namespace varia::experiment {

namespace {

/// Dotted keys that no declaration has: those of entries, which go by their own names, and notes.
constexpr const char* kOpenKeys = R"(^((metrics|views)\.[^.]+\..+|notes\.[^.]+)$)";
constexpr const char* kNamedAxes = R"(^(?!(zip|random)$)[A-Za-z0-9_][A-Za-z0-9_-]*$)";

Value reference(const std::string& name) {
  return schema_of({{"$ref", Value::text("#/definitions/" + name)}});
}

Value object(Value properties, Value patterns) {
  Value schema = map_schema(std::move(properties));
  schema.set("patternProperties", std::move(patterns));
  return schema;
}

Value values_of(const Value& value) {
  return schema_of({{"type", Value::text("array")},
                    {"items", value.entries().empty() ? Value() : value},
                    {"minItems", Value::integer(1)}});
}

}  // namespace

Value sweep_definitions(const Value& keys) {
  const auto anything = Value::map();
  Value axes = Value::map();
  Value assignments = Value::map();
  std::vector<std::string> names;
  for (const auto& entry : keys.entries()) {
    axes.set(entry.key, values_of(reference(entry.key)));
    assignments.set(entry.key, reference(entry.key));
    names.push_back(entry.key);
  }
  const auto open_axes = Value::map({{kOpenKeys, values_of(anything), {}}});
  const auto group = [&] {
    auto schema = object(axes, open_axes);
    schema.set("minProperties", Value::integer(1));
    return schema;
  }();
  for (const auto& section : trial_sections()) assignments.set(section, anything);
  const auto variant = map_schema(
      Value::map({{"set", object(assignments, Value::map({{kOpenKeys, anything, {}}})), {}},
                  {"sweep", reference("sweep"), {}}}));
  const auto variants = schema_of({{"type", Value::text("object")},
                                   {"minProperties", Value::integer(1)},
                                   {"propertyNames", part_name_schema()},
                                   {"additionalProperties", reference("variant")}});

  Value sweep = axes;
  sweep.set("data.fold",
            schema_of({{"anyOf", Value::list({values_of(reference("data.fold")),
                                              schema_of({{"const", Value::text("all")}})})}}));
  sweep.set("zip", values_of(reference("zip_group")));
  sweep.set("random", random_schema(names, reference("distribution")));
  Value patterns = open_axes;
  patterns.set(kNamedAxes, reference("variants"));
  return Value::map({{"sweep", object(std::move(sweep), std::move(patterns)), {}},
                     {"distribution", distribution_schema(), {}},
                     {"zip_group", group, {}},
                     {"variant", variant, {}},
                     {"variants", variants, {}}});
}

}  // namespace varia::experiment
