#include "varia/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/values/messages.hpp"

namespace varia {

namespace {

/// `text` as a decimal number; nullopt if a part of it is left over.
template <class Number>
std::optional<Number> parse(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  // from_chars also reads "infinity" and "nan(1)".
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_integral_below(double number, double limit) {
  return std::abs(number) < limit && std::trunc(number) == number;
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_scalar(std::string& out, const Value& value) {
  const auto real = value.as_real();
  if (value.as_boolean()) {
    out += value.text();
  } else if (const auto integer = value.as_integer()) {
    out += std::to_string(*integer);
  } else if (!real) {
    append_string(out, value.text());
  } else if (!std::isfinite(*real)) {
    append_string(out, number_text(*real));
  } else if (is_integral_below(*real, 0x1p63)) {
    out += std::to_string(static_cast<std::int64_t>(*real));
  } else {
    out += number_text(*real);
  }
}

void append(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      out += "null";
      break;
    case Value::Kind::scalar:
      append_scalar(out, value);
      break;
    case Value::Kind::list: {
      out += '[';
      const char* separator = "";
      for (const Value& item : value.items()) {
        out += separator;
        append(out, item);
        separator = ", ";
      }
      out += ']';
      break;
    }
    case Value::Kind::map: {
      std::vector<const Value::Entry*> entries;
      for (const auto& entry : value.entries()) entries.push_back(&entry);
      std::ranges::sort(entries, {}, &Value::Entry::key);
      out += '{';
      const char* separator = "";
      for (const auto* entry : entries) {
        out += separator;
        append_string(out, entry->key);
        out += ": ";
        append(out, entry->value);
        separator = ", ";
      }
      out += '}';
      break;
    }
  }
}

}  // namespace

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
  if (!is_list()) throw std::logic_error("Value::push: this is not a list");
  items_.push_back(std::move(item));
}

const std::vector<Value::Entry>& Value::entries() const { return entries_; }

const Value* Value::find(std::string_view key) const {
  const auto found = std::ranges::find(entries_, key, &Entry::key);
  return found == entries_.end() ? nullptr : &found->value;
}

Value* Value::find(std::string_view key) {
  return const_cast<Value*>(static_cast<const Value*>(this)->find(key));
}

void Value::set(std::string key, Value value, Location key_where) {
  if (is_null()) kind_ = Kind::map;
  if (!is_map()) throw std::logic_error("Value::set: this is not a map");
  const auto found = std::ranges::find(entries_, key, &Entry::key);
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

std::optional<std::int64_t> Value::as_integer() const {
  if (!is_scalar() || quoted_) return std::nullopt;
  if (const auto integer = parse<std::int64_t>(text_)) return integer;
  const auto real = parse<double>(text_);
  // Above 2^53 a real may have been rounded to another integer.
  if (!real || !is_integral_below(*real, 0x1p53)) return std::nullopt;
  return static_cast<std::int64_t>(*real);
}

std::optional<double> Value::as_real() const {
  if (!is_scalar() || quoted_) return std::nullopt;
  if (text_ == ".inf" || text_ == "inf" || text_ == "+.inf")
    return std::numeric_limits<double>::infinity();
  if (text_ == "-.inf" || text_ == "-inf") return -std::numeric_limits<double>::infinity();
  if (text_ == ".nan" || text_ == "nan") return std::numeric_limits<double>::quiet_NaN();
  return parse<double>(text_);
}

std::optional<bool> Value::as_boolean() const {
  if (!is_scalar() || quoted_ || (text_ != "true" && text_ != "false")) return std::nullopt;
  return text_ == "true";
}

std::string Value::canonical() const {
  std::string out;
  append(out, *this);
  return out;
}

std::string number_text(double number) {
  if (std::isnan(number)) return ".nan";
  if (std::isinf(number)) return number > 0 ? ".inf" : "-.inf";
  return fmt::format("{}", number);
}

bool same_content(const Value& a, const Value& b) { return a.canonical() == b.canonical(); }

}  // namespace varia
