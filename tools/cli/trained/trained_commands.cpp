#include "cli/trained/trained_commands.hpp"

#include <CLI/CLI.hpp>

namespace varia::cli {

namespace {

void add_trained(CLI::App* command, TrainedOptions& options) {
  command->add_option("results", options.file, "The merged file: results/NAME.h5")
      ->required()
      ->type_name("RESULTS.h5");
  command->add_option("--trial", options.trial, "Its id, the id's beginning, or its row from 0")
      ->required()
      ->type_name("ID|ROW");
  command
      ->add_option("--parameters", options.parameters,
                   "The file of its kept parameters (default: NAME/models/ID.h5 beside the "
                   "results)")
      ->type_name("FILE");
  command->add_flag("--other-plugins", options.other_plugins,
                    "Go on where its plugins are not the builds that trained it");
}

void add_draw(CLI::App* command, DrawOptions& options, std::function<int()>& action) {
  const auto& view = options.view;
  add_trained(command, options.trained);
  command
      ->add_option("settings", options.settings,
                   "Settings of the view " + view + " (varia describe " + view +
                       "): rows=4; use=NAME draws another view")
      ->type_name("KEY=VALUE");
  command
      ->add_option("-o,--output", options.trained.output,
                   "The picture: PNG, or GIF for an animation (default: " + view + "-ID.png)")
      ->type_name("FILE");
  command->add_option("--scale", options.scale, "Enlarge pictures: squares of N by N pixels")
      ->type_name("N")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_option("--frame-rate", options.frame_rate, "Frames per second of animations")
      ->type_name("N")
      ->check(CLI::Range(0.01, 50.0))
      ->capture_default_str();
  command->callback([&] { action = [&options] { return draw(options); }; });
}

void add_encode(CLI::App* command, EncodeOptions& options, std::function<int()>& action) {
  add_trained(command, options.trained);
  command->add_option("-o,--output", options.trained.output, "The HDF5 file (default: codes-ID.h5)")
      ->type_name("FILE");
  command->add_option("--split", options.splits, "Only this split (repeatable)")
      ->check(CLI::IsMember({"train", "validation", "test"}))
      ->allow_extra_args(false);
  command->callback([&] { action = [&options] { return encode(options); }; });
}

}  // namespace

void TrainedCommands::add_to(CLI::App& app, std::function<int()>& action) {
  const auto add = [&](const std::string& name, const std::string& view, const std::string& text) {
    auto& options = draw_[name];
    options.view = view;
    add_draw(app.add_subcommand(name, text), options, action);
  };
  add("sample", "samples", "Draw images from the prior of a trained model");
  add("traverse", "traversal", "Move through the codes of a trained model, one by one");
  add("interpolate", "interpolation", "Go from the code of one image to that of another");
  add("reconstruct", "reconstructions", "Draw images and what a trained model makes of them");
  add_encode(app.add_subcommand(
                 "encode", "Write the codes of all images, by a trained model, with their labels"),
             encode_, action);
}

}  // namespace varia::cli
