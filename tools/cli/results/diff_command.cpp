#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <tuple>

#include "analysis/difference.hpp"
#include "analysis/settings.hpp"
#include "cli/commands.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/help_text.hpp"
#include "cli/options.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/terminal/text.hpp"

namespace varia::cli {

namespace {

using nlohmann::json;

struct DiffOptions {
  std::string first;
  std::string second;
  std::size_t limit = 50;  ///< trials that are listed at most
  bool wide = false;       ///< all columns
  bool json = false;
};

std::string settings_text(const results::Results& results, std::size_t row) {
  std::vector<std::string> keys, values;
  for (const auto& column : results.parameters()) {
    if (!column.swept) continue;
    keys.push_back(column.key);
    values.push_back(column.text(row));
  }
  const auto& trials = results.trials();
  const bool replicated = std::ranges::any_of(
      trials, [](std::int64_t number) { return number > 0; }, &results::TrialInfo::replicate);
  return analysis::setting_name(keys, values) +
         (replicated ? fmt::format(", replicate {}", trials[row].replicate) : "");
}

json trial_json(const results::Results& results, std::size_t row) {
  return {{"id", results.trials()[row].id}, {"settings", settings_text(results, row)}};
}

json pairs_json(const results::Results& first, const results::Results& second,
                const std::vector<analysis::TrialPair>& pairs) {
  auto list = json::array();
  for (const auto& pair : pairs)
    list.push_back({{"first", trial_json(first, pair.first)},
                    {"second", trial_json(second, pair.second)},
                    {"differences", pair.lines}});
  return list;
}

json rows_json(const results::Results& results, const std::vector<std::size_t>& rows) {
  auto list = json::array();
  for (const auto row : rows) list.push_back(trial_json(results, row));
  return list;
}

/// As many lines as a row of a table has room for.
std::string first_of(const std::vector<std::string>& lines) {
  constexpr std::size_t kMost = 5;
  const auto shown = lines.size() <= kMost + 1 ? lines.size() : kMost;
  auto text = fmt::format("{}", fmt::join(std::span(lines).first(shown), "; "));
  if (shown < lines.size())
    text += fmt::format("; and {} more (--json has all)", lines.size() - shown);
  return text;
}

void print_text(const results::Results& first, const results::Results& second,
                const analysis::Difference& found, const DiffOptions& options) {
  Table table({"trial", {"settings", 1}, "differs in"}, options.limit);
  const auto add = [&](const results::Results& results, std::size_t row, const std::string& what) {
    table.add({results.trials()[row].id, printable(settings_text(results, row)), printable(what)});
  };
  for (const auto& pair : found.results) add(first, pair.first, first_of(pair.lines));
  for (const auto& pair : found.parameters)
    add(first, pair.first,
        fmt::format("{} there; parameters: {}", second.trials()[pair.second].id,
                    first_of(pair.lines)));
  for (const auto row : found.only_first) add(first, row, "is in " + first.path() + " alone");
  for (const auto row : found.only_second) add(second, row, "is in " + second.path() + " alone");
  if (!found.is_none()) fmt::print("{}", table.text(output_style(options.wide)));
  for (const auto& line : found.environment) fmt::print("{}\n", printable(line));
  fmt::print(
      "{}: {} with other results, {} with other parameters, {} in the first file alone, "
      "{} in the second alone\n",
      !found.is_none()
          ? fmt::format("{} the same, bit for bit", count_text(found.identical, "trial"))
      : found.identical == 1
          ? std::string("the one trial is the same, bit for bit")
          : fmt::format("all {} are the same, bit for bit", count_text(found.identical, "trial")),
      found.results.size(), found.parameters.size(), found.only_first.size(),
      found.only_second.size());
}

int diff(const DiffOptions& options) {
  const auto first = results::open_results(options.first);
  const auto second = results::open_results(options.second);
  const auto found = analysis::difference(first, second);
  if (options.json) {
    print_json({{"same", found.is_none()},
                {"identical", found.identical},
                {"results", pairs_json(first, second, found.results)},
                {"parameters", pairs_json(first, second, found.parameters)},
                {"only_first", rows_json(first, found.only_first)},
                {"only_second", rows_json(second, found.only_second)},
                {"environment", found.environment}});
  } else {
    print_text(first, second, found, options);
  }
  return found.is_none() ? kAllDone : kSomeFailed;
}

}  // namespace

void add_diff(CLI::App& app, Action& action) {
  const auto options = std::make_shared<DiffOptions>();
  auto* command = app.add_subcommand(
      "diff", "Say in what two results files differ, and whether they are the same, bit for bit");
  for (const auto& [name, file, text, type] :
       {std::tuple("first", &options->first, "A merged file, or the name of its experiment",
                   "A.h5"),
        std::tuple("second", &options->second, "Another one", "B.h5")})
    take_results_files(*command->add_option(name, *file, text)->required()->type_name(type));
  add_limit(*command, options->limit, "trials that differ");
  add_wide(*command, options->wide);
  command->add_flag("--json", options->json, "Print JSON");
  set_exit_codes(*command, {{kAllDone, "all trials are the same"},
                            {kSomeFailed, "they differ"},
                            {kWrong, "the call or a file is wrong"}});
  command->callback([options, &action] {
    action = [options] {
      return read_named({options->first, options->second}, [options] { return diff(*options); });
    };
  });
}

}  // namespace varia::cli
