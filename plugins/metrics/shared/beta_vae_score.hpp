#pragma once

#include <cstdint>

#include "factor_codes.hpp"

namespace varia::metrics {

/// How the β-VAE score is measured. The defaults are those of Locatello et al. 2019.
struct BetaVaeProtocol {
  std::int64_t train_points = 10'000;  ///< that the classifier learns from
  std::int64_t points = 5'000;         ///< on which it is judged
  std::int64_t batch = 64;             ///< pairs of codes that share a factor, one point
};

/// The β-VAE score: each point is the mean of |z - z'| over pairs of codes that share the value of
/// one factor, its class is this factor. The score is the accuracy of a logistic regression, which
/// learns from other points. A perfect code has 1, chance is one over the number of factors.
///
/// The pairs are drawn, with replacement, from the codes given. Factors that do not vary, and
/// values that a single code has, are left out. NaN for a single factor, since every
/// classifier names it.
/// @see Higgins et al. 2017, section 3
/// @throws Error if no factor varies among codes that share it.
double beta_vae_score(const FactorCodes& codes, const BetaVaeProtocol& protocol,
                      const FillUniform& uniform);

}  // namespace varia::metrics
