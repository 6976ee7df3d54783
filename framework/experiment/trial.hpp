#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "experiment/axes/sweep.hpp"
#include "experiment/list_entry.hpp"
#include "varia/value.hpp"

namespace varia::experiment {

/// Trials of one plan share what they have in common.
using SharedValue = std::shared_ptr<const Value>;
using SharedEntries = std::shared_ptr<const std::vector<ListEntry>>;

/// What all trials of a plan have in common.
struct PlanInfo {
  std::string name;
  std::int64_t seed = 0;  ///< of the experiment: views and evaluations draw from it
  std::vector<std::string> plugins;
  std::vector<std::string> swept;  ///< the keys of the sweep, as Sweep::keys
};

/// One resolved parameter.
struct Setting {
  std::string key;  ///< dotted: "loss.beta"; without a dot for a named axis of variants
  Value value;      ///< a scalar; a list, or a map that is a value of an axis, is one line of YAML
  bool swept = false;
};

/// One point of the sweep with one seed. It holds all that is needed to run it.
struct Trial {
  std::string id;              ///< 16 hexadecimal digits, see TrialIds
  std::int64_t index = 0;      ///< in the plan
  std::int64_t replicate = 0;  ///< from 0
  std::int64_t seed = 0;       ///< never negative
  /// Resolved: `use`, then every parameter that has a value.
  SharedValue data, model, loss, optimizer;
  SharedValue train;  ///< resolved TrainParams
  SharedEntries metrics, views;
  std::vector<Label> labels;
  std::shared_ptr<const PlanInfo> plan;

  /// Every resolved scalar of data, model, loss, optimizer and train, and the variants of the named
  /// axes, in this order. Maps are spelled out key by key (`model.likelihood.use`); one that is a
  /// value of an axis stands whole under the key of the axis.
  std::vector<Setting> parameters() const;

  /// An experiment file of this trial alone. Read again it gives a plan of one trial that has the
  /// same id: `trial_seed` fixes its seed. Paths of plugins are absolute.
  std::string yaml() const;
};

/// The seed of replicate `replicate` in an experiment with the seed `seed`: the same in every
/// setting of the sweep. In [0, 2^63).
std::int64_t replicate_seed(std::int64_t seed, std::int64_t replicate);

}  // namespace varia::experiment
