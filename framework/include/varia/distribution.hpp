#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "varia/draw.hpp"
#include "varia/export.hpp"
#include "varia/schedule.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// A draw from a distribution.
struct Sample {
  Tensor value;  ///< [K, B, E]
  Tensor log_q;  ///< [K, B] nats; defined only if sampling alone knows it (a flow)
};

/// A distribution over events, one per sample and image.
class VARIA_API Distribution {
 public:
  virtual ~Distribution();

  /// "normal", "bernoulli", ...; authors prefix theirs: "library.family". Tells distributions
  /// apart.
  virtual std::string_view family() const = 0;

  /// Between which bounds an element of an event can lie; any real number by default. Data outside
  /// of a likelihood's support is refused before anything is trained.
  virtual Range support() const;

  /// A reparameterised draw: gradients flow to the parameters.
  /// @returns value [K, B, E] with K = draw.samples(); parameters that have K already: one draw
  /// each.
  virtual Sample rsample(Draw& draw) const = 0;

  /// @param value [K|1, B, E]
  /// @returns [K, B, E] nats per element, or [K, B, 1] if it does not factorise.
  virtual Tensor log_density(const Tensor& value) const = 0;

  /// The log-density summed over the event. Override it for a fused kernel.
  /// @returns [K, B] nats
  virtual Tensor log_prob(const Tensor& value) const;

  /// The log-density summed over what was observed of the event.
  /// @param mask [B, E] bool; undefined: everything was observed
  /// @returns [K, B] nats
  /// @throws Error if something was not observed and the density does not factorise
  virtual Tensor log_prob_of_observed(const Tensor& value, const Tensor& mask) const;

  /// [K|1, B, E]; undefined if it is not known.
  virtual Tensor mean() const;
  /// The mean for a sample that was observed: the same, unless a part of it is taken as given (the
  /// total of its counts).
  /// @param value, mask as of log_prob_of_observed
  virtual Tensor mean_given(const Tensor& value, const Tensor& mask) const;
  /// The event that stands for the distribution where a single one is decoded or shown: the mean,
  /// or the most probable one if no event is like the mean (categories, directions).
  virtual Tensor mode() const;
  /// [K|1, B, E]; undefined if it is not known.
  virtual Tensor variance() const;

  /// What tells it from others of its family, by name: what an exported model gives of it. Their
  /// first two dimensions are K and B if they have more dimensions than an event; the others are
  /// the same for all samples. By default mean and variance, as far as they are known.
  virtual std::vector<std::pair<std::string, Tensor>> parameters() const;

  /// KL(this || prior) in closed form.
  /// @returns [K|1, B, D] nats per latent dimension; undefined if no closed form is known.
  virtual Tensor kl_to(const Distribution& prior) const;
};

using DistributionPtr = std::shared_ptr<const Distribution>;

/// Sums [K, B, E...] over everything behind the first two dimensions.
/// @returns [K, B]
VARIA_API Tensor sum_event(const Tensor& values);

}  // namespace varia
