#include "experiment/sections.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "experiment/trial.hpp"

namespace varia::experiment {

const std::vector<std::string>& trial_sections() {
  static const std::vector<std::string> keys = [] {
    auto all = sections_with_components();
    all.insert(all.end(), {"train", "tags", "notes"});
    return all;
  }();
  return keys;
}

const std::vector<std::string>& sections_with_components() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> all;
    for (const auto& section : kComponentSections) all.emplace_back(section.key);
    for (const auto& section : kEntrySections) all.emplace_back(section.key);
    return all;
  }();
  return keys;
}

bool is_entry_section(const std::string& key) {
  return std::ranges::any_of(kEntrySections,
                             [&](const EntrySection& section) { return key == section.key; });
}

const std::vector<std::string>& run_sections() {
  static const std::vector<std::string> keys{"run", "cluster", "search"};
  return keys;
}

const std::vector<std::string>& experiment_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> all{"name",    "extends", "seed",      "trial_seed",
                                 "plugins", "sweep",   "replicates"};
    all.insert(all.end(), trial_sections().begin(), trial_sections().end());
    all.insert(all.end(), run_sections().begin(), run_sections().end());
    return all;
  }();
  return keys;
}

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
