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

/// Importance-weighted estimates of ln p(x) for the samples of a batch.
struct Evidence {
  Tensor log_evidence;    ///< [B] float64 nats; on average too low, by less the greater K is
  Tensor standard_error;  ///< [B] float64 nats, of the Monte-Carlo estimate: the standard deviation
                          ///< of the weights over their mean and the root of K; NaN if K is 1
};

/// @param samples K, the posterior samples of each sample of the batch
/// @param draw    gives the noise; its own K does not matter
/// @throws Error if the model has no likelihood
/// @see Burda et al. 2016, equation 8
VARIA_API Evidence estimate_evidence(Model& model, const Batch& batch, std::int64_t samples,
                                     Draw& draw);

}  // namespace varia
