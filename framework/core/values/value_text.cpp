#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "varia/value.hpp"

namespace varia {
namespace {

/// The whole of `text` as a number in decimal digits.
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
      std::sort(entries.begin(), entries.end(),
                [](const auto* a, const auto* b) { return a->key < b->key; });
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

std::optional<std::int64_t> Value::as_integer() const {
  if (!is_scalar() || quoted_) return std::nullopt;
  if (const auto integer = parse<std::int64_t>(text_)) return integer;
  const auto real = parse<double>(text_);
  // Above 2^53 a real may stand for a neighbour of what was written.
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

}  // namespace varia
