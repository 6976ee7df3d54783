#include "cli/results/result_commands.hpp"

#include <CLI/CLI.hpp>

#include "cli/file_arguments.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/options.hpp"

namespace varia::cli {

namespace {

/// For CLI11's `check`: its own would print the largest number that a double can be.
std::string check_count(const std::string& text) {
  const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  if (is_number && text.find_first_not_of('0') != text.npos) return "";
  return "expected a whole number from 1, found '" + text + "'";
}

int read_results(const std::vector<std::string>& files, const std::function<int()>& command) {
  require_results_files(files);
  return read_guarded(files, command);
}

}  // namespace

void ResultCommands::add_to(CLI::App& app, Action& action) {
  add_show(app, action);
  add_diff(app, action);
  add_compare(app, action);
  add_export(app, action);
  add_report(app, action);
}

void ResultCommands::add_show(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("show", "List the trials of a results file, best first");
  command->add_option("results", show_.file, "The merged file: results/NAME.h5")
      ->required()
      ->type_name("RESULTS.h5");
  command->add_option("--metric", show_.metric,
                      "Sort by it: test/elbo, ... (default: validation/loss, else test/loss)");
  command->add_option("--order", show_.order, "What is best (default: by the metric's name)")
      ->check(CLI::IsMember({"highest", "lowest"}));
  command->add_option("--limit", show_.limit, "How many trials at most")
      ->check(check_count)
      ->capture_default_str();
  command->add_flag("--all", show_.all, "All trials");
  command->add_flag("--json", show_.json, "Print JSON, with every parameter and metric");
  command->callback([this, &action] {
    action = [this] { return read_results({show_.file}, [this] { return show(show_); }); };
  });
}

void ResultCommands::add_diff(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "diff", "Say in what two results files differ, and whether they are the same, bit for bit");
  command->add_option("first", diff_.first, "A merged file")->required()->type_name("A.h5");
  command->add_option("second", diff_.second, "Another one")->required()->type_name("B.h5");
  command->add_option("--limit", diff_.limit, "How many trials are listed at most")
      ->check(check_count)
      ->capture_default_str();
  command->add_flag("--all", diff_.all, "List all trials that differ");
  command->add_flag("--json", diff_.json, "Print JSON");
  command->footer("Exit codes: 0 all trials are the same, 1 they differ, 2 the call is wrong.");
  command->callback([this, &action] {
    action = [this] {
      return read_results({diff_.first, diff_.second}, [this] { return diff(diff_); });
    };
  });
}

void ResultCommands::add_compare(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "compare", "Say which setting is best, and how sure that is, from a results file");
  command->add_option("results", compare_.file, "The merged file: results/NAME.h5")
      ->required()
      ->type_name("RESULTS.h5");
  const auto add_list = [&](const char* name, std::vector<std::string>& values, const char* type,
                            const char* text) {
    return command->add_option(name, values, text)->type_name(type)->allow_extra_args(false);
  };
  add_list("--metric", compare_.metrics, "SPLIT/NAME",
           "What is compared (default: test/elbo); given twice: both, with their Pareto front");
  add_list("--order", compare_.orders, "highest|lowest",
           "What is best of the metric (default: by its name); one for each --metric")
      ->check(CLI::IsMember({"highest", "lowest"}));
  add_list("--by", compare_.by, "KEY",
           "Tell settings apart by this key (repeatable; default: all that is swept)");
  add_list("--over", compare_.over, "KEY",
           "Average over this key's values, each the mean of its seeds (repeatable)");
  add_list("--best", compare_.best, "KEY",
           "Choose this key's value for each setting on the validation split (repeatable)");
  add_list("--against", compare_.against, "TRIAL|KEY=VALUE",
           "Paired differences from the setting of this trial (its id, the id's beginning, or "
           "its row), or from the setting that differs in this key alone (repeatable); default: "
           "from the first");
  command->add_option("--limit", compare_.limit, "How many settings are listed at most")
      ->check(check_count)
      ->capture_default_str();
  command->add_flag("--all", compare_.all, "List all settings");
  auto* plot = command->add_flag("--plot", compare_.plot, "Draw it, too");
  auto* json =
      command->add_flag("--json", compare_.json, "Print JSON, with the values of all seeds");
  auto* csv =
      command->add_flag("--csv", compare_.csv, "Print CSV: one line for each setting and metric");
  auto* latex =
      command->add_flag("--latex", compare_.latex, "Print a LaTeX table (package booktabs)");
  json->excludes(plot)->excludes(csv)->excludes(latex);
  csv->excludes(plot)->excludes(latex);
  latex->excludes(plot);
  command->callback([this, &action] {
    action = [this] { return read_results({compare_.file}, [this] { return compare(compare_); }); };
  });
}

void ResultCommands::add_export(CLI::App& app, Action& action) {
  auto& options = export_;
  auto* command =
      app.add_subcommand("export", "Write what a results file holds as files of other formats");
  command->add_option("results", options.file, "The merged file: results/NAME.h5")
      ->required()
      ->type_name("RESULTS.h5");
  auto* images = command
                     ->add_option("--images", options.images,
                                  "Write pictures to DIR/VIEW/TRIAL.png, animations as .gif")
                     ->type_name("DIR")
                     ->check(check_folder_name);
  command->add_option("--view", options.views, "Only this view (repeatable)")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->needs(images);
  command
      ->add_option("--trial", options.trials,
                   "Only this trial (repeatable): its id, as `varia show` lists it, the id's "
                   "beginning, or its row from 0")
      ->type_name("ID|ROW")
      ->allow_extra_args(false);
  auto* csv =
      command
          ->add_option("--csv", options.csv,
                       "Write all values, one a line, with their trial's settings. '-': print them")
          ->type_name("FILE");
  command->add_option("--metric", options.metrics, "Only this metric, in the CSV (repeatable)")
      ->type_name("SPLIT/NAME")
      ->allow_extra_args(false)
      ->needs(csv);
  command
      ->add_option("--yaml", options.yaml,
                   "Write the experiment of one trial alone, all of it spelled out; varia run "
                   "trains it again. '-': print it")
      ->type_name("FILE");
  command->add_option("--epoch", options.epoch, "Only this epoch")
      ->type_name("N|last|all")
      ->capture_default_str()
      ->needs(images);
  command->add_option("--scale", options.scale, "Enlarge pictures: squares of N by N pixels")
      ->type_name("N")
      ->check(CLI::Range(1, 64))
      ->capture_default_str()
      ->needs(images);
  command->add_option("--frame-rate", options.frame_rate, "Frames per second of animations")
      ->type_name("N")
      ->check(CLI::Range(0.01, 50.0))
      ->capture_default_str()
      ->needs(images);
  auto* over_epochs = command->add_flag("--gif", options.over_epochs,
                                        "Animate over the epochs, in place of a picture for each");
  over_epochs->needs(images);
  command
      ->add_flag("--sheet", options.sheets,
                 "One picture per view, with all trials below each other under their names")
      ->needs(images)
      ->excludes(over_epochs);
  command->add_flag("--json", options.json, "Print JSON: every file with its view and trials")
      ->needs(images);
  command->callback([this, &action] {
    action = [this] {
      return read_results({export_.file}, [this] { return export_results(export_); });
    };
  });
}

void ResultCommands::add_report(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "report", "Write one HTML page with all trials: curves, pictures, comparisons");
  command->add_option("results", report_.files, "Merged files: results/NAME.h5")
      ->required()
      ->type_name("RESULTS.h5");
  command
      ->add_option("-o,--output", report_.output,
                   "The page (default: the first file's name with .html)")
      ->type_name("REPORT.html");
  command
      ->add_option("--pictures", report_.picture_megabytes,
                   "Megabytes that pictures may take; 0 leaves them all out")
      ->type_name("MB")
      ->check(CLI::Range(0.0, 2000.0))
      ->capture_default_str();
  command->add_flag("--json", report_.json, "Print JSON");
  command->callback([this, &action] {
    action = [this] { return read_results(report_.files, [this] { return report(report_); }); };
  });
}

}  // namespace varia::cli
