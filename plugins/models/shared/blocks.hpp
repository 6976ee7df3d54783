#pragma once

#include <string>

#include "varia/build.hpp"
#include "varia/distributions.hpp"
#include "varia/model.hpp"

namespace varia::models {

/// @param encoded [..., 2 D]: means and log-variances, side by side
std::shared_ptr<const Normal> normal_of(const Tensor& encoded);

/// A block with a draw from its posterior.
Block drawn_block(const std::string& name, DistributionPtr posterior, DistributionPtr prior,
                  Draw& draw);

/// A Gaussian block with the prior N(0, I), drawn.
/// @param encoded [1, B, 2 D] as of normal_of
Block gaussian_block(const std::string& name, const Tensor& encoded, Draw& draw);
Latent gaussian_latent(const std::string& name, std::int64_t size, torch::Device device);

/// ln of the share of every class among the training images, [classes]: the prior of a label.
/// @throws ConfigError naming `model` if the data has no labels.
Tensor class_log_frequencies(const Build& build, const std::string& model);

}  // namespace varia::models
