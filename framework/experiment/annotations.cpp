#include "experiment/annotations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "experiment/sections.hpp"

namespace varia::experiment {
namespace {

constexpr std::size_t kMost = 32;
constexpr std::size_t kLongestNote = 1000;

}  // namespace

std::vector<std::string> read_tags(const Value& tags) {
  if (!tags.is_list() && !tags.is_null())
    throw ConfigError(tags.where(), "tags: expected a list of words, found " + tags.describe());
  std::vector<std::string> words;
  for (const Value& tag : tags.items()) {
    check_experiment_name(tag, "tags");
    if (std::find(words.begin(), words.end(), tag.text()) != words.end())
      throw ConfigError(tag.where(), fmt::format("tags: '{}' is there twice", tag.text()));
    if (words.size() == kMost)
      throw ConfigError(tag.where(), fmt::format("tags: expected {} words at most", kMost));
    words.push_back(tag.text());
  }
  return words;
}

std::map<std::string, std::string> read_notes(const Value& notes) {
  if (!notes.is_map() && !notes.is_null())
    throw ConfigError(notes.where(), "notes: expected a map of texts, found " + notes.describe());
  std::map<std::string, std::string> texts;
  for (const auto& [key, value, key_where] : notes.entries()) {
    check_part_name(Value::scalar(key, true, key_where), "notes");
    if (!value.is_scalar() || value.text().size() > kLongestNote)
      throw ConfigError(value.where(),
                        fmt::format("notes.{}: expected a text of {} bytes at most, found {}", key,
                                    kLongestNote, value.describe()));
    if (texts.size() == kMost)
      throw ConfigError(key_where, fmt::format("notes: expected {} texts at most", kMost));
    texts[key] = value.text();
  }
  return texts;
}

}  // namespace varia::experiment
