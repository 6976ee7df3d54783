#include "experiment/sections.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "experiment/params/experiment_params.hpp"
#include "experiment/trial.hpp"
#include "varia/data_folder.hpp"
#include "varia/error_list.hpp"
#include "varia/parameter_schema.hpp"

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
  static const std::vector<std::string> keys{"run", "cluster", "search", "published"};
  return keys;
}

const std::vector<std::string>& experiment_keys() {
  static const std::vector<std::string> keys = [] {
    const ExperimentParams own;
    std::vector<std::string> all;
    for (const Parameter* parameter : own.parameters()) all.push_back(parameter->name());
    all.emplace_back("sweep");
    all.insert(all.end(), trial_sections().begin(), trial_sections().end());
    all.insert(all.end(), run_sections().begin(), run_sections().end());
    return all;
  }();
  return keys;
}

void check_keys(const Value& map, const std::vector<std::string>& known, const std::string& what,
                const std::string& subject) {
  ErrorList errors;
  for (const auto& entry : map.entries())
    if (std::ranges::find(known, entry.key) == known.end())
      errors.add(
          {entry.key_where, fmt::format("{}'{}' is not {}. {}{}", subject, entry.key, what,
                                        entry.key.find(':') == std::string::npos
                                            ? ""
                                            : "YAML takes a blank behind the colon of a key. ",
                                        suggestion(entry.key, known))});
  errors.raise();
}

namespace {

constexpr std::string_view kStart =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
constexpr std::size_t kLongest = 100;
constexpr const char* kNameMarks = ".-";
constexpr const char* kPartMarks = "-";
constexpr std::size_t kMostNotes = 32;
constexpr std::size_t kLongestNote = 1000;

/// Names of digits alone are numbers in YAML.
Value name_schema(const std::string& marks) {
  return schema_of({{"type", Value::list({Value::text("string"), Value::text("number")})},
                    {"pattern", Value::text(fmt::format("^[{0}][{0}{1}]{{0,{2}}}$", kStart, marks,
                                                        kLongest - 1))}});
}

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
  check(name, subject, kNameMarks, "'_', '.' and '-'");
}

void check_part_name(const Value& name, const std::string& subject) {
  check(name, subject, kPartMarks, "'_' and '-'");
}

Value experiment_name_schema() { return name_schema(kNameMarks); }

Value part_name_schema() { return name_schema(kPartMarks); }

Value tags_schema() {
  return schema_of({{"type", Value::list({Value::text("array"), Value::text("null")})},
                    {"items", experiment_name_schema()},
                    {"maxItems", Value::integer(kMostNotes)},
                    {"uniqueItems", Value::boolean(true)}});
}

Value notes_schema() {
  const auto scalar =
      Value::list({Value::text("string"), Value::text("number"), Value::text("boolean")});
  return schema_of({{"type", Value::list({Value::text("object"), Value::text("null")})},
                    {"propertyNames", part_name_schema()},
                    {"maxProperties", Value::integer(kMostNotes)},
                    {"additionalProperties",
                     schema_of({{"type", scalar}, {"maxLength", Value::integer(kLongestNote)}})}});
}

std::vector<std::string> read_tags(const Value& tags) {
  if (!tags.is_list() && !tags.is_null())
    throw ConfigError(tags.where(), "tags: expected a list of words, found " + tags.describe());
  std::vector<std::string> words;
  ErrorList errors;
  for (const Value& tag : tags.items()) {
    errors.collect([&] {
      check_experiment_name(tag, "tags");
      if (std::ranges::find(words, tag.text()) != words.end())
        throw ConfigError(tag.where(), fmt::format("tags: '{}' is there twice", tag.text()));
      if (words.size() < kMostNotes) words.push_back(tag.text());
    });
  }
  if (tags.items().size() > kMostNotes)
    errors.add({tags.items()[kMostNotes].where(),
                fmt::format("tags: expected {} words at most", kMostNotes)});
  errors.raise();
  return words;
}

std::map<std::string, std::string> read_notes(const Value& notes) {
  if (!notes.is_map() && !notes.is_null())
    throw ConfigError(notes.where(), "notes: expected a map of texts, found " + notes.describe());
  std::map<std::string, std::string> texts;
  ErrorList errors;
  for (const auto& [key, value, key_where] : notes.entries()) {
    errors.collect([&, &key = key, &key_where = key_where] {
      check_part_name(Value::scalar(key, true, key_where), "notes");
    });
    if (!value.is_scalar() || value.text().size() > kLongestNote)
      errors.add(
          {value.where(), fmt::format("notes.{}: expected a text of {} bytes at most, found {}",
                                      key, kLongestNote, value.describe())});
    texts[key] = value.text();
  }
  if (notes.entries().size() > kMostNotes)
    errors.add({notes.entries()[kMostNotes].key_where,
                fmt::format("notes: expected {} texts at most", kMostNotes)});
  errors.raise();
  return texts;
}

void load_section(const Value& tree, const std::string& key, ParamSet& params) {
  const Value* section = tree.find(key);
  const Value map = section != nullptr ? *section : Value(tree.where());
  params.load(map, {nullptr, key, map.where()});
}

bool is_place_in(const Value& value, const std::string& place) {
  return value.where().text() == place ||
         std::ranges::any_of(value.entries(),
                             [&](const auto& entry) { return is_place_in(entry.value, place); });
}

Location place_of_file(const Value& section, const std::string& file) {
  for (const auto& [key, value, key_where] : section.entries()) {
    // What stands in a file has a line.
    const bool is_override =
        value.is_scalar() && value.where().line == 0 && !value.where().file.empty();
    if (is_override && written_path(value) == file) return value.where();
  }
  return section.where();
}

}  // namespace varia::experiment
