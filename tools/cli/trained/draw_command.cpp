#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "cli/commands.hpp"
#include "cli/file_arguments.hpp"
#include "cli/options.hpp"
#include "cli/trained/trained_trial.hpp"
#include "cli/trained/value_files.hpp"
#include "files/whole_file.hpp"
#include "pictures/frames.hpp"
#include "training/environment.hpp"
#include "training/evaluation/plain_values.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

constexpr const char* kReconstructions = "reconstructions";
constexpr const char* kSamples = "samples";

struct DrawOptions : TrainedOptions {
  std::string view;                   ///< component
  std::vector<std::string> settings;  ///< KEY=VALUE of the view
  std::int64_t scale = 1;
  double frame_rate = 10;
  std::vector<std::string> splits;    ///< of a file of values; none: all
  std::optional<std::int64_t> count;  ///< of drawn samples in a file of values
};

/// Takes `use=NAME` out of the view's settings. @returns the component that is drawn
std::string take_view(DrawOptions& options) {
  std::erase_if(options.settings, [&](const std::string& setting) {
    if (!setting.starts_with("use=")) return false;
    options.view = setting.substr(4);
    return true;
  });
  return options.view;
}

/// The view and its settings as overrides of the experiment.
std::vector<std::string> overrides_of(const DrawOptions& options, bool animated) {
  std::vector<std::string> overrides = {"metrics=[]", "views=[{use: " + options.view + "}]"};
  const auto add = [&](const std::string& setting) {
    overrides.push_back("views." + options.view + "." + setting);
  };
  for (const auto& setting : options.settings) add(setting);
  const bool has_form = std::ranges::any_of(
      options.settings, [](const auto& setting) { return setting.starts_with("form="); });
  if (options.view == "traversal" && animated && !has_form) add("form=animation");
  return overrides;
}

/// The columns of one grid of tiles as the frames of an animation.
std::vector<Picture> columns_of(const Picture& picture) {
  std::vector<Picture> frames;
  for (std::int64_t column = 0; column < picture.tiles.size(1); ++column) {
    const auto& names = picture.labels.columns;
    const auto name = names.empty() ? "" : ", " + names.at(static_cast<std::size_t>(column));
    Picture frame{picture.tiles.slice(1, column, column + 1).transpose(0, 1), picture.title + name};
    frame.labels.columns = picture.labels.rows;
    frames.push_back(std::move(frame));
  }
  return frames;
}

pictures::Frames frames_of(const Rendering& rendering, const DrawOptions& options, bool animated,
                           const std::vector<std::string>& class_names, std::int64_t epoch) {
  if (rendering.pictures.empty()) {
    std::vector<results::Points> plots;
    for (const auto& scatter : rendering.scatters)
      plots.push_back(training::to_points(scatter, class_names, epoch));
    std::vector<std::string> subtitles(plots.size(), fmt::format("epoch {}", epoch));
    return pictures::scatter_plots(std::move(plots), options.view, std::move(subtitles));
  }
  auto shown = rendering.pictures;
  if (animated && shown.size() == 1) shown = columns_of(shown.front());
  std::vector<results::Picture> pictures;
  for (const auto& picture : shown) {
    pictures.push_back(training::compose(picture, epoch).second);
    if (shown.size() == 1) pictures.back().title.clear();
  }
  auto captions = pictures;
  return pictures::titled_pictures(
      std::move(captions), options.scale,
      [pictures = std::move(pictures)](std::size_t number) { return pictures.at(number); });
}

constexpr std::int64_t kDrawn = 1000;  // samples in a file of values

/// @throws ConfigError if an option of files of values was given for a picture
void require_picture_options(const DrawOptions& options) {
  if (!options.splits.empty())
    throw ConfigError(
        "--split is for a file of values; a picture takes the split as a setting: split=train");
  if (options.count)
    throw ConfigError(
        "--count is for a file of values; a picture takes the settings rows=4 columns=8");
}

/// True for the commands whose samples can be written as values, too.
bool gives_values(const DrawOptions& options) {
  return options.view == kReconstructions || options.view == kSamples;
}

/// Writes values if a file of values is asked for, or none is named and they say more than a
/// picture.
/// @returns false if a picture is to be drawn
bool wrote_values(const DrawOptions& options) {
  const bool asked = is_value_file(options.output);
  if (!gives_values(options) || !(asked || options.output.empty())) return false;
  if (asked && !options.settings.empty())
    throw ConfigError("KEY=VALUE are settings of a view, and " + options.output +
                      " has values. Expected none, or a file that ends in .png or .gif");
  if (!options.settings.empty()) return false;
  TrainedTrial trained(options, {"metrics=[]", "views=[]"});
  const auto name = options.view == kSamples ? "samples" : "reconstruction";
  const auto file = asked ? options.output : default_value_file(trained, name);
  if (file.empty()) return false;
  if (options.view == kSamples)
    write_drawn_samples(trained, options.count.value_or(kDrawn), file);
  else
    write_reconstruction(trained, options.splits, file);
  return true;
}

int draw(DrawOptions options) {
  training::prepare_process();
  if (wrote_values(options)) return kAllDone;
  const auto& given = options.output;
  const bool animated = given.ends_with(".gif");
  if (!given.empty() && !animated && !given.ends_with(".png"))
    throw ConfigError("--output: expected a file that ends in .png or .gif" +
                      std::string(gives_values(options) ? ", or in .csv, .tsv or .h5" : "") +
                      ", found '" + given + "'");
  require_picture_options(options);
  const auto view = take_view(options);
  TrainedTrial trained(options, overrides_of(options, animated));
  const auto renderings = trained.model().render();
  const auto epoch = trained.model().epoch();
  const auto& class_names = trained.model().split_of("train").annotations().class_names;
  const auto frames = frames_of(renderings.front().second, options, animated, class_names, epoch);
  if (frames.count == 0) throw TrialError("view " + view + " has drawn nothing");
  if (frames.count > 1 && !animated && !given.empty())
    throw ConfigError(
        fmt::format("{} draws an animation of {} frames here. Expected --output "
                    "FILE.gif",
                    view, frames.count));
  const auto file = given.empty() ? fmt::format("{}-{}.{}", view, trained.stored().id,
                                                frames.count > 1 ? "gif" : "png")
                                  : given;
  check_text_output("--output", file, {});
  files::write_whole_file(file, pictures::encode(frames, options.frame_rate));
  fmt::print("{}: {} by {} pixels{}, of epoch {}\n", file, frames.width, frames.height,
             frames.count > 1 ? fmt::format(", {} frames", frames.count) : "", epoch);
  return kAllDone;
}

void add_drawing(CLI::App& command, const std::string& view, Action& action) {
  const auto options = std::make_shared<DrawOptions>();
  options->view = view;
  const auto picture = "PNG, or GIF for an animation (default: " + view + "-ID.png)";
  add_trained_options(command, *options,
                      !gives_values(*options)
                          ? "The picture: " + picture
                          : "A picture: " + picture +
                                "; or values in the units of the data's files: CSV or TSV of a "
                                "table, HDF5");
  command
      .add_option("settings", options->settings,
                  "Settings of the view " + view + " (varia describe " + view +
                      "): rows=4; use=NAME draws another view")
      ->type_name("KEY=VALUE");
  add_picture_options(command, options->scale, options->frame_rate);
  if (view == kReconstructions)
    add_splits(command, options->splits);
  else if (view == kSamples)
    command
        .add_option("--count", options->count,
                    "How many samples a file of values has (default: 1000)")
        ->check(whole_number(1, 100'000'000));
  command.callback([options, &action] { action = [options] { return draw(*options); }; });
}

}  // namespace

void add_draw(CLI::App& app, Action& action) {
  const auto add = [&](const char* name, const char* view, const char* text) {
    add_drawing(*app.add_subcommand(name, text), view, action);
  };
  add("sample", kSamples, "Draw samples from the prior of a trained model");
  add("traverse", "traversal", "Move through the codes of a trained model, one by one");
  add("interpolate", "interpolation", "Go from the code of one image to that of another");
  add("reconstruct", kReconstructions,
      "Draw images and what a trained model makes of them, or fill in missing values");
}

}  // namespace varia::cli
