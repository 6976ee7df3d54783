#include "experiment/yaml/expressions.hpp"

#include <fmt/format.h>
#include <muParser.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "experiment/sections.hpp"
#include "experiment/yaml/dotted_key.hpp"

namespace varia::experiment {

namespace {

constexpr const char* kKey = "expression";
constexpr std::size_t kLongest = 1000;  // bytes of an expression
constexpr std::size_t kDeepest = 64;    // expressions, each of which names the next one

bool is_expression(const Value& value) {
  return value.is_map() && value.entries().size() == 1 && value.entries().front().key == kKey;
}

bool has_expression(const Value& value) {
  if (is_expression(value)) return true;
  const auto within = [](const auto& child) { return has_expression(child); };
  return std::ranges::any_of(value.items(), within) ||
         std::ranges::any_of(value.entries(), within, &Value::Entry::value);
}

/// A number as YAML has it: 5 for 5.0, so that an integer parameter takes it.
Value number_value(double number, const Location& where) {
  constexpr double kExact = 9007199254740992;  // 2^53
  auto value = number == std::floor(number) && std::abs(number) <= kExact
                   ? Value::integer(static_cast<std::int64_t>(number))
                   : Value::real(number);
  value.set_where(where);
  return value;
}

/// The numbers and expressions of one trial, by dotted keys.
class Resolver {
 public:
  Resolver(const Value& changed, const Value& tree) : changed_(changed), tree_(tree) {}

  const Value* section(const std::string& key) const {
    const auto* found = changed_.find(key);
    return found != nullptr ? found : tree_.find(key);
  }

  /// A copy with numbers in place of expressions. @param key dotted
  Value resolved(const Value& value, const std::string& key) {
    if (is_expression(value)) return number_value(evaluate(value, key), value.where());
    if (value.is_list()) {
      std::vector<Value> items;
      for (const auto& item : value.items())
        items.push_back(resolved(item, key + "." + entry_name(item)));
      return Value::list(std::move(items), value.where());
    }
    auto copy = value;
    for (const auto& entry : value.entries())
      copy.set(entry.key, resolved(entry.value, key + "." + entry.key), entry.key_where);
    return copy;
  }

 private:
  double evaluate(const Value& value, const std::string& key) {
    const auto& text = *value.find(kKey);
    const auto refuse = [&](const std::string& what) -> ConfigError {
      return {text.where(), fmt::format("{}: the expression '{}' {}", key,
                                        text.text().substr(0, kLongest), what)};
    };
    if (!text.is_scalar() || text.text().empty() || text.text().size() > kLongest)
      throw ConfigError(text.where(),
                        fmt::format("{}: expression: expected a text of 1 to {} bytes, found {}",
                                    key, kLongest, text.describe()));
    if (const auto known = known_.find(key); known != known_.end()) return known->second;
    if (in_progress_.size() == kDeepest)
      throw refuse(fmt::format("is the last of a chain of more than {} expressions", kDeepest));
    if (std::ranges::find(in_progress_, key) != in_progress_.end())
      throw refuse(fmt::format("follows from itself, by {}", fmt::join(in_progress_, " and ")));
    in_progress_.push_back(key);
    where_ = text.where();
    std::deque<double> numbers;  // whose places stay
    Reading reading{this, &numbers, [&](const std::string& what) { return refuse(what); }};
    double number = 0;
    try {
      mu::Parser parser;
      // Dots are parts of names.
      parser.DefineNameChars("0123456789_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
      parser.DefineFun("floor", [](double x) { return std::floor(x); });
      parser.DefineFun("ceil", [](double x) { return std::ceil(x); });
      parser.DefineFun("round", [](double x) { return std::round(x); });
      parser.SetVarFactory(&Resolver::number_of, &reading);
      parser.SetExpr(text.text());
      number = parser.Eval();
    } catch (const mu::Parser::exception_type& error) {
      throw refuse("cannot be read: " + error.GetMsg());
    }
    in_progress_.pop_back();
    if (!std::isfinite(number)) throw refuse("is " + number_text(number));
    known_.emplace(key, number);
    return number;
  }

  struct Reading {
    Resolver* resolver;
    std::deque<double>* numbers;
    std::function<ConfigError(const std::string& what)> refuse;
  };

  /// What muParser calls for each name of an expression.
  static double* number_of(const char* name, void* data) {
    const auto& reading = *static_cast<Reading*>(data);
    reading.numbers->push_back(reading.resolver->number_at(name, reading.refuse));
    return &reading.numbers->back();
  }

  double number_at(const std::string& key, const auto& refuse) {
    const auto* value = find(key);
    if (value == nullptr)
      throw refuse(fmt::format("names '{}', which this experiment does not give. {}", key,
                               suggestion(key, given())));
    if (is_expression(*value)) return evaluate(*value, key);
    const auto number = value->quoted() ? std::nullopt : value->as_real();
    if (!number)
      throw refuse(fmt::format("needs a number for '{}', and finds {}", key, value->describe()));
    return *number;
  }

  const Value* find(const std::string& key) const {
    const auto path = split_key(key, where_);
    if (std::ranges::find(trial_sections(), path.front()) == trial_sections().end()) return nullptr;
    const auto* value = section(path.front());
    for (std::size_t i = 1; i < path.size() && value != nullptr; ++i) {
      if (value->is_list() && i == 1 && is_entry_section(path.front())) {
        const auto item = std::ranges::find(value->items(), path[i], entry_name);
        value = item == value->items().end() ? nullptr : &*item;
      } else {
        value = value->find(path[i]);
      }
    }
    return value;
  }

  /// The keys whose values are numbers or expressions.
  std::vector<std::string> given() const {
    std::vector<std::string> keys;
    for (const auto& key : trial_sections())
      if (const auto* value = section(key)) {
        add_given(*value, key, keys);
        if (!is_entry_section(key)) continue;
        for (const auto& item : value->items()) add_given(item, key + "." + entry_name(item), keys);
      }
    return keys;
  }

  static void add_given(const Value& value, const std::string& key,
                        std::vector<std::string>& keys) {
    if (is_expression(value) || (value.is_scalar() && !value.quoted() && value.as_real()))
      keys.push_back(key);
    if (is_expression(value)) return;
    for (const auto& entry : value.entries()) add_given(entry.value, key + "." + entry.key, keys);
  }

  const Value& changed_;
  const Value& tree_;
  std::vector<std::string> in_progress_;
  std::map<std::string, double> known_;  // each is evaluated once, however many name it
  Location where_;                       // of the expression that is read
};

}  // namespace

void resolve_expressions(Value& changed, const Value& tree) {
  const auto before = changed;
  Resolver resolver(before, tree);
  for (const auto& key : trial_sections()) {
    const auto* section = resolver.section(key);
    if (section != nullptr && has_expression(*section))
      changed.set(key, resolver.resolved(*section, key));
  }
}

}  // namespace varia::experiment
