#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "cli/commands.hpp"
#include "cli/file_arguments.hpp"
#include "cli/options.hpp"
#include "cli/trained/trained_trial.hpp"
#include "results/code_file.hpp"
#include "training/environment.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

/// @param wanted splits; none: all
int encode(const TrainedOptions& options, const std::vector<std::string>& wanted) {
  training::prepare_process();
  TrainedTrial trained(options, {"metrics=[]", "views=[]"});
  const auto& stored = trained.stored();
  auto& model = trained.model();
  const auto path = options.output.empty() ? "codes-" + stored.id + ".h5" : options.output;
  check_output("--output", path, {stored.file, trained.parameters()});
  if (const auto ending = std::filesystem::path(path).extension();
      ending != ".h5" && ending != ".hdf5")
    throw ConfigError(
        fmt::format("--output: codes are written as HDF5; expected a name that ends "
                    "with .h5, found {}",
                    path));
  auto file = trained.new_file(path, results::kCodesFormat);
  const auto splits = wanted.empty() ? model.splits() : wanted;
  for (const auto& split : splits) model.encode(split, file);
  file.commit();
  fmt::print("{}: codes of {}, by the parameters of epoch {}\n", path, fmt::join(splits, ", "),
             model.epoch());
  return kAllDone;
}

}  // namespace

void add_encode(CLI::App& app, Action& action) {
  const auto options = std::make_shared<TrainedOptions>();
  const auto splits = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand(
      "encode", "Write the codes of all images, by a trained model, with their labels");
  add_trained_options(*command, *options, "The HDF5 file (default: codes-ID.h5)");
  add_splits(*command, *splits);
  command->callback([=, &action] { action = [=] { return encode(*options, *splits); }; });
}

}  // namespace varia::cli
