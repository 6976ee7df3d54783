#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/results/result_commands.hpp"
#include "cli/results/results_table.hpp"

namespace varia::cli {

int show(const ShowOptions& options) {
  const auto results = results::open_results(options.file);
  const auto listing = make_listing(results, options.metric, options.order);
  if (options.json)
    fmt::print("{}\n", results_json(results, listing));
  else
    fmt::print("{}", results_text(results, listing, options.limit));
  return kAllDone;
}

void add_show(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ShowOptions>();
  auto* command = app.add_subcommand("show", "List the trials of a results file, best first");
  add_results_file(*command, options->file);
  command->add_option("--metric", options->metric,
                      "Sort by it: test/elbo, ... (default: the ELBO of validation, else of test; "
                      "the loss if no model has one)");
  command
      ->add_option_function<std::string>(
          "--order",
          [options](const std::string& text) { options->order = *better_from_text(text); },
          "Which values are better (default: as the metric declares)")
      ->check(CLI::IsMember({"higher", "lower"}));
  add_limit(*command, options->limit, "trials");
  command->add_flag("--json", options->json, "Print JSON, with every parameter and metric");
  command->callback([options, &action] {
    action = [options] {
      return read_results({options->file}, [options] { return show(*options); });
    };
  });
}

}  // namespace varia::cli
