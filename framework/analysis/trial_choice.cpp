#include "analysis/trial_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::analysis {

namespace {

std::size_t find_trial(const results::Results& results, const std::string& wanted) {
  const auto& trials = results.trials();
  std::vector<std::size_t> begin_so;
  for (std::size_t row = 0; row < trials.size(); ++row) {
    if (trials[row].id == wanted) return row;
    if (trials[row].id.starts_with(wanted)) begin_so.push_back(row);
  }
  const auto row = Value::scalar(wanted).as_integer().value_or(-1);
  // "00" is not a row: it may be how an id begins.
  if (row >= 0 && row < static_cast<std::int64_t>(trials.size()) && wanted == std::to_string(row))
    return static_cast<std::size_t>(row);
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
  std::ranges::sort(rows);
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

}  // namespace varia::analysis
