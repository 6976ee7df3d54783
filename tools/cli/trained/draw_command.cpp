#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/file_arguments.hpp"
#include "cli/trained/trained_trial.hpp"
#include "files/whole_file.hpp"
#include "pictures/frames.hpp"
#include "training/evaluation/plain_values.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

bool ends_with(const std::string& text, const std::string& ending) {
  return text.size() >= ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

bool sets(const std::string& setting, const std::string& key) {
  return setting.rfind(key + "=", 0) == 0;
}

/// The view's component, and its settings as overrides of the experiment.
struct ViewRequest {
  std::string use;
  std::vector<std::string> overrides;
};

ViewRequest request_of(const DrawOptions& options, bool animated) {
  ViewRequest request{options.view, {}};
  auto settings = options.settings;
  for (const auto& setting : settings)
    if (sets(setting, "use")) request.use = setting.substr(4);
  std::erase_if(settings, [](const std::string& setting) { return sets(setting, "use"); });
  const bool has_form = std::any_of(settings.begin(), settings.end(),
                                    [](const auto& setting) { return sets(setting, "form"); });
  if (request.use == "traversal" && animated && !has_form) settings.emplace_back("form=animation");
  request.overrides = {"metrics=[]", "views=[{use: " + request.use + "}]"};
  for (const auto& setting : settings)
    request.overrides.push_back("views." + request.use + "." + setting);
  return request;
}

/// The columns of one grid of tiles as the frames of an animation.
std::vector<Picture> columns_of(const Picture& picture) {
  std::vector<Picture> frames;
  for (std::int64_t column = 0; column < picture.tiles.size(1); ++column)
    frames.push_back({picture.tiles.slice(1, column, column + 1).transpose(0, 1), picture.title});
  return frames;
}

pictures::Frames frames_of(const Rendering& rendering, const DrawOptions& options, bool animated,
                           std::int64_t epoch, const std::string& name) {
  if (rendering.pictures.empty()) {
    std::vector<results::Points> plots;
    for (const auto& scatter : rendering.scatters) {
      plots.push_back(training::to_points(scatter, epoch));
      plots.back().title = name;
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

}  // namespace

int draw(const DrawOptions& options) {
  const auto& given = options.trained.output;
  const bool animated = ends_with(given, ".gif");
  if (!given.empty() && !animated && !ends_with(given, ".png"))
    throw ConfigError("--output: expected a file that ends in .png or .gif, found '" + given + "'");
  const auto request = request_of(options, animated);
  TrainedTrial trained(options.trained, request.overrides);
  const auto renderings = trained.model().render();
  const auto epoch = trained.model().epoch();
  const auto frames = frames_of(renderings.front().second, options, animated, epoch, request.use);
  if (frames.count == 0) throw TrialError("view " + request.use + " has drawn nothing");
  if (frames.count > 1 && !animated && !given.empty())
    throw ConfigError(
        fmt::format("{} draws an animation of {} frames here. Expected --output "
                    "FILE.gif",
                    request.use, frames.count));
  const auto file = given.empty() ? fmt::format("{}-{}.{}", request.use, trained.stored().id,
                                                frames.count > 1 ? "gif" : "png")
                                  : given;
  check_text_output("--output", file, {});
  files::write_whole_file(file, pictures::encode(frames, options.frame_rate));
  fmt::print("{}: {} by {} pixels{}, of epoch {}\n", file, frames.width, frames.height,
             frames.count > 1 ? fmt::format(", {} frames", frames.count) : "", epoch);
  return kAllDone;
}

}  // namespace varia::cli
