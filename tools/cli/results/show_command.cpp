#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/options.hpp"
#include "cli/results/result_commands.hpp"
#include "cli/results/results_table.hpp"
#include "cli/terminal/terminal.hpp"

namespace varia::cli {

int show(const ShowOptions& options) {
  const auto results = results::open_results(options.file);
  if (options.json)
    print_json(results_json(results, options.metric, options.order));
  else
    fmt::print("{}", results_text(results, options.limit, options.metric, options.order,
                                  output_style(options.wide)));
  return kAllDone;
}

void add_show(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ShowOptions>();
  auto* command = app.add_subcommand("show", "List the trials of a results file, best first");
  add_results_file(*command, options->file);
  command
      ->add_option("--metric", options->metric,
                   "Sort by it: test/elbo, ... (default: the ELBO of validation, else of test; "
                   "the loss if no model has one)")
      ->type_name("SPLIT/NAME");
  command
      ->add_option_function<std::string>(
          "--order",
          [options](const std::string& text) { options->order = *better_from_text(text); },
          "Which values are better (default: as the metric declares)")
      ->check(one_of({"higher", "lower"}));
  add_limit(*command, options->limit, "trials");
  add_wide(*command, options->wide);
  command->add_flag("--json", options->json, "Print JSON, with every parameter and metric");
  command->callback([options, &action] {
    action = [options] {
      return read_named({options->file}, [options] { return show(*options); });
    };
  });
}

}  // namespace varia::cli
