#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/test_trial.hpp"
#include "training/components.hpp"
#include "training/trainer.hpp"
#include "varia/loss.hpp"

namespace varia::test {

/// The plugins of the build (VARIA_BUILD_DIR/plugins), and these components of the tests' own:
/// - dataset `synthetic`, as conformance::add_synthetic_data
/// - model `autoencoder`: x ~ N(D E x, I) without noise; blocks without a posterior; one parameter
///   that nothing uses
/// - model `linear_gaussian`: x ~ N(W z + b, sigma^2) in float64, whose posterior is known
/// - loss `adversarial`: two phases on one inference, see Seen
/// - loss `poisoned`: -ELBO, whose gradient is NaN at the step `step`, though its value is finite
/// - loss `phaseless`: has no phase, which is wrong
/// - loss `wrong`: -ELBO that has no gradient, throws a number, or records a term of any name
/// - loss `fussy`: -ELBO that fails for training batches of `images` images, or in evaluation
/// - dataset `late_pixel`: the 551st image of 600 has a pixel beyond 1
/// - dataset `bright`: float pixels of 255, which are said to be in [0, 1]
/// - dataset `cells`: counts of 12 genes; the first one is higher in the batch that the covariate
/// says
/// - density `moments`: a Gaussian with the points' mean and their variances plus 1e-6
/// - metric `nameless`: its value has the name "nameless_a/b", which cannot be stored
/// - metric `probe`: how many images it was shown; see on_probe. With `follows`, the training as
///   well, and cannot tell its state
/// - optimizer `spy`: plain gradient descent that keeps what it saw, see SpyStep
const Registry& registry();

/// YAML text as a value.
Value yaml(const std::string& text);

/// As conformance::make_trial, with the components of `registry()`.
experiment::Trial make_trial(const std::string& text, std::int64_t seed = 1);

/// A trial ready to be stepped.
struct Run : conformance::TestTrial {
  explicit Run(const std::string& text, std::int64_t seed = 1);
  Tensor tensor(const std::string& name) const;
};

using conformance::same_bits;

/// What an optimizer `spy` found at one step.
struct SpyStep {
  std::vector<Tensor> gradients;  ///< undefined where there was none
};
std::vector<SpyStep>& spy_steps();

/// Called by the metric `probe` with every batch; empty: not at all.
std::function<void()>& on_probe();

/// What the loss `adversarial` was asked for: objective "train" is reconstruction + mean(code . w),
/// objective "discriminator" is mean((code . w - 1)^2), with w the loss's own parameter. Nothing is
/// detached: that the other phase's parameters stay as they are is the training loop's part.
struct Seen {
  std::string phase;
  Tensor index;  ///< [B]
  Tensor images;
};
std::vector<Seen>& seen();

/// ln p(x) of the model `linear_gaussian`, by the dense covariance matrix.
/// @param images [B, 1, H, W]
/// @returns      [B] float64
Tensor linear_gaussian_log_evidence(const Tensor& images);

}  // namespace varia::test
