#include "varia/parameters.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/parameters/parameter_support.hpp"
#include "core/values/messages.hpp"

namespace varia {

namespace {

std::string indexed(const std::string& name, std::size_t index) {
  return name + "[" + std::to_string(index) + "]";
}

/// Calls `read_item(item, its name)` for every item, which returns what it reads.
template <class Item, class ReadItem>
std::vector<Item> read_list(const Value& value, const LoadContext& context, const std::string& name,
                            const std::string& expected, const ReadItem& read_item) {
  if (!value.is_list()) refuse_value(value, context, name, expected);
  if (value.items().size() > kMostItems)
    refuse_value(value, context, name, "at most " + std::to_string(kMostItems) + " items");
  std::vector<Item> items;
  items.reserve(value.items().size());
  for (const Value& item : value.items())
    items.push_back(read_item(item, indexed(name, items.size())));
  return items;
}

template <class Number, class Bounds>
std::vector<Number> read_numbers(const Value& value, const LoadContext& context,
                                 const std::string& name, const std::string& expected,
                                 const Bounds& each) {
  return read_list<Number>(value, context, name, expected,
                           [&](const Value& item, const std::string& item_name) {
                             const auto number = number_in(item, each);
                             if (!number)
                               refuse_value(item, context, item_name, expected_number(item, each));
                             return *number;
                           });
}

template <class Item, class MakeValue>
Value list_of(const std::vector<Item>& items, const MakeValue& make_value) {
  Value list = Value::list();
  for (const Item& item : items) list.push(make_value(item));
  return list;
}

Value text_value(const std::string& text) { return Value::text(text); }

std::string alternatives(const std::vector<std::string>& options) {
  std::string text;
  for (const std::string& option : options) text += (text.empty() ? "" : " | ") + option;
  return text;
}

[[noreturn]] void bad_default(const std::string& name, const std::string& option) {
  throw std::logic_error("parameter " + quote(name) + ": its default " + quote(option) +
                         " is not one of its options");
}

std::vector<std::string> names_of(const std::vector<Variant::Option>& options) {
  std::vector<std::string> names;
  for (const auto& option : options) names.push_back(option.name);
  return names;
}

}  // namespace

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

IntegerList::IntegerList(ParamSet* owner, std::string name, std::vector<std::int64_t> default_value,
                         Integer::Bounds each, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      value_(default_value),
      default_(std::move(default_value)),
      each_(each) {
  for (const std::int64_t number : default_) check_default(this->name(), each_, number);
}

void IntegerList::read(const Value& value, const LoadContext& context) {
  value_ = read_numbers<std::int64_t>(value, context, name(), "a list of whole numbers", each_);
}

Value IntegerList::resolved() const { return list_of(value_, Value::integer); }

ParameterDoc IntegerList::describe() const {
  return {name(),
          "list of whole numbers",
          list_of(default_, Value::integer).canonical(),
          each_text(range_text(each_)),
          doc(),
          {}};
}

RealList::RealList(ParamSet* owner, std::string name, std::vector<double> default_value, Range each,
                   std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      value_(default_value),
      default_(std::move(default_value)),
      each_(each) {
  for (const double number : default_) check_default(this->name(), each_, number);
}

void RealList::read(const Value& value, const LoadContext& context) {
  value_ = read_numbers<double>(value, context, name(), "a list of real numbers", each_);
}

Value RealList::resolved() const { return list_of(value_, Value::real); }

ParameterDoc RealList::describe() const {
  return {name(),
          "list of reals",
          list_of(default_, Value::real).canonical(),
          each_text(range_text(each_)),
          doc(),
          {}};
}

TextList::TextList(ParamSet* owner, std::string name, std::vector<std::string> default_value,
                   std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      value_(default_value),
      default_(std::move(default_value)) {}

void TextList::read(const Value& value, const LoadContext& context) {
  value_ = read_list<std::string>(value, context, name(), "a list of texts",
                                  [&](const Value& item, const std::string& item_name) {
                                    if (!item.is_scalar())
                                      refuse_value(item, context, item_name, "a text");
                                    return item.text();
                                  });
}

Value TextList::resolved() const { return list_of(value_, text_value); }

ParameterDoc TextList::describe() const {
  return {name(), "list of texts", list_of(default_, text_value).canonical(), "", doc(), {}};
}

Choice::Choice(ParamSet* owner, std::string name, std::string default_option,
               std::vector<std::string> options, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      value_(default_option),
      default_(std::move(default_option)),
      options_(std::move(options)) {
  if (std::ranges::find(options_, default_) == options_.end()) bad_default(this->name(), default_);
}

void Choice::read(const Value& value, const LoadContext& context) {
  if (!value.is_scalar() || std::ranges::find(options_, value.text()) == options_.end())
    refuse_option(value, context, name(), options_);
  value_ = value.text();
}

Value Choice::resolved() const { return Value::text(value_); }

ParameterDoc Choice::describe() const {
  return {name(), "choice", default_, alternatives(options_), doc(), {}};
}

Variant::Variant(ParamSet* owner, std::string name, std::string default_option,
                 std::vector<Option> options, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      default_(std::move(default_option)),
      options_(std::move(options)) {
  if (!choose(default_)) bad_default(this->name(), default_);
}

bool Variant::choose(const std::string& option) {
  for (const Option& candidate : options_) {
    if (candidate.name != option) continue;
    value_ = option;
    params_ = candidate.make ? candidate.make() : std::make_unique<ParamSet>();
    return true;
  }
  return false;
}

void Variant::read(const Value& value, const LoadContext& context) {
  const auto use = split_use(value);
  if (!use || !choose(use->name)) refuse_option(value, context, name(), names_of(options_));
  params_->load(use->params, context.nested(name() + " " + value_));
}

void Variant::settle(const LoadContext& context) {
  if (!given()) params_->load(Value(), context.nested(name() + " " + value_));
}

Value Variant::resolved() const { return with_use(value_, params_->resolved()); }

ParameterDoc Variant::describe() const {
  ParameterDoc description{
      name(), "choice with parameters", default_, alternatives(names_of(options_)), doc(), {}};
  for (const Option& option : options_) {
    if (!option.make) continue;
    description.members.push_back({option.name, "record", "", "", "What " + option.name + " takes.",
                                   option.make()->describe()});
  }
  return description;
}

void Variant::visit(const std::string& path, const Visitor& visitor) {
  visitor(path, *this);
  params_->visit(path, visitor);
}

}  // namespace varia
