#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "varia/better.hpp"
#include "varia/dataset.hpp"
#include "varia/inference.hpp"
#include "varia/model.hpp"

namespace varia {

/// What a metric or a view may look at: a model in evaluation mode (see
/// Metric::follows_training for the exception), without gradients.
struct Evaluation {
  Model& model;
  const Split& train;
  const Split& split;  ///< the one that is evaluated
  Draw& draw;          ///< the same numbers in every trial and at every epoch
  Progress progress;
};

/// float64 tensors by name: [] for a number, [n] or [n, m] for more.
using Values = std::map<std::string, Tensor>;

/// What `kEvery` says of what is evaluated after the last epoch alone.
inline constexpr std::int64_t kAfterLast = 0;

/// A number, or a few, that tell how good a model is (kind `metric`).
class VARIA_API Metric {
 public:
  using KindBase = Metric;
  static constexpr const char* kKind = "metric";
  /// Epochs from one evaluation to the next if the experiment does not say `every`. A metric with
  /// passes of its own, which may take longer than an epoch, hides it by kAfterLast.
  static constexpr std::int64_t kEvery = 1;
  virtual ~Metric();

  /// The unit of a value that `result` returns: "nats", "count", "1".
  virtual std::string units(std::string_view value) const = 0;
  /// Which is better of a value that `result` returns. What `varia show`, `compare`, the report and
  /// a search rank by follows it. The default is neither.
  virtual Better better(std::string_view value) const;
  /// True if everything comes from `update`. Such a metric is measured on the training split as
  /// well, from the batches of an epoch as they are trained on: the model is in training mode then,
  /// changes from batch to batch, and K is that of the training.
  virtual bool follows_training() const;
  /// Called before the pass over a split.
  virtual void begin(const Evaluation& evaluation);
  /// One batch of the pass that all metrics share, with K = 1. Without gradients.
  virtual void update(const Inference& inference, const Batch& batch);

  /// What `update` gathered, as tensors by name; they may share storage with the metric.
  using State = std::map<std::string, Tensor>;
  /// Asked of a metric that follows the training when a checkpoint is written within an epoch.
  /// @returns nullopt if it cannot tell: such a trial has checkpoints at the ends of epochs alone
  virtual std::optional<State> state() const;
  /// Resumes from what `state` gave. Called after `begin`, on a metric of the same parameters.
  /// @throws Error if the tensors are not those of `state`
  virtual void restore(const State& state);

  /// Its values; passes of its own are made here.
  virtual Values result(const Evaluation& evaluation) = 0;
};

}  // namespace varia
