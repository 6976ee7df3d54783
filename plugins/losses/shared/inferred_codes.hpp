#pragma once

#include <string>
#include <vector>

#include "varia/build.hpp"
#include "varia/model.hpp"

namespace varia::losses {

/// Names of the latent variables that the model infers.
/// @throws ConfigError naming the loss if there are none.
std::vector<std::string> inferred_names(const Build& build, const std::string& loss);

/// Numbers in all of these together.
std::int64_t inferred_size(const Model& model);

/// @throws ConfigError naming the loss if an inferred latent variable is not Gaussian with a
///         prior of its own. Checks nothing without a model.
void require_gaussian_codes(const Build& build, const std::string& loss);

/// The values of some latent variables side by side.
/// @returns [K B, D]
Tensor side_by_side(const LatentValues& values, const std::vector<std::string>& names);
Tensor side_by_side(const Inference& inference, const std::vector<std::string>& names);

}  // namespace varia::losses
