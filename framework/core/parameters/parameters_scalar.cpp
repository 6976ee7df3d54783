#include "core/parameters/parameter_support.hpp"

namespace varia {

Integer::Integer(ParamSet* owner, std::string name, std::int64_t default_value, Bounds bounds,
                 std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      value_(default_value),
      default_(default_value),
      bounds_(bounds) {
  check_default(this->name(), bounds_, default_value);
}

Integer::Integer(ParamSet* owner, std::string name, Unset, Bounds bounds, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)), bounds_(bounds) {}

void Integer::read(const Value& value, const LoadContext& context) {
  value_ = number_in(value, bounds_);
  if (!value_) refuse(value, context, expected_number(value, bounds_));
}

Value Integer::resolved() const { return value_ ? Value::integer(*value_) : Value(); }

ParameterDoc Integer::describe() const {
  return {
      name(), "whole number", default_ ? std::to_string(*default_) : "", range_text(bounds_), doc(),
      {}};
}

Real::Real(ParamSet* owner, std::string name, double default_value, Range range, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      value_(default_value),
      default_(default_value),
      range_(range) {
  check_default(this->name(), range_, default_value);
}

Real::Real(ParamSet* owner, std::string name, Unset, Range range, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)), range_(range) {}

void Real::read(const Value& value, const LoadContext& context) {
  value_ = number_in(value, range_);
  if (!value_) refuse(value, context, expected_number(value, range_));
}

Value Real::resolved() const { return value_ ? Value::real(*value_) : Value(); }

ParameterDoc Real::describe() const {
  return {name(), "real", default_ ? number_text(*default_) : "", range_text(range_), doc(), {}};
}

Boolean::Boolean(ParamSet* owner, std::string name, bool default_value, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      value_(default_value),
      default_(default_value) {}

void Boolean::read(const Value& value, const LoadContext& context) {
  const auto truth = value.as_boolean();
  if (!truth) refuse(value, context, "true or false");
  value_ = *truth;
}

Value Boolean::resolved() const { return Value::boolean(value_); }

ParameterDoc Boolean::describe() const {
  return {name(), "boolean", default_ ? "true" : "false", "", doc(), {}};
}

Text::Text(ParamSet* owner, std::string name, std::string default_value, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      value_(default_value),
      default_(std::move(default_value)) {}

Text::Text(ParamSet* owner, std::string name, Unset, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)) {}

void Text::read(const Value& value, const LoadContext& context) {
  if (!value.is_scalar()) refuse(value, context, "a text");
  value_ = value.text();
}

Value Text::resolved() const { return value_ ? Value::text(*value_) : Value(); }

ParameterDoc Text::describe() const {
  return {name(), "text", default_ ? Value::text(*default_).canonical() : "", "", doc(), {}};
}

}  // namespace varia
