#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "portable/script.hpp"
#include "varia/batch.hpp"
#include "varia/model.hpp"
#include "varia/split.hpp"

namespace varia::portable {

/// The scripts of a model, by name: what README.md says of each.
struct ModelScripts {
  std::vector<std::pair<std::string, Script>> scripts;
  /// Of those that the model could have had: why it has not.
  std::map<std::string, std::string> absent;
  std::string likelihood;                          ///< the family of p(x | z)
  std::vector<std::string> likelihood_parameters;  ///< of the decoder's outputs
};

/// @param model   in evaluation mode, on the CPU
/// @param tensors its parameters and buffers by name
/// @param samples that the scripts are tried with
/// @throws TraceError, with the script's name, if the encoder or the decoder cannot be a script
ModelScripts scripts_of(Model& model, const NamedTensors& tensors, const Split& samples);

/// The parameters of a distribution without the axis K: [B, ...], or, of what is the same for all
/// samples, [...].
/// @param event_axes of the events
NamedTensors parameters_of(const Distribution& distribution, std::size_t event_axes);

}  // namespace varia::portable
