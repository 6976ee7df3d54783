#include "core/parameters/parameter_support.hpp"

namespace varia {
namespace {

std::string indexed(const std::string& name, std::size_t index) {
  return name + "[" + std::to_string(index) + "]";
}

/// Reads every item by `read_item(item, name of the item)`.
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

template <class Item, class MakeValue>
Value list_of(const std::vector<Item>& items, const MakeValue& make_value) {
  Value list = Value::list();
  for (const Item& item : items) list.push(make_value(item));
  return list;
}

Value text_value(const std::string& text) { return Value::text(text); }

}  // namespace

IntegerList::IntegerList(ParamSet* owner, std::string name, std::vector<std::int64_t> default_value,
                         Integer::Bounds each, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)),
      value_(default_value),
      default_(std::move(default_value)),
      each_(each) {
  for (const std::int64_t number : default_) check_default(this->name(), each_, number);
}

void IntegerList::read(const Value& value, const LoadContext& context) {
  value_ = read_list<std::int64_t>(value, context, name(), "a list of whole numbers",
                                   [&](const Value& item, const std::string& item_name) {
                                     const auto number = number_in(item, each_);
                                     if (!number)
                                       refuse_value(item, context, item_name,
                                                    expected_number(item, each_));
                                     return *number;
                                   });
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
  value_ =
      read_list<double>(value, context, name(), "a list of real numbers",
                        [&](const Value& item, const std::string& item_name) {
                          const auto number = number_in(item, each_);
                          if (!number)
                            refuse_value(item, context, item_name, expected_number(item, each_));
                          return *number;
                        });
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

}  // namespace varia
