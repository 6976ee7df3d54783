#include "results/names.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "results/records.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace {

constexpr std::array<std::string_view, 17> kReserved = {
    "id",    "experiment", "seed",     "replicate", "status",   "epochs_done", "target_epochs",
    "host",  "cpu",        "versions", "plugins",   "measures", "token",       "error",
    "trial", "epoch",      "config"};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

void check(const std::string& file, const std::string& what, const std::string& name,
           std::size_t longest, std::string_view others) {
  const bool good = !name.empty() && name.size() <= longest && is_letter_or_digit(name.front()) &&
                    std::all_of(name.begin(), name.end(), [&](char c) {
                      return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
                    });
  if (good) return;
  throw StoreError(file, what + " '" + name.substr(0, longest) +
                             "' cannot be stored: a name has 1 to " + std::to_string(longest) +
                             " letters, digits or any of _" + std::string(others) +
                             ", and starts with a letter, a digit or _");
}

void check_not_reserved(const std::string& file, const std::string& what, const std::string& name) {
  if (std::find(kReserved.begin(), kReserved.end(), name) == kReserved.end()) return;
  throw StoreError(file, what + " '" + name + "' has the name of a field that every trial has in " +
                             "the results; give it another name");
}

}  // namespace

void check_name(const std::string& file, const std::string& what, const std::string& name) {
  check(file, what, name, 100, ".+-");
}

void check_metric_name(const std::string& file, const std::string& name) {
  check_name(file, "metric", name);
  check_not_reserved(file, "metric", name);
}

void check_parameter_key(const std::string& file, const std::string& key) {
  check(file, "parameter", key, 200, ".+-[]");
  check_not_reserved(file, "parameter", key);
}

std::string status_text(Status status) {
  switch (status) {
    case Status::partial:
      return "partial";
    case Status::done:
      return "done";
    case Status::failed:
      return "failed";
  }
  return "";
}

Status status_from_text(const std::string& text, const std::string& file) {
  for (const Status status : {Status::partial, Status::done, Status::failed}) {
    if (text == status_text(status)) return status;
  }
  throw StoreError(file, "the status of a trial is '" + text.substr(0, 40) +
                             "'; expected partial, done or failed");
}

}  // namespace varia::results
