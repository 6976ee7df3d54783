#pragma once

#include <map>
#include <string>
#include <vector>

#include "results/records.hpp"
#include "training/running_statistics.hpp"
#include "varia/loss.hpp"
#include "varia/model.hpp"
#include "varia/split.hpp"

namespace varia::training {

/// What every trial records, and the terms of its loss, by name.
using Scalars = std::map<std::string, double>;

/// loss, reconstruction, kl, kl_<block>, elbo and the loss's own terms, in nats per sample; NaN
/// if the model has no likelihood or no KL divergence.
Scalars built_in_scalars(const Inference& inference, const Terms& terms);

/// Of those of `scalars` that are not finite although they must be, the one that says most: a part
/// rather than the loss itself. Null if all are finite.
const Scalars::value_type* not_finite(const Scalars& scalars, const Inference& inference);

/// What only an evaluation records of the latent variables: kl_per_dim_<block> and
/// active_units_<block>.
class LatentMetrics {
 public:
  void add(const Inference& inference);
  /// A latent dimension is active if Var_x(E[z | x]) > 0.01 (Burda et al. 2016).
  std::map<std::string, results::Array> values() const;

 private:
  struct Block {
    RunningVariance means;
    Tensor kl;  // [D] float64, summed over images
    std::int64_t images = 0;
  };
  std::map<std::string, Block> blocks_;
};

/// Units, bounds and axes of all that `built_in_scalars` and LatentMetrics record, by "split/name".
/// The model is asked what it bounds, in training mode for "train", and ends in evaluation mode.
std::map<std::string, results::MetricInfo> built_in_infos(const std::vector<const Split*>& splits,
                                                          Model& model);

}  // namespace varia::training
