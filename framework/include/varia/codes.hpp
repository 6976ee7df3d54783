#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "varia/model.hpp"
#include "varia/parameters.hpp"
#include "varia/split.hpp"

namespace varia {

/// Some samples as points of the latent space.
struct Codes {
  Tensor points;   ///< [n, D] float64 on the CPU: the chosen blocks side by side
  Tensor labels;   ///< [n] int64, undefined if the data has none
  Tensor factors;  ///< [n, F] float32, undefined if the data has none
};

/// Which codes are meant.
struct CodeOptions {
  /// Names of latent variables; empty: all that are inferred and not categorical.
  std::vector<std::string> blocks;
  bool sampled = false;  ///< one draw from each posterior instead of its mean
};

/// The latent variables that `options` means, in the order of the model.
/// @throws Error if a name is not one of the model's, or no block is left.
VARIA_API std::vector<Latent> chosen_latents(const Model& model, const CodeOptions& options);

/// What every metric and view of codes takes.
struct VARIA_API CodeParams : ParamSet {
  CodeParams();
  ~CodeParams() override;
  TextList blocks;

  /// The latent variables that make up the code.
  /// @throws ConfigError at `blocks` if the model has no such latent variables.
  std::vector<Latent> latents_of(const Model& model) const;
};

inline constexpr IntegerRange kAnyImages{1, std::numeric_limits<std::int64_t>::max()};

/// What a metric takes that encodes some images of the evaluated split.
struct VARIA_API EncodedImagesParams : CodeParams {
  /// @param what how the description of `images` begins: "How many images are encoded"
  EncodedImagesParams(std::int64_t images_by_default, IntegerRange range, const std::string& what);
  ~EncodedImagesParams() override;
  Integer images;
};

/// Var_x(E[z | x]) above which a dimension of the code counts as active, in units of the prior's
/// variance (Burda et al. 2016).
inline constexpr double kActiveVariance = 0.01;

/// How many draws stand for the mean of a posterior that knows none, as that of a flow.
inline constexpr std::int64_t kDrawsForMean = 64;

/// The mean of a block's posterior, or of kDrawsForMean draws from it if it knows none; the value
/// of a block without a posterior.
/// @param draw gives these draws, and is not asked otherwise
/// @returns    [1, B|1, E]; the first if the posterior has K of them
VARIA_API Tensor mean_code(const Block& block, Draw& draw);

/// Encodes `count` random samples of a split, the same in every trial and experiment, or all if
/// there are no more: `mean_code` of each block, or its value if draws are asked for. None is
/// decoded.
/// @see random_places
VARIA_API Codes encode_split(Model& model, const Split& split, std::int64_t count,
                             const CodeOptions& options, Draw& draw);

/// The device of a model's parameters; the CPU if it has none.
VARIA_API torch::Device device_of(const Model& model);

/// Zeros [1, 1, E] for each of these latent variables.
VARIA_API LatentValues zeros_of(const std::vector<Latent>& latents, torch::Device device);

/// `values` with those of the chosen latent variables replaced by points.
/// @param points [n, D]
/// @returns each of the chosen [1, n, E], float32 on `device`
VARIA_API LatentValues with_points(LatentValues values, const std::vector<Latent>& chosen,
                                   const Tensor& points, torch::Device device);

/// Points as values of the chosen latent variables; the others are drawn from the prior given
/// these.
/// @param points [n, D]
/// @returns each [1, n, E]
VARIA_API LatentValues values_of(Model& model, const Tensor& points, const CodeOptions& options,
                                 Draw& draw);

}  // namespace varia
