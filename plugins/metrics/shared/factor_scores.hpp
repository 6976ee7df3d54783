#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

/// Scores of codes against the known factors of generated data.
namespace varia::metrics {

/// Codes of images whose factors of variation are known.
struct FactorCodes {
  std::size_t count = 0;              ///< n
  std::size_t dimensions = 0;         ///< D
  std::size_t factor_count = 0;       ///< F
  std::vector<double> points;         ///< [n, D], one row after another
  std::vector<std::int64_t> factors;  ///< [n, F], each factor's values counted from 0

  double point(std::size_t i, std::size_t d) const { return points[i * dimensions + d]; }
  std::int64_t factor(std::size_t i, std::size_t f) const { return factors[i * factor_count + f]; }
  /// One more than the largest value of a factor.
  std::int64_t values(std::size_t f) const;
};

/// Codes and factors as they come: any real number can be a factor's value; equal ones are one.
/// @param points  [n, D], one row after another
/// @param factors [n, F]
/// @throws Error if the sizes do not belong together, one is 0, or a number is NaN.
FactorCodes factor_codes(std::vector<double> points, const std::vector<float>& factors,
                         std::size_t count);

/// How the FactorVAE score is measured. The defaults are those of Locatello et al. 2019.
struct FactorVaeProtocol {
  std::int64_t train_votes = 10'000;      ///< from which each dimension learns its factor
  std::int64_t evaluation_votes = 5'000;  ///< on which it is judged
  std::int64_t batch = 64;                ///< codes that share a factor, one vote
  double prune = 0.05;  ///< dimensions with a smaller standard deviation are left out
};

/// Fills a span with independent numbers, uniform in (0, 1).
using FillUniform = std::function<void(std::span<float>)>;

/// The FactorVAE score: one factor is held fixed in a batch of codes; the dimension whose variance,
/// over its variance among all codes, is the smallest votes for that factor. The score is the
/// accuracy of the classifier that maps each dimension to the factor most of its votes were for. A
/// perfect code has 1, chance is one over the number of factors.
///
/// The batches are drawn, with replacement, from the codes given: those which share the factor's
/// value with one of them. Factors that do not vary, and values that a single code has, are left
/// out. 0 if every dimension is pruned.
/// @see Kim & Mnih 2018, section 4
/// @throws Error if no factor varies among codes that share it.
double factor_vae_score(const FactorCodes& codes, const FactorVaeProtocol& protocol,
                        const FillUniform& uniform);

/// For each factor: the mutual information between it and the dimension that tells most of it, less
/// that of the second, over the factor's entropy; NaN for a factor that does not vary. A
/// dimension's values are counted in `bins` equal intervals between its smallest and its largest,
/// so a factor with more values than bins cannot reach 1.
/// @see Chen et al. 2018, equation 6; the bins are those of Locatello et al. 2019
/// @returns [F]
std::vector<double> mutual_information_gaps(const FactorCodes& codes, std::int64_t bins);

/// Their mean over the factors that vary (MIG); NaN if none does.
double mean_gap(const std::vector<double>& gaps);

}  // namespace varia::metrics
