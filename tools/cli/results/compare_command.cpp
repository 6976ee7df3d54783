#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "analysis/comparison.hpp"
#include "analysis/trial_choice.hpp"
#include "cli/commands.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/options.hpp"
#include "cli/results/comparison_tables.hpp"
#include "cli/results/comparison_text.hpp"
#include "cli/results/result_commands.hpp"
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
  auto request = options.request;
  if (request.metrics.size() > 2)
    throw ConfigError(
        fmt::format("--metric is given {} times. Expected one, or two with their "
                    "Pareto front",
                    request.metrics.size()));
  if (request.orders.size() > std::max<std::size_t>(1, request.metrics.size()))
    throw ConfigError("--order is given more often than --metric");
  const auto results = results::open_results(options.file);
  read_against(results, options.against, request);
  const auto comparison = analysis::compare(results, request);
  if (options.json) {
    print_json(comparison_json(results, comparison));
  } else if (options.csv) {
    fmt::print("{}", comparison_csv(comparison));
  } else if (options.latex) {
    fmt::print("{}", comparison_latex(comparison));
  } else {
    fmt::print("{}", comparison_text(comparison, options.limit, output_style(options.wide)));
    if (options.plot)
      fmt::print("{}",
                 comparison_plot(comparison, options.limit, terminal_size(STDOUT_FILENO).columns));
  }
  return kAllDone;
}

void add_compare(CLI::App& app, Action& action) {
  const auto options = std::make_shared<CompareOptions>();
  auto& request = options->request;
  auto* command = app.add_subcommand(
      "compare", "Say which setting is best, and how sure that is, from a results file");
  add_results_file(*command, options->file);
  const auto add_list = [&](const char* name, std::vector<std::string>& values, const char* type,
                            const char* text) {
    return command->add_option(name, values, text)->type_name(type)->allow_extra_args(false);
  };
  add_list("--metric", request.metrics, "SPLIT/NAME",
           "What is compared (default: the ELBO, else the loss, of test); given twice: both, with "
           "their Pareto front");
  command
      ->add_option_function<std::vector<std::string>>(
          "--order",
          [options](const std::vector<std::string>& texts) {
            for (const auto& text : texts)
              options->request.orders.push_back(*better_from_text(text));
          },
          "Which values of the metric are better (default: as it declares); one for each --metric")
      ->type_name("higher|lower")
      ->allow_extra_args(false)
      ->check(one_of({"higher", "lower"}));
  add_list("--by", request.by, "KEY",
           "Tell settings apart by this key (repeatable; default: all that is swept)");
  add_list("--over", request.over, "KEY",
           "Average over this key's values, each the mean of its seeds (repeatable)");
  add_list("--best", request.best, "KEY",
           "Choose this key's value for each setting on the validation split (repeatable)");
  add_list("--against", options->against, "TRIAL|KEY=VALUE",
           "Paired differences from the setting of this trial (its id, the id's beginning, or "
           "its row), or from the setting that differs in this key alone (repeatable); default: "
           "from the first");
  add_limit(*command, options->limit, "settings");
  add_wide(*command, options->wide);
  auto* plot = command->add_flag("--plot", options->plot, "Draw it, too");
  auto* json =
      command->add_flag("--json", options->json, "Print JSON, with the values of all seeds");
  auto* csv =
      command->add_flag("--csv", options->csv, "Print CSV: one line for each setting and metric");
  auto* latex =
      command->add_flag("--latex", options->latex, "Print a LaTeX table (package booktabs)");
  json->excludes(plot)->excludes(csv)->excludes(latex);
  csv->excludes(plot)->excludes(latex);
  latex->excludes(plot);
  command->callback([options, &action] {
    action = [options] {
      return read_named({options->file}, [options] { return compare(*options); });
    };
  });
}

}  // namespace varia::cli
