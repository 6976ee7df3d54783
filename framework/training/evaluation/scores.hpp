#pragma once

#include <cstdint>
#include <functional>

#include "training/checkpoint/component_state.hpp"
#include "training/evaluation/trained_model.hpp"

namespace varia::training {

/// What is done to a batch before the model sees it; empty: nothing.
using Prepare = std::function<Batch(const Batch&)>;

/// What a model says of each sample of a split, [N] float64 on the CPU, by these names:
/// - elbo, reconstruction, kl, kl_<block>: in nats, with one draw of the posterior and the noise of
///   an evaluation, which records their means; as far as the model has them
/// - nll, nll_standard_error: -ln p(x) by importance sampling, and the Monte-Carlo error of that
///   number, in nats; if the model bounds a log-likelihood. Over all samples of the split, the
///   metric nll of as many draws records its mean
/// - squared_error: from the mean of p(x | z) for the draw of elbo, the mean over the observed
///   numbers of the sample; if the likelihood has a mean
/// @param samples K, draws of the posterior for nll
/// @throws TrialError if the model has no likelihood
NamedTensors scores_of(TrainedModel& trained, const Split& split, std::int64_t samples,
                       const Prepare& prepare = {});

}  // namespace varia::training
