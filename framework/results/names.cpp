#include "results/names.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "results/trial_info.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace {

// What merged/write_views.cpp puts before and behind the name of a view, and behind that of a
// curve.
constexpr std::array<std::string_view, 6> kBeforeView = {"frame_",   "y_",     "x_",
                                                         "channel_", "point_", "axis_"};
constexpr std::array<std::string_view, 14> kBehindView = {
    "_height", "_width",   "_frame_epoch", "_title",      "_label",   "_labels", "_count",
    "_rows",   "_columns", "_tile_height", "_tile_width", "_padding", "_axes",   "_classes"};
constexpr std::string_view kBehindCurve = "_step";
constexpr std::string_view kRecords = "record";

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

[[noreturn]] void fail_as_taken(const std::string& what, const std::string& name,
                                const std::string& taken) {
  throw TrialError(what + " '" + name + "' cannot be stored: results files have " + taken +
                   "; give it another name (as:)");
}

}  // namespace

void check_name(const std::string& what, const std::string& name) { check(what, name, 100, ".+-"); }

void check_metric_name(const std::string& name) {
  check_name("metric", name);
  check_not_reserved("metric", name);
}

void check_view_name(const std::string& name) {
  check_name("view", name);
  const auto fail = [&](std::string_view part) {
    fail_as_taken("view", name,
                  "'" + std::string(part) + "' in the names of what views consist of");
  };
  // With its '_', a name that is such a beginning: the height of a view "frame" would be named as
  // the frames of a view "height".
  for (const std::string_view beginning : kBeforeView)
    if ((name + "_").starts_with(beginning)) fail(beginning);
  for (const std::string_view ending : kBehindView)
    if (name.ends_with(ending)) fail(ending);
}

void check_curve_name(const std::string& name) {
  check_name("curve", name);
  if (name.ends_with(kBehindCurve) || name == kRecords)
    fail_as_taken("curve", name, "'_step' and 'record' in the names of what curves consist of");
}

void check_parameter_key(const std::string& key) {
  check("parameter", key, 200, ".+-[]");
  check_not_reserved("parameter", key);
}

bool is_parameter_key(const std::string& key) {
  try {
    check_parameter_key(key);
    return true;
  } catch (const TrialError&) {
    return false;
  }
}

}  // namespace varia::results
