#pragma once

#include <cstdint>

#include "varia/batch.hpp"
#include "varia/draw.hpp"
#include "varia/export.hpp"
#include "varia/tensor.hpp"

namespace varia {

class Model;  // varia/model.hpp

/// Decoded samples that are in memory at once: K times B, of batches that are no larger.
inline constexpr std::int64_t kDecodedAtOnce = 6400;

/// ln p(x, z) - ln q(z | x) of posterior samples, the logarithms of importance weights.
/// @param samples K, for each sample of the batch
/// @param draw    gives the noise; its own K does not matter
/// @returns       [K, B] float64 nats
/// @throws Error if the model has no likelihood
VARIA_API Tensor log_weights(Model& model, const Batch& batch, std::int64_t samples, Draw& draw);

/// Importance-weighted estimates of ln p(x) for the samples of a batch.
struct Evidence {
  Tensor log_evidence;    ///< [B] float64 nats; on average too low, by less the greater K is
  Tensor standard_error;  ///< [B] float64 nats, of the Monte-Carlo estimate: the standard deviation
                          ///< of the weights over their mean and the root of K; NaN if K is 1
  /// [B] float64, from 1 to K: the square of the weights' sum over the sum of their squares. Near 1
  /// a single draw decides, and the standard error says too little (Kong 1992).
  Tensor effective_samples;
};

/// @param log_weights [K, B] float64
/// @see Burda et al. 2016, equation 8
VARIA_API Evidence evidence_of(const Tensor& log_weights);

/// Both.
VARIA_API Evidence estimate_evidence(Model& model, const Batch& batch, std::int64_t samples,
                                     Draw& draw);

}  // namespace varia
