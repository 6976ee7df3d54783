#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "varia/build.hpp"
#include "varia/metric.hpp"
#include "varia/model.hpp"
#include "varia/parameters.hpp"

namespace varia::views {

// Each `subject` is who asks, for messages: "view samples".

/// @throws ConfigError if the data's samples are not pictures.
void require_pictures(const Build& build, const std::string& subject);

/// @throws ConfigError if the data's samples are not pictures, or the model gives no mean image for
///         its latent variables.
void require_decoder(const Build& build, const std::string& subject);

/// @throws ConfigError if the model gives no mean for its latent variables.
void require_mean(const Build& build, const std::string& subject);

/// @param given latent variables that come from elsewhere
/// @throws ConfigError if the model cannot draw the others from a prior.
void require_prior(const Build& build, const std::string& subject,
                   const std::vector<Latent>& given = {});

/// Means of p(x | values), some images at a time.
/// @param values of every latent variable, each [1, n, E]
/// @returns [n, C, H, W] float32 in [0, 1]
/// @throws TrialError if the likelihood has no mean.
Tensor decoded_images(Model& model, const LatentValues& values);

/// Means of p(x | z) for draws of the code z of each sample, some samples at a time.
/// @returns [draws, n, E...] float32
/// @throws TrialError if the likelihood has no mean.
Tensor reconstructed(const Evaluation& evaluation, const Batch& batch, std::int64_t draws,
                     const std::string& subject);

/// Images row by row, in at most `columns` columns; places without an image are black.
/// @param images [n, C, H, W]
/// @returns      [rows, columns, C, H, W]
Tensor image_grid(const Tensor& images, std::int64_t columns);

/// A parameter `split` with the options test and train.
const Split& chosen_split(const Choice& split, const Evaluation& evaluation);

/// The name of a class, or its number if it has none.
/// @param names of the classes 0, 1, ..., see Annotations::class_names
std::string class_text(std::int64_t label, const std::vector<std::string>& names);

}  // namespace varia::views
