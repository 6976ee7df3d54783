#pragma once

#include <cstdint>

#include "factor_codes.hpp"

namespace varia::metrics {

/// How the FactorVAE score is measured. The defaults are those of Locatello et al. 2019.
struct FactorVaeProtocol {
  std::int64_t train_votes = 10'000;      ///< from which each dimension learns its factor
  std::int64_t evaluation_votes = 5'000;  ///< on which it is judged
  std::int64_t batch = 64;                ///< codes that share a factor, one vote
  double prune = 0.05;  ///< dimensions with a smaller standard deviation are left out
};

/// The FactorVAE score: one factor is held fixed in a batch of codes; the dimension whose variance,
/// over its variance among all codes, is the smallest votes for that factor. The score is the
/// accuracy of the classifier that maps each dimension to the factor most of its votes were for. A
/// perfect code has 1, chance is one over the number of factors.
///
/// The batches are drawn, with replacement, from the codes given: those which share the factor's
/// value with one of them. Factors that do not vary, and values that a single code has, are left
/// out. 0 if every dimension is pruned; NaN for a single factor, since every vote is for it.
/// @see Kim & Mnih 2018, section 4
/// @throws Error if no factor varies among codes that share it.
double factor_vae_score(const FactorCodes& codes, const FactorVaeProtocol& protocol,
                        const FillUniform& uniform);

}  // namespace varia::metrics
