#include "sweep/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include "experiment/yaml/yaml_reader.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "files/whole_file.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::sweep {

namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{64} << 20;
constexpr std::size_t kIdDigits = 16;
constexpr const char* kReplicate = "replicate";

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
  const auto content = files::read_whole_file(path, kLargestFile);
  std::size_t line = 0;
  for (std::size_t begin = 0; begin < content.size();) {
    const auto end = std::min(content.find('\n', begin), content.size());
    auto text = trimmed(content.substr(begin, end - begin));
    begin = end + 1;
    ++line;
    if (text.empty() || text.front() == '#') continue;
    const auto where = fmt::format("{}:{}", path, line);
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

/// A value that is compared: a number, or else text as a plan writes it.
struct Comparable {
  explicit Comparable(const Value& value) {
    if (!value.is_scalar()) {
      text = experiment::flow_text(value);
      return;
    }
    text = value.text();
    if (!value.quoted()) number = value.as_real();
  }
  bool operator==(const Comparable& other) const {
    if (number && other.number) return *number == *other.number || text == other.text;
    return text == other.text;
  }
  std::optional<double> number;
  std::string text;
};

Comparable read_value(const std::string& text, const std::string& where) {
  return Comparable(experiment::read_yaml_value(text, Location{where}));
}

using Marks = std::vector<bool>;

/// Finds the trials of a plan by their parameters; each key is looked up once.
class Parameters {
 public:
  explicit Parameters(const experiment::Plan& plan) {
    for (std::size_t i = 0; i < plan.trials.size(); ++i) {
      add(kReplicate, i, Value::integer(plan.trials[i].replicate), plan.trials.size());
      for (const auto& tag : plan.trials[i].tags)
        add("tag", i, Value::text(tag), plan.trials.size());
      for (const auto& [key, text] : plan.trials[i].notes)
        add("notes." + key, i, Value::text(text), plan.trials.size());
      for (const auto& setting : plan.trials[i].parameters())
        add(setting.key, i, setting.value, plan.trials.size());
    }
  }

  /// The key as the plan has it. @throws ConfigError
  std::string key_of(const std::string& asked, const Wanted& wanted) const {
    if (columns_.count(asked) > 0) return asked;
    if (columns_.count(asked + ".use") > 0) return asked + ".use";
    std::vector<std::string> known;
    for (const auto& [key, column] : columns_) known.push_back(key);
    throw ConfigError(fmt::format("{}: {}: no trial has a parameter '{}'. {}", wanted.where,
                                  wanted.text, asked, suggestion(asked, std::move(known))));
  }

  /// Marks the trials whose parameter has the value. @throws ConfigError where there are none
  void mark(const std::string& key, const std::string& value, const Wanted& wanted,
            Marks& marks) const {
    const auto& column = columns_.at(key);
    const auto asked = read_value(value, wanted.where);
    bool found = false;
    for (const auto& [text, trials] : column) {
      if (!(trials.value == asked)) continue;
      found = true;
      for (const auto index : trials.indices) marks[index] = true;
    }
    if (found) return;
    std::vector<std::string> known;
    for (const auto& [text, trials] : column) known.push_back(text);
    throw ConfigError(fmt::format("{}: {}: no trial has {} = {}. {}", wanted.where, wanted.text,
                                  key, asked.text, values_text(asked, column)));
  }

 private:
  struct Trials {
    Comparable value;
    std::vector<std::size_t> indices;
  };
  using Column = std::map<std::string, Trials>;  // by the value's text

  void add(const std::string& key, std::size_t index, const Value& value, std::size_t total) {
    Comparable comparable(value);
    auto& trials = columns_[key].try_emplace(comparable.text, Trials{comparable, {}}).first->second;
    if (trials.indices.empty()) trials.indices.reserve(std::min<std::size_t>(total, 16));
    trials.indices.push_back(index);
  }

  /// "It is 1, 2 or 4."; of many values those nearest to the one asked for.
  static std::string values_text(const Comparable& asked, const Column& column) {
    constexpr std::size_t most = 8;
    std::vector<const Comparable*> known;
    for (const auto& [text, trials] : column) known.push_back(&trials.value);
    const auto distance = [&](const Comparable* value) {
      return asked.number && value->number ? std::abs(*value->number - *asked.number) : 0.0;
    };
    std::stable_sort(known.begin(), known.end(),
                     [&](const auto* a, const auto* b) { return distance(a) < distance(b); });
    const auto total = known.size();
    known.resize(std::min(total, most));
    std::stable_sort(known.begin(), known.end(), [](const auto* a, const auto* b) {
      return a->number && b->number && *a->number < *b->number;
    });
    std::string text;
    for (const auto* value : known) text += (text.empty() ? "" : ", ") + value->text;
    return fmt::format("{}: {}", total > most ? "The nearest values" : "Its values", text);
  }

  std::map<std::string, Column> columns_;
};

bool looks_like_id(const std::string& text) {
  return text.size() <= kIdDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Finds trials by their ids.
class Ids {
 public:
  explicit Ids(const experiment::Plan& plan) {
    for (std::size_t i = 0; i < plan.trials.size(); ++i) sorted_.emplace_back(plan.trials[i].id, i);
    std::sort(sorted_.begin(), sorted_.end());
  }

  /// @throws ConfigError
  std::size_t find(const Wanted& wanted) const {
    const auto& text = wanted.text;
    const auto begins = [&](const auto& entry) { return entry.first.rfind(text, 0) == 0; };
    const auto first =
        std::lower_bound(sorted_.begin(), sorted_.end(), std::pair(text, std::size_t{0}));
    if (first == sorted_.end() || !begins(*first)) refuse(wanted);
    if (first->first != text && first + 1 != sorted_.end() && begins(*(first + 1)))
      throw ConfigError(
          fmt::format("{}: {} trials have ids that begin with '{}'; give more of the id",
                      wanted.where, std::count_if(first, sorted_.end(), begins), text));
    return first->second;
  }

 private:
  [[noreturn]] void refuse(const Wanted& wanted) const {
    if (!looks_like_id(wanted.text))
      throw ConfigError(fmt::format(
          "{}: '{}' names no trial. Expected the id of a trial, as varia plan lists it, "
          "its beginning, KEY=VALUE of a parameter, replicate=R, tag=WORD, notes.KEY=TEXT, or "
          "@FILE",
          wanted.where, wanted.text));
    std::vector<std::string> beginnings;
    for (const auto& entry : sorted_)
      beginnings.push_back(entry.first.substr(0, wanted.text.size()));
    const auto nearest = nearest_name(wanted.text, beginnings);
    throw ConfigError(fmt::format(
        "{}: no trial of this plan has an id that begins with '{}'.{} varia plan lists them.{}",
        wanted.where, wanted.text, nearest.empty() ? "" : " Did you mean '" + nearest + "'?",
        // It was copied, or written by varia submit.
        wanted.text.size() < kIdDigits
            ? ""
            : " The content of data and files is a part of an id: where "
              "this one was of the plan before, they have changed since"));
  }

  std::vector<std::pair<std::string, std::size_t>> sorted_;
};

}  // namespace

std::vector<std::size_t> select(const experiment::Plan& plan,
                                const std::vector<std::string>& only) {
  std::map<std::string, Marks> marks;  // by key; "" for ids
  const auto marks_of = [&](const std::string& key) -> Marks& {
    return marks.try_emplace(key, plan.trials.size(), false).first->second;
  };
  std::optional<Ids> ids;
  std::optional<Parameters> parameters;
  for (const auto& wanted : spelled_out(only)) {
    const auto equals = wanted.text.find('=');
    if (equals == std::string::npos) {
      if (!ids) ids.emplace(plan);
      marks_of("")[ids->find(wanted)] = true;
      continue;
    }
    if (!parameters) parameters.emplace(plan);
    const auto key = parameters->key_of(trimmed(wanted.text.substr(0, equals)), wanted);
    parameters->mark(key, trimmed(wanted.text.substr(equals + 1)), wanted, marks_of(key));
  }
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < plan.trials.size(); ++i)
    if (std::all_of(marks.begin(), marks.end(), [&](const auto& mark) { return mark.second[i]; }))
      chosen.push_back(i);
  if (chosen.empty() && !only.empty()) {
    std::string all;
    for (const auto& text : only) all += (all.empty() ? "" : " and ") + text;
    throw ConfigError(
        fmt::format("--only: no trial meets {}; several of one key are "
                    "alternatives, of different keys all must hold",
                    all));
  }
  return chosen;
}

}  // namespace varia::sweep
