#pragma once

#include <cstdint>

#include "varia/distribution.hpp"

namespace varia {

/// ln q(z_i | x_j) of every draw under the posterior of every image of a batch.
/// @param posterior of B images, with one set of parameters for each: [1, B, D]
/// @param value     [K, B', D], draws that may belong to other images than the posterior's
/// @returns         [K B', B, D] nats, or [K B', B, 1] if the posterior does not factorise
VARIA_API Tensor pairwise_log_density(const Distribution& posterior, const Tensor& value);

/// The aggregate posterior q(z) = sum over j of w_ij q(z | x_j), at draws z_i.
struct AggregatePosterior {
  Tensor joint;      ///< [n] ln q(z_i)
  Tensor marginals;  ///< [n, D] ln q(z_i,d), of each dimension by itself
};

/// @param pairs       [n, B, D] as from pairwise_log_density
/// @param log_weights broadcastable to [n, B]: ln w_ij
VARIA_API AggregatePosterior aggregate_posterior(const Tensor& pairs, const Tensor& log_weights);

/// Minibatch stratified sampling: weights of a batch of B images that stand for all N, the image
/// that a draw came from among them. Row i belongs to a draw from image i; it sums to 1. Unbiased
/// for q(z), and so too low on average for the logarithm of it and of every marginal: a total
/// correlation is off by nats, to either side, if the posteriors of a batch hardly overlap.
/// @param data_size N; raised to B if it is less
/// @returns [B, B] ln w_ij, float32
/// @see Chen et al. 2018, appendix C.2
VARIA_API Tensor stratified_log_weights(std::int64_t batch, std::int64_t data_size);

/// Minibatch weighted sampling: ln 1 / (N B) for every pair. Biased: a lower bound of ln q(z) in
/// expectation, and of every ln q(z_d) by itself, so that their difference is far off.
/// @see Chen et al. 2018, appendix C.1
VARIA_API double weighted_log_weight(std::int64_t batch, std::int64_t data_size);

}  // namespace varia
