#include <fmt/format.h>
#include <unistd.h>

#include <limits>

#include "analysis/comparison.hpp"
#include "analysis/trial_choice.hpp"
#include "cli/commands.hpp"
#include "cli/results/comparison_tables.hpp"
#include "cli/results/comparison_text.hpp"
#include "cli/terminal/terminal.hpp"
#include "results/merged/results.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

void read_against(const results::Results& results, const std::vector<std::string>& against,
                  analysis::ComparisonRequest& request) {
  for (const auto& text : against) {
    const auto equals = text.find('=');
    if (equals != std::string::npos) {
      request.against_values.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    } else if (against.size() > 1) {
      throw ConfigError("--against takes one trial, or one or more KEY=VALUE");
    } else {
      request.against_trial = analysis::choose_trials(results, {text}).front();
    }
  }
}

}  // namespace

int compare(const CompareOptions& options) {
  if (options.metrics.size() > 2)
    throw ConfigError(
        fmt::format("--metric is given {} times. Expected one, or two with their "
                    "Pareto front",
                    options.metrics.size()));
  if (options.orders.size() > std::max<std::size_t>(1, options.metrics.size()))
    throw ConfigError("--order is given more often than --metric");
  const auto results = results::open_results(options.file);
  analysis::ComparisonRequest request;
  request.metrics = options.metrics;
  request.orders = options.orders;
  request.grouping = {options.by, options.over, options.best};
  read_against(results, options.against, request);
  const auto comparison = analysis::compare(results, request);
  const auto limit = options.all ? std::numeric_limits<std::size_t>::max() : options.limit;
  if (options.json) {
    fmt::print("{}\n", comparison_json(results, comparison));
  } else if (options.csv) {
    fmt::print("{}", comparison_csv(comparison));
  } else if (options.latex) {
    fmt::print("{}", comparison_latex(comparison));
  } else {
    fmt::print("{}", comparison_text(comparison, limit));
    if (options.plot)
      fmt::print("{}", comparison_plot(comparison, limit, terminal_size(STDOUT_FILENO).columns));
  }
  return kAllDone;
}

}  // namespace varia::cli
