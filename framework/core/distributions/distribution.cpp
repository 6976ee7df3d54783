#include "varia/distribution.hpp"

#include <ATen/Functions.h>

namespace varia {

Distribution::~Distribution() = default;

Tensor Distribution::log_prob(const Tensor& value) const { return sum_event(log_density(value)); }

Tensor Distribution::mean() const { return {}; }

Tensor Distribution::variance() const { return {}; }

Tensor Distribution::kl_to(const Distribution&) const { return {}; }

Tensor sum_event(const Tensor& values) {
  return values.dim() == 3 ? values.sum(-1) : values.flatten(2).sum(-1);
}

}  // namespace varia
