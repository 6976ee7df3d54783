#include "analysis/trial_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::analysis {

namespace {

std::optional<std::size_t> row_of(const std::string& text, std::size_t count) {
  std::size_t row = 0;
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, row);
  // "00" is no row: it may be how an id begins.
  const bool good =
      result.ec == std::errc() && result.ptr == end && row < count && text == std::to_string(row);
  if (!good) return std::nullopt;
  return row;
}

std::size_t find_trial(const results::Results& results, const std::string& wanted) {
  const auto& trials = results.trials();
  std::vector<std::size_t> begin_so;
  for (std::size_t row = 0; row < trials.size(); ++row) {
    if (trials[row].id == wanted) return row;
    if (trials[row].id.starts_with(wanted)) begin_so.push_back(row);
  }
  if (const auto row = row_of(wanted, trials.size())) return *row;
  if (begin_so.size() == 1 && !wanted.empty()) return begin_so.front();
  if (begin_so.size() > 1 && !wanted.empty())
    throw ConfigError(fmt::format("{} has {} trials whose ids begin with '{}'; give more of the id",
                                  results.path(), begin_so.size(), wanted));
  std::vector<std::string> ids;
  for (const auto& trial : trials) ids.push_back(trial.id);
  const auto near = nearest_name(wanted, ids);
  throw ConfigError(
      fmt::format("{} has no trial '{}'.{} Expected an id, as varia show lists it, its beginning, "
                  "or a row from 0 to {}",
                  results.path(), wanted, near.empty() ? "" : " Did you mean '" + near + "'?",
                  trials.size() - 1));
}

}  // namespace

std::vector<std::size_t> choose_trials(const results::Results& results,
                                       const std::vector<std::string>& wanted) {
  std::vector<std::size_t> rows(wanted.empty() ? results.size() : 0);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  for (const auto& trial : wanted) rows.push_back(find_trial(results, trial));
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

}  // namespace varia::analysis
