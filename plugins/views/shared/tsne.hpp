#pragma once

#include <cstdint>

#include "varia/draw.hpp"

namespace varia::views {

// t-SNE with all pairs of points (van der Maaten & Hinton 2008). No library that does it is in both
// Debian 12 and 13.

struct TsneOptions {
  /// Neighbours that a point pays heed to; a third of the other points if there are too few.
  double perplexity = 15;
  std::int64_t iterations = 1000;
  double exaggeration = 12;  ///< of the affinities, in the first `exaggerated` iterations
  std::int64_t exaggerated = 250;
  double learning_rate = 0;  ///< 0: max(n / exaggeration / 4, 50), Belkina et al. 2019
};

/// p_{j|i}: a Gaussian about each point, as wide as gives the perplexity 2^entropy.
/// @param points     [n, D]
/// @param perplexity at least 1, below n
/// @returns          [n, n] float64, rows that sum to one, zero on the diagonal
Tensor conditional_affinities(const Tensor& points, double perplexity);

/// (p_{j|i} + p_{i|j}) / 2n.
/// @returns [n, n] float64 that sum to one
Tensor joint_affinities(const Tensor& conditional);

/// KL(P || Q), Q being the Student t affinities of the embedding.
/// @param affinities [n, n]
/// @param embedding  [n, 2]
/// @returns          nats
double tsne_divergence(const Tensor& affinities, const Tensor& embedding);

/// The derivative of tsne_divergence(affinities, embedding) by the embedding, P being multiplied by
/// `exaggeration`. Equation 5. One pass over all pairs in float32.
/// @param affinities [n, n] float32, contiguous
/// @param embedding  [n, 2] float32
/// @returns          [n, 2] float32
Tensor tsne_gradient(const Tensor& affinities, const Tensor& embedding, double exaggeration);

/// An embedding in the plane: descent with momentum (0.5, later 0.8) and a gain per coordinate from
/// small normal numbers.
/// @param points [n, D], n at least 4
/// @returns      [n, 2] float32, centred
Tensor tsne(const Tensor& points, const TsneOptions& options, Draw& draw);

}  // namespace varia::views
