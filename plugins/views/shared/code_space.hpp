#pragma once

#include <string>
#include <vector>

#include "varia/build.hpp"
#include "varia/codes.hpp"
#include "varia/metric.hpp"
#include "varia/parameters.hpp"

namespace varia::views {

/// What views of codes take besides.
struct CodeViewParams : CodeParams {
 protected:
  /// Refuses what was given and has no effect beside the others. An override calls this one too.
  void check() const override;
  /// @throws ConfigError unless there are two of them, and they differ.
  void require_plane(const IntegerList& dimensions) const;
};

/// What an axis of a plot of codes measures: "code, dimension 3".
std::string code_axis(std::int64_t dimension);

/// Values of some latent variables side by side.
/// @param values of these and others, each [1, n, E]
/// @returns      [n, D] float64 on the CPU
Tensor as_points(const LatentValues& values, const std::vector<Latent>& latents);

/// Some latent variables of a model side by side as one vector, in which a view moves.
class CodeSpace {
 public:
  /// @throws ConfigError if the model has no such latent variables.
  CodeSpace(const Build& build, const CodeParams& params, std::string view);

  /// D.
  std::int64_t dimensions() const { return dimensions_; }
  const std::vector<Latent>& latents() const { return latents_; }
  /// @throws ConfigError at the parameter that names the dimensions if one is not below D.
  void require(const std::vector<std::int64_t>& dimensions, const Parameter& parameter) const;
  /// @see as_points
  Tensor points(const LatentValues& values) const { return as_points(values, latents_); }
  /// The KL divergence of each dimension, averaged over a thousand random samples of those that are
  /// evaluated.
  /// @returns [D] nats; NaN if a latent variable has no KL divergence of its dimensions
  std::vector<double> kl_per_dimension(const Evaluation& evaluation) const;

 private:
  std::string view_;
  std::vector<Latent> latents_;
  std::int64_t dimensions_ = 0;
};

/// The derivative of the decoder's mean by each number of some latent variables, by central
/// differences: exact for a linear decoder.
/// @param values of every latent variable, each [1, n, E]; the decoder is asked for 2 n D images
/// @returns      [D, n, P] float64 on the CPU, P numbers in an image
/// @throws TrialError if the likelihood has no mean
Tensor decoder_derivatives(Model& model, const LatentValues& values,
                           const std::vector<Latent>& latents);

/// The latent variables of images: one draw each, or the mean of the posterior (`mean_code`), of a
/// categorical variable the most probable category.
/// @returns each [1, B, E]
LatentValues inferred_values(Model& model, const Batch& batch, bool sampled, Draw& draw);

/// Values of some images, one after the other, so many times.
/// @param values each [1, n, E]
/// @returns      each [1, times * n, E]
LatentValues repeated(LatentValues values, std::int64_t times);

}  // namespace varia::views
