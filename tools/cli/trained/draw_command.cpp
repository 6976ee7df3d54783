#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/commands.hpp"
#include "cli/file_arguments.hpp"
#include "cli/options.hpp"
#include "cli/trained/trained_trial.hpp"
#include "files/whole_file.hpp"
#include "pictures/frames.hpp"
#include "training/evaluation/plain_values.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

struct DrawOptions : TrainedOptions {
  std::string view;                   ///< component
  std::vector<std::string> settings;  ///< KEY=VALUE of the view
  std::int64_t scale = 1;
  double frame_rate = 10;
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
  for (std::int64_t column = 0; column < picture.tiles.size(1); ++column)
    frames.push_back({picture.tiles.slice(1, column, column + 1).transpose(0, 1), picture.title});
  return frames;
}

pictures::Frames frames_of(const Rendering& rendering, const DrawOptions& options, bool animated,
                           std::int64_t epoch) {
  if (rendering.pictures.empty()) {
    std::vector<results::Points> plots;
    for (const auto& scatter : rendering.scatters) {
      plots.push_back(training::to_points(scatter, epoch));
      plots.back().title = options.view;
    }
    std::vector<std::string> subtitles(plots.size(), fmt::format("epoch {}", epoch));
    return pictures::scatter_plots(std::move(plots), std::move(subtitles));
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

int draw(DrawOptions options) {
  const auto& given = options.output;
  const bool animated = given.ends_with(".gif");
  if (!given.empty() && !animated && !given.ends_with(".png"))
    throw ConfigError("--output: expected a file that ends in .png or .gif, found '" + given + "'");
  const auto view = take_view(options);
  TrainedTrial trained(options, overrides_of(options, animated));
  const auto renderings = trained.model().render();
  const auto epoch = trained.model().epoch();
  const auto frames = frames_of(renderings.front().second, options, animated, epoch);
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
  add_trained_options(command, *options,
                      "The picture: PNG, or GIF for an animation (default: " + view + "-ID.png)");
  command
      .add_option("settings", options->settings,
                  "Settings of the view " + view + " (varia describe " + view +
                      "): rows=4; use=NAME draws another view")
      ->type_name("KEY=VALUE");
  add_picture_options(command, options->scale, options->frame_rate);
  command.callback([options, &action] { action = [options] { return draw(*options); }; });
}

}  // namespace

void add_draw(CLI::App& app, Action& action) {
  const auto add = [&](const char* name, const char* view, const char* text) {
    add_drawing(*app.add_subcommand(name, text), view, action);
  };
  add("sample", "samples", "Draw images from the prior of a trained model");
  add("traverse", "traversal", "Move through the codes of a trained model, one by one");
  add("interpolate", "interpolation", "Go from the code of one image to that of another");
  add("reconstruct", "reconstructions", "Draw images and what a trained model makes of them");
}

}  // namespace varia::cli
