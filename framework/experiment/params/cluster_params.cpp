#include "experiment/params/cluster_params.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <regex>
#include <string_view>

#include "varia/error_list.hpp"

namespace varia::experiment {
namespace {

bool has_control_characters(const std::string& text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool is_plain(const Text& text) {
  return !text.has_value() || (!text().empty() && !has_control_characters(text()));
}

bool are_plain(const TextList& list) {
  return std::ranges::none_of(list(), has_control_characters);
}

constexpr const char* kPlainText = "expected text on one line, and not an empty one";
constexpr const char* kPlainTexts = "expected texts of one line each";

/// Options that the job script relies on; another value would break it, or be overridden by it.
const std::array<std::string, 15> kOwnOptions{
    "array",  "chdir",  "cpus-per-task", "dependency", "error",   "job-name", "no-requeue", "nodes",
    "ntasks", "output", "open-mode",     "parsable",   "requeue", "signal",   "wrap"};
/// Options that have a key of their own, which is checked.
const std::map<std::string, std::string> kKeys{{"account", "account"},
                                               {"constraint", "constraint"},
                                               {"mem", "memory"},
                                               {"partition", "partition"},
                                               {"time", "time"}};

/// "--qos=long" is "qos"; empty for what is no long option. Not by std::regex, which calls itself
/// for every letter of a long text.
std::string option_name(const std::string& option) {
  constexpr std::string_view kStart = "--";
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto fits = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  if (!option.starts_with(kStart)) return "";
  const auto name = option.substr(0, option.find('=')).substr(kStart.size());
  return !name.empty() && is_letter(name[0]) && std::ranges::all_of(name, fits) ? name : "";
}

/// Numbers of a time as Slurm writes it, from days to seconds; nullopt if it is not one.
std::optional<std::array<std::int64_t, 4>> parse_time(const std::string& text) {
  // minutes | minutes:seconds | hours:minutes:seconds | days-hours[:minutes[:seconds]]
  static const std::regex with_days(R"((\d{1,4})-(\d{1,4})(?::(\d{1,4}))?(?::(\d{1,4}))?)");
  static const std::regex hours(R"((\d{1,4}):(\d{1,4}):(\d{1,4}))");
  static const std::regex minutes(R"((\d{1,7})(?::(\d{1,4}))?)");
  std::smatch match;
  const auto number = [&](int group) {
    return match[group].matched ? std::stoll(match[group].str()) : 0;
  };
  if (std::regex_match(text, match, with_days))
    return {{number(1), number(2), number(3), number(4)}};
  if (std::regex_match(text, match, hours)) return {{0, number(1), number(2), number(3)}};
  if (std::regex_match(text, match, minutes)) return {{0, 0, number(1), number(2)}};
  return std::nullopt;
}

constexpr const char* kTimeDoc =
    R"(Wall time as Slurm writes it: minutes, "4:00:00" or "1-12:00:00"; unset: the partition's.)";

}  // namespace

JobParams::JobParams(const std::optional<std::string>& time)
    : time(time ? Text(this, "time", *time, kTimeDoc) : Text(this, "time", kUnset, kTimeDoc)) {}

std::int64_t JobParams::seconds() const {
  const auto parts = time.has_value() ? parse_time(time()) : std::nullopt;
  if (!parts) return 0;
  const auto& [days, hours, minutes, seconds] = *parts;
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

void JobParams::check() const {
  ErrorList errors;
  for (const Text* text : {&partition, &account, &constraint})
    errors.collect([&] {
      if (!is_plain(*text)) fail(*text, kPlainText);
    });
  errors.collect([&] {
    if (!is_plain(time)) fail(time, kPlainText);
    if (time.has_value() && seconds() == 0)
      fail(time, fmt::format("expected minutes, \"hours:minutes:seconds\" or "
                             "\"days-hours:minutes:seconds\", found '{}'",
                             time()));
  });
  errors.collect([&] {
    if (!is_plain(memory)) fail(memory, kPlainText);
    static const std::regex memory_form("[1-9][0-9]{0,9}[KMGT]?B?", std::regex::icase);
    if (memory.has_value() && !std::regex_match(memory(), memory_form))
      fail(memory, fmt::format("expected a number of MB or one with a unit such as 4G, found '{}'",
                               memory()));
  });
  errors.collect([&] {
    if (!are_plain(extra)) fail(extra, kPlainTexts);
    for (const std::string& option : extra()) {
      const std::string name = option_name(option);
      if (name.empty())
        fail(extra,
             fmt::format("expected long options of sbatch such as \"--qos=long\", found '{}'",
                         option));
      if (std::ranges::find(kOwnOptions, name) != kOwnOptions.end())
        fail(extra,
             fmt::format("'{}' is set by varia submit, whose jobs rely on it; remove it", option));
      if (const auto key = kKeys.find(name); key != kKeys.end())
        fail(extra, fmt::format("'{}' has a key of its own beside 'extra': give it as '{}'", option,
                                key->second));
    }
  });
  errors.raise();
}

void ClusterParams::check() const {
  ErrorList errors;
  errors.collect([&] { JobParams::check(); });
  errors.collect([&] {
    if (!is_plain(profile)) fail(profile, kPlainText);
  });
  for (const TextList* list : {&setup, &container})
    errors.collect([&] {
      if (!are_plain(*list)) fail(*list, kPlainTexts);
    });
  errors.raise();
}

}  // namespace varia::experiment
