#include "pictures/file_names.hpp"

#include <algorithm>
#include <map>

namespace varia::pictures {

namespace {

// With an id, an epoch and an ending, below the 255 bytes that file systems allow.
constexpr std::size_t kLongest = 160;
constexpr std::size_t kLongestId = 40;

bool is_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '+' || c == '-';
}

/// Safe characters; one underscore for any number of others, none at the ends.
std::string safe(const std::string& text) {
  std::string name;
  for (const char c : text) {
    if (is_safe(c))
      name += c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  return name;
}

std::string lower(std::string text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string parameters_text(const results::Results& results, std::size_t trial, bool replicated) {
  std::string text;
  const auto add = [&](const std::string& key, const std::string& value) {
    text += (text.empty() ? "" : ",") + key + "=" + value;
  };
  for (const auto& column : results.parameters()) {
    if (!column.swept) continue;
    const auto value = safe(column.text(trial));
    if (!value.empty()) add(safe(column.key), value);
  }
  if (replicated) add("replicate", std::to_string(results.trials()[trial].replicate));
  return text;
}

}  // namespace

std::vector<std::string> trial_names(const results::Results& results) {
  const auto& trials = results.trials();
  const bool replicated =
      std::any_of(trials.begin(), trials.end(), [](const auto& row) { return row.replicate != 0; });
  std::vector<std::string> names;
  std::map<std::string, int> uses;
  for (std::size_t trial = 0; trial < trials.size(); ++trial) {
    names.push_back(parameters_text(results, trial, replicated));
    ++uses[lower(names.back())];
  }
  FileNames unique;
  for (std::size_t trial = 0; trial < trials.size(); ++trial) {
    auto& name = names[trial];
    const bool ambiguous = uses[lower(name)] > 1 || name.size() > kLongest;
    if (ambiguous || name.empty()) {
      const auto id = safe(trials[trial].id).substr(0, kLongestId);
      name = name.substr(0, kLongest);
      name += (name.empty() ? "" : "-") + id;
    }
    // A file name that starts with a dot is hidden, one that starts with a dash an option.
    if (name.empty() || name.front() == '.' || name.front() == '-') name = "_" + name;
    name = unique.claim(name, "");
  }
  return names;
}

std::string FileNames::claim(const std::string& stem, const std::string& ending) {
  auto name = stem + ending;
  while (!taken_.insert(lower(name)).second) {
    auto& number = numbers_.try_emplace(lower(stem + ending), 1).first->second;
    name = stem + "_" + std::to_string(++number) + ending;
  }
  return name;
}

}  // namespace varia::pictures
