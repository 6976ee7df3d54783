#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/file_arguments.hpp"
#include "cli/trained/trained_trial.hpp"
#include "results/code_file.hpp"

namespace varia::cli {

int encode(const EncodeOptions& options) {
  TrainedTrial trained(options.trained, {"metrics=[]", "views=[]"});
  const auto& stored = trained.stored();
  auto& model = trained.model();
  const auto path =
      options.trained.output.empty() ? "codes-" + stored.id + ".h5" : options.trained.output;
  check_output("--output", path, {stored.file, trained.parameters()});
  results::TrialInfo trial;
  trial.id = stored.id;
  trial.experiment = stored.experiment;
  trial.epochs_done = model.epoch();
  results::CodeFile file(path, stored.file, trial);
  const auto splits = options.splits.empty() ? model.splits() : options.splits;
  for (const auto& split : splits) model.encode(split, file);
  file.commit();
  fmt::print("{}: codes of {}, by the parameters of epoch {}\n", path, fmt::join(splits, ", "),
             model.epoch());
  return kAllDone;
}

}  // namespace varia::cli
