#include "varia/parameter_schema.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "core/parameters/parameter_support.hpp"
#include "varia/component.hpp"
#include "varia/file_digest.hpp"

namespace varia {

namespace {

Value word(const char* text) { return Value::text(text); }

Value words(const std::vector<std::string>& texts) {
  Value list = Value::list();
  for (const auto& text : texts) list.push(Value::text(text));
  return list;
}

Value count(std::size_t number) { return Value::integer(static_cast<std::int64_t>(number)); }

/// As they stand in a file: 1 is a number, whatever reads it.
Value options_schema(const std::vector<std::string>& options) {
  Value all = words(options);
  for (const auto& option : options)
    if (const Value plain = Value::scalar(option); !same_content(plain, Value::text(option)))
      all.push(plain);
  return schema_of({{"enum", std::move(all)}});
}

/// Any scalar reads as a text.
Value text_schema() { return schema_of({{"type", words({"string", "number", "boolean"})}}); }

/// Null: no bound.
Value bound(double number) { return std::isfinite(number) ? Value::real(number) : Value(); }
Value bound(std::int64_t number) {
  using Limits = std::numeric_limits<std::int64_t>;
  const bool is_none = number == Limits::min() || number == Limits::max();
  return is_none ? Value() : Value::integer(number);
}

template <class Interval>
Value number_schema(const Interval& range) {
  constexpr bool kWhole = std::is_same_v<Interval, IntegerRange>;
  return schema_of({{"type", word(kWhole ? "integer" : "number")},
                    {"minimum", bound(range.min)},
                    {"maximum", bound(range.max)}});
}

Value scheduled_schema(const Range& range) {
  return schema_if_map(component_schema(Schedule::kKind), number_schema(range));
}

Value list_schema(Value items, std::size_t most) {
  return schema_of(
      {{"type", word("array")}, {"items", std::move(items)}, {"maxItems", count(most)}});
}

Value with_default(Value schema, Value default_value) {
  if (!default_value.is_null()) schema.set("default", std::move(default_value));
  return schema;
}

Value with_use_key(const UseSchema& option) {
  Value keys = Value::map();
  keys.set("use",
           schema_of({{"const", Value::text(option.name)},
                      {"description", option.doc.empty() ? Value() : Value::text(option.doc)}}));
  for (const auto& entry : option.keys.entries()) keys.set(entry.key, entry.value);
  return map_schema(std::move(keys));
}

/// A map without `use`: the keys of any of the options.
Value any_keys(const std::vector<UseSchema>& options) {
  std::vector<std::string> keys{"use"};
  for (const auto& option : options)
    for (const auto& entry : option.keys.entries())
      if (std::ranges::find(keys, entry.key) == keys.end()) keys.push_back(entry.key);
  return schema_of({{"propertyNames", schema_of({{"enum", words(keys)}})}});
}

}  // namespace

Value schema_of(std::initializer_list<std::pair<const char*, Value>> keywords) {
  Value schema = Value::map();
  for (const auto& [keyword, value] : keywords)
    if (!value.is_null()) schema.set(keyword, value);
  return schema;
}

Value schema_if_map(Value then, Value otherwise) {
  Value outer = Value::map();
  for (const char* keyword : {"default", "description"})
    if (const Value* value = otherwise.find(keyword)) {
      outer.set(keyword, *value);
      otherwise.erase(keyword);
    }
  outer.set("if", schema_of({{"type", word("object")}}));
  outer.set("then", std::move(then));
  outer.set("else", std::move(otherwise));
  return outer;
}

Value component_schema(const std::string& kind) {
  return schema_of({{"$ref", Value::text("#/definitions/" + kind)}});
}

Value map_schema(Value properties) {
  return schema_of({{"type", words({"object", "null"})},
                    {"properties", std::move(properties)},
                    {"additionalProperties", Value::boolean(false)}});
}

Value use_schema(const std::vector<UseSchema>& options, const std::string& default_use) {
  std::vector<std::string> names, docs;
  for (const auto& option : options) {
    names.push_back(option.name);
    docs.push_back(option.doc);
  }
  const Value name = schema_of({{"enum", words(names)}, {"enumDescriptions", words(docs)}});
  const Value has_use = schema_of({{"required", words({"use"})}});
  Value cases = Value::list();
  Value without_use = any_keys(options);
  for (const auto& option : options) {
    Value chosen = has_use;
    chosen.set("properties",
               schema_of({{"use", schema_of({{"const", Value::text(option.name)}})}}));
    const Value keys = with_use_key(option);
    cases.push(schema_of({{"if", std::move(chosen)}, {"then", keys}}));
    if (option.name == default_use) without_use = keys;
  }
  cases.push(schema_of({{"if", has_use}, {"else", std::move(without_use)}}));
  return schema_if_map(
      schema_of({{"properties", schema_of({{"use", name}})}, {"allOf", std::move(cases)}}), name);
}

Value Parameter::schema() const { return Value::map(); }

Value ParamSet::schema() const {
  Value properties = Value::map();
  for (const Parameter* parameter : parameters_) {
    Value schema = parameter->schema();
    schema.set("description", Value::text(parameter->doc()));
    properties.set(parameter->name(), std::move(schema));
  }
  return map_schema(std::move(properties));
}

template <class Number, class Interval>
Value NumberParameter<Number, Interval>::schema() const {
  Value default_value;
  if constexpr (std::is_integral_v<Number>)
    default_value = default_ ? Value::integer(*default_) : Value();
  else
    default_value = default_ ? bound(*default_) : Value();
  return with_default(number_schema(range_), std::move(default_value));
}
template Value NumberParameter<std::int64_t, IntegerRange>::schema() const;
template Value NumberParameter<double, Range>::schema() const;

Value Boolean::schema() const {
  return with_default(schema_of({{"type", word("boolean")}}), Value::boolean(default_));
}

Value Text::schema() const {
  return with_default(text_schema(), default_ ? Value::text(*default_) : Value());
}

Value Choice::schema() const {
  return with_default(options_schema(options_), Value::text(default_));
}

Value Variant::schema() const {
  std::vector<UseSchema> options;
  for (const Option& option : options_) {
    const Value keys = option.make ? *option.make()->schema().find("properties") : Value::map();
    options.push_back({option.name, keys, ""});
  }
  return with_default(use_schema(options), Value::text(default_));
}

template <class Number, class Interval>
Value NumberList<Number, Interval>::schema() const {
  Value default_value = Value::list();
  for (const Number number : default_) {
    if constexpr (std::is_integral_v<Number>)
      default_value.push(Value::integer(number));
    else
      default_value.push(Value::real(number));
  }
  return with_default(list_schema(number_schema(each_), kMostItems), std::move(default_value));
}
template Value NumberList<std::int64_t, IntegerRange>::schema() const;
template Value NumberList<double, Range>::schema() const;

Value TextList::schema() const {
  return with_default(list_schema(text_schema(), kMostItems), words(default_));
}

Value Scheduled::schema() const {
  return with_default(scheduled_schema(range_), default_ ? bound(*default_) : Value());
}

Value ScheduledMap::schema() const {
  return schema_of({{"type", word("object")},
                    {"maxProperties", count(kMostRecords)},
                    {"additionalProperties", scheduled_schema(each_)}});
}

Value RecordBase::schema() const { return params_->schema(); }

Value RecordListBase::schema() const {
  return with_default(list_schema(make_()->schema(), kMostRecords), Value::list());
}

Value ComponentParameter::schema() const {
  Value choice = Value::list();
  choice.push(component_schema(kind_));
  return with_default(schema_of({{"allOf", std::move(choice)}}),
                      by_data_ || default_use_.empty() ? Value() : Value::text(default_use_));
}

Value FileDigest::schema() const {
  return schema_of({{"type", word("string")}, {"pattern", word("^[0-9a-f]{64}$")}});
}

}  // namespace varia
