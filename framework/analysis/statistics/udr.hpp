#pragma once

#include <cstddef>
#include <span>
#include <vector>

// Unsupervised disentanglement ranking (Duan et al. 2020): models are compared with others of their
// setting, by whether each dimension of the one is a dimension of the other, whatever their order
// and sign.

namespace varia::statistics {

/// The codes of some images, the same ones for all models.
struct ModelCodes {
  std::size_t dimensions = 0;  ///< D
  std::vector<double> points;  ///< [n, D], one image after another
  std::vector<double> kl;      ///< [D] nats, the KL divergence of each dimension
};

/// How two dimensions are compared.
enum class CodeCorrelation {
  spearman,  ///< the absolute value of the correlation of ranks
  lasso,  ///< the absolute weight of the one in a Lasso regression of the other, with alpha = 0.1
};

/// Numbers in rows.
struct CorrelationMatrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;  ///< [rows, columns]
};

/// A dimension with less KL divergence than this, in nats, tells nothing of an image and is left
/// out.
inline constexpr double kInformativeKl = 0.01;

/// Of each informative dimension of `a` with each of `b`. One that does not vary has no
/// correlation: 0.
/// @param a, b of as many images, two or more
CorrelationMatrix code_correlations(const ModelCodes& a, const ModelCodes& b, CodeCorrelation kind);

/// How far each row and each column has one large number: the mean over rows and over columns of
/// the square of the largest number over the sum. 1 of the identity; 0 of zeros, and of nothing.
/// @param matrix without negative numbers
double relative_strength(const CorrelationMatrix& matrix);

/// The score of each model, from 0 to 1: the median of the relative strengths of its correlations
/// with the others.
/// @returns one for each model; NaN of one model alone
std::vector<double> unsupervised_ranking(std::span<const ModelCodes> models, CodeCorrelation kind);

}  // namespace varia::statistics
