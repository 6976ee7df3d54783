#include "experiment/names.hpp"

#include <fmt/format.h>

namespace varia::experiment {
namespace {

constexpr std::string_view kStart =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
constexpr std::size_t kLongest = 100;

void check(const Value& name, const std::string& subject, const std::string& marks,
           const std::string& marks_text) {
  const std::string& text = name.text();
  const bool valid = name.is_scalar() && !text.empty() && text.size() <= kLongest &&
                     kStart.find(text.front()) != std::string_view::npos &&
                     text.find_first_not_of(std::string(kStart) + marks) == std::string::npos;
  if (!valid)
    throw ConfigError(
        name.where(),
        fmt::format("{}: expected 1 to {} letters, digits, {}, beginning with none of '.' and '-'; "
                    "found {}",
                    subject, kLongest, marks_text, name.describe()));
}

}  // namespace

void check_experiment_name(const Value& name, const std::string& subject) {
  check(name, subject, ".-", "'_', '.' and '-'");
}

void check_part_name(const Value& name, const std::string& subject) {
  check(name, subject, "-", "'_' and '-'");
}

}  // namespace varia::experiment
