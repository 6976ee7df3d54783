#include "varia/evidence.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "varia/model.hpp"

namespace varia {

Tensor log_weights(Model& model, const Batch& batch, std::int64_t samples, Draw& draw) {
  const auto at_once = std::max<std::int64_t>(kDecodedAtOnce / batch.size(), 1);
  std::vector<Tensor> parts;
  for (std::int64_t done = 0; done < samples;) {
    const auto k = std::min(samples - done, at_once);
    auto part = draw.with_samples(k);
    parts.push_back(model.infer(batch, part).log_weight().to(at::kDouble));
    done += k;
  }
  return at::cat(parts);
}

Evidence evidence_of(const Tensor& log_weights) {
  const auto count = static_cast<double>(log_weights.size(0));
  const auto sum = at::logsumexp(log_weights, 0);
  // Of weights over their mean, whose standard deviation is that of the logarithm's argument.
  const auto relative = (log_weights - sum).exp() * count;
  return {sum - std::log(count), relative.std(0) / std::sqrt(count),
          count * count / relative.square().sum(0)};
}

Evidence estimate_evidence(Model& model, const Batch& batch, std::int64_t samples, Draw& draw) {
  return evidence_of(log_weights(model, batch, samples, draw));
}

}  // namespace varia
