#include "sweep/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>

#include "experiment/yaml/yaml_reader.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "files/whole_file.hpp"
#include "results/folder/result_paths.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::sweep {

namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{64} << 20;

/// What was asked for, and where: "--only", or "ids.txt:3".
struct Wanted {
  std::string text;
  std::string where;
};

std::string trimmed(const std::string& text) {
  const char* const blank = " \t\r";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

void read_lines(const std::string& path, std::vector<Wanted>& all) {
  std::istringstream lines(files::read_whole_file(path, kLargestFile));
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    auto text = trimmed(line);
    if (text.empty() || text.front() == '#') continue;
    const auto where = fmt::format("{}:{}", path, number);
    if (text.front() == '@')
      throw ConfigError(where + ": a file of trials cannot name another one");
    all.push_back({std::move(text), where});
  }
}

std::vector<Wanted> spelled_out(const std::vector<std::string>& only) {
  std::vector<Wanted> all;
  for (const auto& text : only) {
    if (text.empty()) throw ConfigError("--only: expected a trial, found empty text");
    if (text.front() != '@') {
      all.push_back({text, "--only"});
      continue;
    }
    const auto before = all.size();
    read_lines(text.substr(1), all);
    if (all.size() == before)
      throw ConfigError(fmt::format("--only {}: the file names no trial", text));
  }
  return all;
}

/// A value of a parameter: a number, or else text as a plan writes it.
struct Candidate {
  explicit Candidate(const Value& value)
      : text(value.is_scalar() ? value.text() : experiment::flow_text(value)) {
    if (value.is_scalar() && !value.quoted()) number = value.as_real();
  }
  bool is_same(const Candidate& other) const {
    return text == other.text || (number && other.number && *number == *other.number);
  }
  std::string text;
  std::optional<double> number;
  std::vector<std::size_t> trials;  ///< that have it
};

using Column = std::map<std::string, Candidate>;  // by the value's text
using Columns = std::map<std::string, Column>;    // by the parameter's key

Columns columns_of(const experiment::Plan& plan) {
  Columns columns;
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    const auto& trial = plan.trials[i];
    const auto add = [&](const std::string& key, const Value& value) {
      Candidate candidate(value);
      columns[key].try_emplace(candidate.text, candidate).first->second.trials.push_back(i);
    };
    add("replicate", Value::integer(trial.replicate));
    for (const auto& tag : trial.tags) add("tag", Value::text(tag));
    for (const auto& [key, text] : trial.notes) add("notes." + key, Value::text(text));
    for (const auto& setting : trial.parameters()) add(setting.key, setting.value);
  }
  return columns;
}

/// The key as the plan has it. @throws ConfigError
std::string known_key(const Columns& columns, const std::string& asked, const Wanted& wanted) {
  for (const auto& key : {asked, asked + ".use"})
    if (columns.contains(key)) return key;
  std::vector<std::string> known;
  for (const auto& [key, column] : columns) known.push_back(key);
  throw ConfigError(fmt::format("{}: {}: no trial has a parameter '{}'. {}", wanted.where,
                                wanted.text, asked, suggestion(asked, std::move(known))));
}

/// "Its values: 1, 2, 4"; of many values those nearest to the one asked for.
std::string values_text(const Candidate& asked, const Column& column) {
  constexpr std::size_t kMost = 8;
  std::vector<const Candidate*> known;
  for (const auto& [text, candidate] : column) known.push_back(&candidate);
  const auto distance = [&](const Candidate* value) {
    return asked.number && value->number ? std::abs(*value->number - *asked.number) : 0.0;
  };
  std::ranges::stable_sort(known, {}, distance);
  const auto total = known.size();
  known.resize(std::min(total, kMost));
  std::ranges::stable_sort(known, [](const auto* a, const auto* b) {
    return a->number && b->number && *a->number < *b->number;
  });
  std::string text;
  for (const auto* value : known) text += (text.empty() ? "" : ", ") + value->text;
  return fmt::format("{}: {}", total > kMost ? "The nearest values" : "Its values", text);
}

/// The trials whose parameter has the value. @throws ConfigError if there are none
std::vector<std::size_t> trials_with(const Column& column, const std::string& key,
                                     const std::string& value, const Wanted& wanted) {
  const Candidate asked(experiment::read_yaml_value(value, Location{wanted.where}));
  std::vector<std::size_t> trials;
  for (const auto& [text, candidate] : column)
    if (candidate.is_same(asked))
      trials.insert(trials.end(), candidate.trials.begin(), candidate.trials.end());
  if (trials.empty())
    throw ConfigError(fmt::format("{}: {}: no trial has {} = {}. {}", wanted.where, wanted.text,
                                  key, asked.text, values_text(asked, column)));
  return trials;
}

using Ids = std::map<std::string, std::size_t>;  // by id, the index in the plan

[[noreturn]] void refuse_id(const Ids& ids, const Wanted& wanted) {
  const auto& text = wanted.text;
  if (!results::is_trial_id_beginning(text))
    throw ConfigError(fmt::format(
        "{}: '{}' names no trial. Expected the id of a trial, as varia plan lists it, "
        "its beginning, KEY=VALUE of a parameter, replicate=R, tag=WORD, notes.KEY=TEXT, or "
        "@FILE",
        wanted.where, text));
  std::vector<std::string> beginnings;
  for (const auto& [id, index] : ids) beginnings.push_back(id.substr(0, text.size()));
  const auto nearest = nearest_name(text, beginnings);
  throw ConfigError(fmt::format(
      "{}: no trial of this plan has an id that begins with '{}'.{} varia plan lists them.{}",
      wanted.where, text, nearest.empty() ? "" : " Did you mean '" + nearest + "'?",
      // It was copied, or written by varia submit.
      results::is_trial_id(text)
          ? " The content of data and files is a part of an id: if this one was in the plan "
            "before, they have changed since"
          : ""));
}

/// The trial with this id, or this beginning of an id. @throws ConfigError
std::size_t trial_with_id(const Ids& ids, const Wanted& wanted) {
  const auto& text = wanted.text;
  const auto first = ids.lower_bound(text);
  auto last = first;
  while (last != ids.end() && last->first.starts_with(text)) ++last;
  if (first == last) refuse_id(ids, wanted);
  if (const auto found = std::distance(first, last); found > 1 && first->first != text)
    throw ConfigError(
        fmt::format("{}: {} trials have ids that begin with '{}'; give more of the id",
                    wanted.where, found, text));
  return first->second;
}

}  // namespace

std::vector<std::size_t> select(const experiment::Plan& plan,
                                const std::vector<std::string>& only) {
  std::map<std::string, std::vector<bool>> marks;  // by key; "" for ids
  const auto mark = [&](const std::string& key, std::size_t trial) {
    marks.try_emplace(key, plan.trials.size(), false).first->second[trial] = true;
  };
  Ids ids;
  Columns columns;
  for (const auto& wanted : spelled_out(only)) {
    const auto equals = wanted.text.find('=');
    if (equals == std::string::npos) {
      if (ids.empty())
        for (std::size_t i = 0; i < plan.trials.size(); ++i) ids[plan.trials[i].id] = i;
      mark("", trial_with_id(ids, wanted));
      continue;
    }
    if (columns.empty()) columns = columns_of(plan);
    const auto key = known_key(columns, trimmed(wanted.text.substr(0, equals)), wanted);
    const auto value = trimmed(wanted.text.substr(equals + 1));
    for (const auto trial : trials_with(columns.at(key), key, value, wanted)) mark(key, trial);
  }
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < plan.trials.size(); ++i)
    if (std::ranges::all_of(marks, [&](const auto& marked) { return marked.second[i]; }))
      chosen.push_back(i);
  if (chosen.empty() && !only.empty())
    throw ConfigError(
        fmt::format("--only: no trial meets {}; several of one key are alternatives, of different "
                    "keys all must hold",
                    fmt::join(only, " and ")));
  return chosen;
}

}  // namespace varia::sweep
