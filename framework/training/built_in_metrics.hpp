#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "results/records.hpp"
#include "varia/loss.hpp"
#include "varia/model.hpp"
#include "varia/split.hpp"

namespace varia::training {

/// A mean over samples that come in parts, in float64.
struct RunningMean {
  double total = 0;   ///< each value times its weight
  double weight = 0;  ///< samples

  /// @param samples that `value` is the mean of
  void add(double value, std::int64_t samples) {
    total += value * static_cast<double>(samples);
    weight += static_cast<double>(samples);
  }
  double mean() const { return total / weight; }
};

/// Mean and variance of vectors, by parts: they are merged as Chan et al. (1983) do, so that no sum
/// of squares cancels.
class RunningVariance {
 public:
  /// @param rows [n, D]
  void add(const Tensor& rows);
  /// [D] float64; undefined before the first row.
  Tensor mean() const { return mean_; }
  /// [D] float64, divided by n as in Burda et al. 2016; undefined before the first row.
  Tensor variance() const {
    return count_ == 0 ? Tensor() : squares_ / static_cast<double>(count_);
  }

 private:
  std::int64_t count_ = 0;
  Tensor mean_;
  Tensor squares_;  // sums of squared distances from the mean
};

/// What every trial records, and the terms of its loss, by name.
using Scalars = std::map<std::string, double>;

/// Why terms of a loss cannot be recorded: one has a name that results files have no place for, or
/// that of a value which every trial records (loss, reconstruction, kl, elbo and, of a latent
/// variable of the inference, kl_<block>, kl_per_dim_<block>, active_units_<block>), or two have
/// the same. A sentence for each; empty: all can.
std::vector<std::string> term_problems(const Inference& inference, const Terms& terms);

/// What is recorded of a batch, still on the device of the model, where no one has waited for it.
class BatchTerms {
 public:
  /// @throws Error with the first of term_problems: a value would take the place of another
  BatchTerms(const Inference& inference, const Terms& terms);

  /// loss, reconstruction, kl, kl_<block>, elbo and the loss's own terms of each, in nats per
  /// sample; NaN if the model has no likelihood or no KL divergence. It waits for a device that is
  /// not the CPU, once for all of them.
  static std::vector<Scalars> read(std::span<const BatchTerms> all);

  /// Of those of `scalars` that are not finite although they must be, the one that says most: a
  /// part rather than the loss itself. Null if all are finite.
  const Scalars::value_type* not_finite(const Scalars& scalars) const;

 private:
  using Named = std::vector<std::pair<std::string, Tensor>>;
  std::vector<Tensor> tensors() const;
  /// @param next the numbers of tensors(); it is moved past them
  Scalars scalars(const double*& next) const;

  Named own_;  // of the loss
  Tensor objective_;
  Tensor reconstruction_;  // undefined if there is no likelihood
  Named kl_;               // by block
};

/// What only an evaluation records of the latent variables: kl_per_dim_<block> and
/// active_units_<block>.
class LatentMetrics {
 public:
  void add(const Inference& inference);
  /// A latent dimension is active if Var_x(E[z | x]) > 0.01 (Burda et al. 2016), in units of the
  /// prior's variance if all images share a prior that knows it: decided categories, all K as
  /// probable, vary by (1/K)(1 - 1/K), and directions by 1/D.
  std::map<std::string, results::Array> values() const;

 private:
  struct Block {
    RunningVariance means;
    Tensor prior_variance;  // [D] float64; undefined: 1
    Tensor kl;              // [D] float64, summed over samples
    std::int64_t samples = 0;
  };
  std::map<std::string, Block> blocks_;
};

/// Units, bounds and axes of all that BatchTerms and LatentMetrics record, by "split/name".
/// The model is asked what it bounds, in training mode for "train", and ends in evaluation mode.
std::map<std::string, results::MetricInfo> built_in_infos(const std::vector<const Split*>& splits,
                                                          Model& model);

}  // namespace varia::training
