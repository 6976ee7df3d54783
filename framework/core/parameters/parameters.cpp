#include "varia/parameters.hpp"

#include <algorithm>
#include <stdexcept>
#include <type_traits>

#include "core/parameters/parameter_support.hpp"
#include "core/values/messages.hpp"
#include "varia/error_list.hpp"

namespace varia {

namespace {

std::string indexed(const std::string& name, std::size_t index) {
  return name + "[" + std::to_string(index) + "]";
}

/// Calls `read_item(item, its name)` for every item, which returns what it reads.
template <class Item, class ReadItem>
std::vector<Item> read_list(const Value& value, const LoadContext& context, const std::string& name,
                            const std::string& expected, const ReadItem& read_item) {
  if (!value.is_list()) {
    // Where brackets were forgotten, the message has them.
    std::string example;
    ErrorList wrong_item;
    if (value.is_scalar())
      wrong_item.collect([&] {
        read_item(value, name);
        example = " such as [" + value.text() + "]";
      });
    refuse_value(value, context, name, expected + example);
  }
  if (value.items().size() > kMostItems)
    refuse_value(value, context, name, "at most " + std::to_string(kMostItems) + " items");
  std::vector<Item> items;
  items.reserve(value.items().size());
  ErrorList errors;
  for (std::size_t i = 0; i < value.items().size(); ++i)
    errors.collect([&] { items.push_back(read_item(value.items()[i], indexed(name, i))); });
  errors.raise();
  return items;
}

Value value_of(std::int64_t number) { return Value::integer(number); }
Value value_of(double number) { return Value::real(number); }
Value value_of(const std::string& text) { return Value::text(text); }

template <class Item>
Value list_of(const std::vector<Item>& items) {
  Value list = Value::list();
  for (const Item& item : items) list.push(value_of(item));
  return list;
}

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

template <class Number, class Interval>
NumberParameter<Number, Interval>::NumberParameter(ParamSet* owner, std::string name,
                                                   Number default_value, Interval range,
                                                   std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      value_(default_value),
      default_(default_value),
      range_(range) {
  check_default(this->name(), range_, default_value);
}

template <class Number, class Interval>
NumberParameter<Number, Interval>::NumberParameter(ParamSet* owner, std::string name, Unset,
                                                   Interval range, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)), range_(range) {}

template <class Number, class Interval>
void NumberParameter<Number, Interval>::read(const Value& value, const LoadContext& context) {
  value_ = number_in(value, range_);
  if (!value_) refuse(value, context, expected_number(value, range_));
}

template <class Number, class Interval>
Value NumberParameter<Number, Interval>::resolved() const {
  return value_ ? value_of(*value_) : Value();
}

template <class Number, class Interval>
ParameterDoc NumberParameter<Number, Interval>::describe() const {
  const auto default_value = default_ ? value_of(*default_).text() : "";
  return {name(),        std::is_integral_v<Number> ? "whole number" : "real",
          default_value, range_text(range_),
          doc(),         {}};
}

template class NumberParameter<std::int64_t, IntegerRange>;
template class NumberParameter<double, Range>;

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

template <class Number, class Interval>
NumberList<Number, Interval>::NumberList(ParamSet* owner, std::string name,
                                         std::vector<Number> default_value, Interval each,
                                         std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      value_(default_value),
      default_(std::move(default_value)),
      each_(each) {
  for (const Number number : default_) check_default(this->name(), each_, number);
}

template <class Number, class Interval>
void NumberList<Number, Interval>::read(const Value& value, const LoadContext& context) {
  value_ = read_list<Number>(
      value, context, name(),
      std::is_integral_v<Number> ? "a list of whole numbers" : "a list of real numbers",
      [&](const Value& item, const std::string& item_name) {
        const auto number = number_in(item, each_);
        if (!number) refuse_value(item, context, item_name, expected_number(item, each_));
        return *number;
      });
}

template <class Number, class Interval>
Value NumberList<Number, Interval>::resolved() const {
  return list_of(value_);
}

template <class Number, class Interval>
ParameterDoc NumberList<Number, Interval>::describe() const {
  return {name(),
          std::is_integral_v<Number> ? "list of whole numbers" : "list of reals",
          list_of(default_).canonical(),
          each_text(range_text(each_)),
          doc(),
          {}};
}

template class NumberList<std::int64_t, IntegerRange>;
template class NumberList<double, Range>;

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

Value TextList::resolved() const { return list_of(value_); }

ParameterDoc TextList::describe() const {
  return {name(), "list of texts", list_of(default_).canonical(), "", doc(), {}};
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
  const auto found = std::ranges::find(options_, option, &Option::name);
  if (found == options_.end()) return false;
  value_ = option;
  params_ = found->make ? found->make() : std::make_unique<ParamSet>();
  return true;
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
