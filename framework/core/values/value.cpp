#include "varia/value.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/values/quote.hpp"

namespace varia {

Value::Value() = default;
Value::Value(Location where) : where_(std::move(where)) {}
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

Value Value::scalar(std::string text, bool quoted, Location where) {
  Value value(std::move(where));
  value.kind_ = Kind::scalar;
  value.text_ = std::move(text);
  value.quoted_ = quoted;
  return value;
}

Value Value::text(std::string text) { return scalar(std::move(text), true); }
Value Value::integer(std::int64_t number) { return scalar(std::to_string(number)); }
Value Value::real(double number) { return scalar(number_text(number)); }
Value Value::boolean(bool truth) { return scalar(truth ? "true" : "false"); }

Value Value::list(std::vector<Value> items, Location where) {
  Value value(std::move(where));
  value.kind_ = Kind::list;
  value.items_ = std::move(items);
  return value;
}

Value Value::map() { return map({}, {}); }

Value Value::map(std::vector<Entry> entries, Location where) {
  Value value(std::move(where));
  value.kind_ = Kind::map;
  value.entries_ = std::move(entries);
  return value;
}

void Value::push(Value item) {
  if (is_null()) kind_ = Kind::list;
  if (!is_list()) throw std::logic_error("Value::push: this is no list");
  items_.push_back(std::move(item));
}

const std::vector<Value::Entry>& Value::entries() const { return entries_; }

const Value* Value::find(std::string_view key) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == entries_.end() ? nullptr : &found->value;
}

Value* Value::find(std::string_view key) {
  return const_cast<Value*>(static_cast<const Value*>(this)->find(key));
}

void Value::set(std::string key, Value value, Location key_where) {
  if (is_null()) kind_ = Kind::map;
  if (!is_map()) throw std::logic_error("Value::set: this is no map");
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  if (found == entries_.end()) {
    entries_.push_back({std::move(key), std::move(value), std::move(key_where)});
  } else {
    found->value = std::move(value);
    found->key_where = std::move(key_where);
  }
}

void Value::erase(std::string_view key) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.key == key; });
}

std::string Value::describe() const {
  switch (kind_) {
    case Kind::null:
      return "nothing";
    case Kind::list:
      return items_.empty() ? "an empty list" : "a list of " + std::to_string(items_.size());
    case Kind::map:
      return entries_.empty() ? "an empty map" : "a map";
    case Kind::scalar:
      break;
  }
  if (quoted_) return "the text " + quote(text_);
  return as_real() || as_boolean() ? text_ : quote(text_);
}

bool same_content(const Value& a, const Value& b) { return a.canonical() == b.canonical(); }

}  // namespace varia
