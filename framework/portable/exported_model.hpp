#pragma once

#include <string>
#include <vector>

#include "experiment/trial.hpp"
#include "results/provenance.hpp"
#include "training/evaluation/trained_model.hpp"

namespace varia::portable {

/// Refuses a folder that an exported model cannot take the place of: one that holds anything else.
/// @param option that names it, for the message
/// @throws ConfigError
void require_model_folder(const std::string& option, const std::string& folder);

/// Writes a trained model as files that are used without Varia (README.md): its scripts, its
/// parameters and what they mean. The folder appears whole or not at all, in place of an exported
/// model that was there.
/// @param trial   of the model
/// @param plugins that trained it
/// @returns the scripts that it could have had and has not, with the reason: "prior: ..."
/// @throws ConfigError if the encoder or the decoder cannot be a script; StoreError
std::vector<std::string> export_model(const training::TrainedModel& trained,
                                      const experiment::Trial& trial,
                                      const std::vector<results::PluginVersion>& plugins,
                                      const std::string& folder);

}  // namespace varia::portable
