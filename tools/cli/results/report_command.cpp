#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/file_arguments.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/options.hpp"
#include "cli/results/result_commands.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/terminal/text.hpp"
#include "pages/report/write_report.hpp"
#include "results/merged/results.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

void check_given_once(const std::vector<std::string>& files) {
  for (auto file = files.begin(); file != files.end(); ++file) {
    std::error_code absent;
    for (auto other = files.begin(); other != file; ++other)
      if (std::filesystem::equivalent(*file, *other, absent))
        throw ConfigError(*file + " is given twice; its trials would count twice");
  }
}

}  // namespace

int report(const ReportOptions& options) {
  if (options.output == "-")
    throw ConfigError("--output: expected the name of a file, found '-'; a page is not printed");
  check_given_once(options.files);
  std::vector<results::Results> files;
  files.reserve(options.files.size());
  for (const auto& file : options.files) files.push_back(results::open_results(file));
  const auto path = options.output.empty()
                        ? std::filesystem::path(options.files.front()).replace_extension(".html")
                        : std::filesystem::path(options.output);
  check_text_output("--output", path.string(), options.files);
  const auto summary = report::write_report(
      files, path.string(), static_cast<std::uint64_t>(options.picture_megabytes * 1e6));
  if (options.json) {
    print_json({{"file", path.string()},
                {"bytes", summary.bytes},
                {"trials", summary.trials},
                {"pictures", summary.pictures},
                {"pictures_left_out", summary.pictures_left_out}});
    return kAllDone;
  }
  fmt::print("{}: {}, {}, {:.1f} MB\n", path.string(), count_text(summary.trials, "trial"),
             count_text(summary.pictures, "picture"), static_cast<double>(summary.bytes) / 1e6);
  if (summary.pictures_left_out > 0)
    fmt::print("{} did not fit into {} MB and {} left out (--pictures)\n",
               count_text(summary.pictures_left_out, "picture"), options.picture_megabytes,
               summary.pictures_left_out == 1 ? "was" : "were");
  return kAllDone;
}

void add_report(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ReportOptions>();
  auto* command = app.add_subcommand(
      "report", "Write one HTML page with all trials: curves, pictures, comparisons");
  take_results_files(
      *command->add_option("results", options->files, "Merged files: results/NAME.h5, or NAME")
           ->required()
           ->type_name("RESULTS.h5"));
  command
      ->add_option("-o,--output", options->output,
                   "The page (default: the first file's name with .html)")
      ->type_name("REPORT.html");
  command
      ->add_option("--pictures", options->picture_megabytes,
                   "Megabytes that pictures may take; 0 leaves them all out")
      ->type_name("MB")
      ->check(real_number(0, 2000))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &action] {
    action = [options] {
      return read_named(options->files, [options] { return report(*options); });
    };
  });
}

}  // namespace varia::cli
