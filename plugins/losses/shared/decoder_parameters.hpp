#pragma once

#include <string>
#include <vector>

#include "varia/model.hpp"

namespace varia::losses {

/// The model's parameters that the decoded mean depends on and that are trained: those of its
/// decoder, whatever they are called.
/// @param loss who asks, for messages
/// @throws ConfigError if the model's likelihood has no mean
std::vector<Tensor> decoder_parameters(Model& model, const std::string& loss);

/// The model's parameters that a draw from it depends on and that are trained: those of its prior
/// and of its decoder, whatever they are called.
/// @throws TrialError if it has no prior
std::vector<Tensor> generative_parameters(Model& model);

/// The other parameters of a model, in their order.
std::vector<Tensor> without(std::vector<Tensor> all, const std::vector<Tensor>& some);

}  // namespace varia::losses
