#include "cli/trained/export_model.hpp"

#include <fmt/format.h>

#include "cli/trained/trained_trial.hpp"
#include "portable/exported_model.hpp"
#include "training/environment.hpp"

namespace varia::cli {

void export_trained_model(const TrainedOptions& options, const std::string& folder) {
  portable::require_model_folder("--model", folder);
  training::prepare_process();
  TrainedTrial trained(options, {"metrics=[]", "views=[]"});
  const auto plugins = results::plugins_from_text(trained.stored().plugins);
  const auto absent = portable::export_model(trained.model(), trained.trial(), plugins, folder);
  fmt::print("{}: the model {}, with the parameters of epoch {}\n", folder,
             trained.trial().model->find("use")->text(), trained.model().epoch());
  for (const auto& script : absent) fmt::print("without {}\n", script);
}

}  // namespace varia::cli
