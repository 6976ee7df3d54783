#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::analysis {

/// Which trials may be ranked together by a metric: those of one class.
struct Comparability {
  std::vector<std::size_t> class_of;  ///< [trial]
  /// What tells a class from the others: "model.likelihood.use=bernoulli, bound=log p(x)"; "" for
  /// the only class.
  std::vector<std::string> names;
};

/// A value is ranked against values of the same quantity alone:
/// - trials of different data (every `data.*` key but those that choose training images: batch,
///   shuffle, sample_size, stratify, folds, fold, validation, split_seed) are apart for all
///   metrics;
/// - trials of different likelihoods, or whose ELBO bounds another quantity, are apart for metrics
///   in nats;
/// - a loss is another quantity with other parameters of the loss.
/// Of several metrics, what matters for one of them matters.
/// @param metrics "test/elbo", ...
Comparability comparability(const results::Results& results,
                            const std::vector<std::string>& metrics);

}  // namespace varia::analysis
