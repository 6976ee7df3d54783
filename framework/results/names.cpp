#include "results/names.hpp"

#include <algorithm>
#include <string_view>

#include "results/trial_info.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

void check(const std::string& what, const std::string& name, std::size_t longest,
           std::string_view others) {
  const bool good = !name.empty() && name.size() <= longest && is_letter_or_digit(name.front()) &&
                    std::all_of(name.begin(), name.end(), [&](char c) {
                      return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
                    });
  if (good) return;
  throw TrialError(what + " '" + name.substr(0, longest) + "' cannot be stored: a name has 1 to " +
                   std::to_string(longest) + " letters, digits or any of _" + std::string(others) +
                   ", and starts with a letter, a digit or _");
}

bool is_reserved(std::string_view name) {
  bool found = name == "trial" || name == "epoch" || name == "config";
  for_each_trial_field([&](const auto& field) { found |= name == field.name; });
  return found;
}

void check_not_reserved(const std::string& what, const std::string& name) {
  if (!is_reserved(name)) return;
  throw TrialError(what + " '" + name + "' has the name of a field that every trial has in " +
                   "the results; give it another name");
}

}  // namespace

void check_name(const std::string& what, const std::string& name) { check(what, name, 100, ".+-"); }

void check_metric_name(const std::string& name) {
  check_name("metric", name);
  check_not_reserved("metric", name);
}

void check_parameter_key(const std::string& key) {
  check("parameter", key, 200, ".+-[]");
  check_not_reserved("parameter", key);
}

}  // namespace varia::results
