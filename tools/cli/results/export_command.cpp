#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <streambuf>

#include "analysis/trial_choice.hpp"
#include "cli/commands.hpp"
#include "cli/file_arguments.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/options.hpp"
#include "cli/results/export_figure.hpp"
#include "cli/results/tidy_table.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/trained/export_model.hpp"
#include "cli/trained/stored_trial.hpp"
#include "files/whole_file.hpp"
#include "pictures/export_pictures.hpp"
#include "results/merged/results.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

struct ExportOptions {
  std::string file;
  std::string images;                ///< folder that pictures are written to
  std::string yaml;                  ///< file for the experiment of one trial; "-": standard output
  std::string csv;                   ///< file for all values, one a line; "-": standard output
  std::vector<std::string> metrics;  ///< of the CSV (none: all), or of the figure
  FigureOptions figure;
  std::string model;                 ///< folder for the model of one trial
  std::string parameters;            ///< as TrainedOptions, of that model
  bool other_plugins = false;        ///< likewise
  std::vector<std::string> trials;   ///< ids, beginnings of ids, or rows; none: all
  pictures::ExportOptions pictures;  ///< without trials
  bool json = false;
};

nlohmann::json pictures_json(const results::Results& results, const std::string& folder,
                             const std::vector<pictures::PictureFile>& files) {
  auto list = nlohmann::json::array();
  for (const auto& file : files) {
    auto ids = nlohmann::json::array();
    for (const auto row : file.trials) ids.push_back(results.trials()[row].id);
    list.push_back({{"file", file.path},
                    {"view", file.view},
                    {"trials", ids},
                    {"rows", file.trials},
                    {"epochs", file.epochs},
                    {"frames", file.frames},
                    {"width", file.width},
                    {"height", file.height}});
  }
  return {{"folder", folder}, {"pictures", list}};
}

std::string pictures_text(const std::string& folder,
                          const std::vector<pictures::PictureFile>& files) {
  std::map<std::string, std::size_t> still, animated;  // by view
  for (const auto& file : files) {
    still[file.view] += file.frames == 1;
    animated[file.view] += file.frames > 1;
  }
  Table table({"view", "PNG", "GIF"});
  for (const auto& [view, count] : still)
    table.add({printable(view), std::to_string(count), std::to_string(animated[view])});
  return fmt::format("{}{} written to {}\n", table.text(output_style()),
                     count_text(files.size(), "picture"), folder);
}

void export_images(const results::Results& results, const ExportOptions& options) {
  auto request = options.pictures;
  if (!options.trials.empty()) request.trials = analysis::choose_trials(results, options.trials);
  const auto files = pictures::export_pictures(results, options.images, request);
  if (options.json)
    print_json(pictures_json(results, options.images, files));
  else
    fmt::print("{}", pictures_text(options.images, files));
}

void export_yaml(const results::Results& results, const ExportOptions& options) {
  const auto rows = analysis::choose_trials(results, options.trials);
  if (rows.size() != 1)
    throw ConfigError(fmt::format("--yaml writes one trial, and {} are chosen. Expected --trial ID",
                                  rows.size()));
  const auto yaml = yaml_of(results, rows.front());
  if (options.yaml == "-")
    fmt::print("{}", yaml);
  else
    files::write_whole_file(options.yaml, yaml);
}

/// Hands what is printed to a file.
class FileBuffer final : public std::streambuf {
 public:
  explicit FileBuffer(files::WholeFile& file) : file_(file) { empty(); }

 private:
  int_type overflow(int_type next) override {
    sync();
    if (!traits_type::eq_int_type(next, traits_type::eof())) {
      *pptr() = traits_type::to_char_type(next);
      pbump(1);
    }
    return traits_type::not_eof(next);
  }
  int sync() override {
    file_.write({pbase(), pptr()});
    empty();
    return 0;
  }
  void empty() { setp(bytes_.data(), bytes_.data() + bytes_.size()); }

  files::WholeFile& file_;
  std::array<char, 1 << 16> bytes_;
};

void export_csv(const results::Results& results, const ExportOptions& options) {
  const auto trials = analysis::choose_trials(results, options.trials);
  if (options.csv == "-") {
    write_tidy_table(results, trials, options.metrics, std::cout);
    return;
  }
  files::WholeFile file(options.csv);
  FileBuffer buffer(file);
  std::ostream out(&buffer);
  out.exceptions(std::ios::badbit);  // an error of the file passes through
  const auto lines = write_tidy_table(results, trials, options.metrics, out);
  out.flush();
  file.commit();
  fmt::print("{} written to {}\n", count_text(lines, "value"), options.csv);
}

void export_model(const ExportOptions& options) {
  if (options.trials.size() != 1)
    throw ConfigError(
        fmt::format("--model writes the model of one trial, and {} are named. "
                    "Expected --trial ID",
                    options.trials.size()));
  TrainedOptions trained;
  trained.file = options.file;
  trained.trial = options.trials.front();
  trained.parameters = options.parameters;
  trained.other_plugins = options.other_plugins;
  export_trained_model(trained, options.model);
}

int export_results(const ExportOptions& options) {
  const auto is_file = [](const std::string& name) { return !name.empty() && name != "-"; };
  if (is_file(options.yaml)) check_text_output("--yaml", options.yaml, {options.file});
  if (is_file(options.csv)) check_text_output("--csv", options.csv, {options.file});
  const auto results = results::open_results(options.file);
  if (!options.yaml.empty()) export_yaml(results, options);
  if (!options.csv.empty()) export_csv(results, options);
  if (!options.images.empty()) export_images(results, options);
  return kAllDone;
}

/// --figure and what it takes besides. @returns --figure
CLI::Option* add_figure_options(CLI::App& command, FigureOptions& figure) {
  auto* name = command
                   .add_option("--figure", figure.name,
                               "Draw a figure for a paper by the Python package, with its numbers "
                               "beside it as CSV")
                   ->type_name("NAME")
                   ->check(one_of(figure_names()));
  command
      .add_option("-o,--output", figure.output,
                  "The figure: FILE.svg, .pdf or .png, or a name without ending for all three "
                  "(default: the figure's name)")
      ->type_name("FILE")
      ->needs(name);
  command.add_option("--width", figure.width, "Of the figure, in millimetres")
      ->check(real_number(20, 1000))
      ->capture_default_str()
      ->needs(name);
  const auto add = [&](const char* option, std::vector<std::string>& values, const char* type,
                       const char* text) {
    command.add_option(option, values, text)->type_name(type)->allow_extra_args(false)->needs(name);
  };
  add("--by", figure.by, "KEY", "The key along an axis of the figure (heat_map: two)");
  add("--over", figure.over, "KEY", "A key that the figure's means pool (repeatable)");
  add("--best", figure.best, "KEY",
      "For each setting, use the best value of this key (repeatable)");
  add("--where", figure.where, "KEY=VALUE",
      "Only trials with this value in the figure (repeatable)");
  add("--split", figure.splits, "SPLIT",
      "Of the figure rate_distortion (default: test, else validation, else train)");
  return name;
}

}  // namespace

void add_export(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ExportOptions>();
  auto* command =
      app.add_subcommand("export", "Write what a results file holds as files of other formats");
  add_results_file(*command, options->file);
  auto* images = command
                     ->add_option("--images", options->images,
                                  "Write pictures to DIR/VIEW/TRIAL.png, animations as .gif")
                     ->type_name("DIR")
                     ->check(check_folder_name);
  auto& pictures = options->pictures;
  command->add_option("--view", pictures.views, "Only this view (repeatable), or that of a figure")
      ->type_name("VIEW")
      ->allow_extra_args(false);
  command
      ->add_option("--trial", options->trials,
                   "Only this trial (repeatable): its id, as `varia show` lists it, the id's "
                   "beginning, or its row from 0")
      ->type_name("ID|ROW")
      ->allow_extra_args(false);
  command
      ->add_option("--csv", options->csv,
                   "Write all values, one a line, with their trial's settings. '-': print them")
      ->type_name("FILE");
  command
      ->add_option("--metric", options->metrics,
                   "Only this metric in the CSV (repeatable), or that of a figure")
      ->type_name("SPLIT/NAME")
      ->allow_extra_args(false);
  add_figure_options(*command, options->figure);
  command
      ->add_option("--yaml", options->yaml,
                   "Write the experiment of one trial alone, all of it spelled out; varia run "
                   "trains it again. '-': print it")
      ->type_name("FILE");
  command->add_option("--epoch", pictures.epochs, "Only this epoch")
      ->type_name("N|last|all")
      ->capture_default_str()
      ->needs(images);
  add_picture_options(*command, pictures.scale, pictures.frames_per_second, images);
  auto* over_epochs = command->add_flag("--gif", pictures.over_epochs,
                                        "Animate over the epochs, in place of a picture for each");
  over_epochs->needs(images);
  command
      ->add_flag("--sheet", pictures.sheets,
                 "One picture per view, with all trials below each other under their names")
      ->needs(images)
      ->excludes(over_epochs);
  command->add_flag("--json", options->json, "Print JSON: every file with its view and trials")
      ->needs(images);
  auto* model = command
                    ->add_option("--model", options->model,
                                 "Write the model of one trial as TorchScript, which PyTorch reads "
                                 "without Varia, with its parameters and what they mean")
                    ->type_name("DIR")
                    ->check(check_folder_name);
  for (auto* option : add_model_options(*command, options->parameters, options->other_plugins))
    option->needs(model);
  command->callback([options, &action] {
    action = [options] {
      const bool is_model_alone =
          options->images.empty() && options->yaml.empty() && options->csv.empty();
      const auto& figure = options->figure.name;
      if (!options->pictures.views.empty() && options->images.empty() && figure.empty())
        throw ConfigError("--view requires --images or --figure (varia export --help says more)");
      if (!options->metrics.empty() && options->csv.empty() && figure.empty())
        throw ConfigError("--metric requires --csv or --figure (varia export --help says more)");
      if (is_model_alone && options->model.empty() && figure.empty())
        throw ConfigError(
            "nothing to export was named. Expected --figure NAME, --images DIR, --csv FILE, "
            "--yaml FILE or --model DIR");
      if (!options->model.empty()) export_model(*options);
      if (!figure.empty())
        export_figure(options->file, options->figure, options->metrics, options->pictures.views,
                      options->trials);
      if (is_model_alone) return static_cast<int>(kAllDone);
      // Enlarged pictures take as much longer as they have more pixels.
      const auto scale = static_cast<double>(options->images.empty() ? 0 : options->pictures.scale);
      return read_named(
          {options->file}, [options] { return export_results(*options); }, 10 * scale * scale);
    };
  });
}

}  // namespace varia::cli
