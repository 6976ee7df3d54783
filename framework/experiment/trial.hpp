#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "experiment/axes/sweep.hpp"
#include "experiment/list_entry.hpp"
#include "experiment/params/run_params.hpp"
#include "varia/value.hpp"

namespace varia::experiment {

/// Trials of one plan share what they have in common.
using SharedValue = std::shared_ptr<const Value>;
using SharedEntries = std::shared_ptr<const std::vector<ListEntry>>;
using SharedTrainParams = std::shared_ptr<const TrainParams>;

/// What all trials of a plan have in common.
struct PlanInfo {
  std::string name;
  std::int64_t seed = 0;  ///< of the experiment: views and evaluations draw from it
  std::vector<std::string> plugins;
  std::vector<std::string> swept;  ///< the keys of the sweep, as Sweep::keys
  std::int64_t replicates = 1;
};

/// One resolved parameter.
struct Setting {
  std::string key;  ///< dotted: "loss.beta"; without a dot for a named axis of variants
  Value value;      ///< a scalar; a list, or a map that is a value of an axis, is one line of YAML
  bool swept = false;
};

/// A metric that a trial must record: it decides something, or others have published it.
struct MonitoredMetric {
  std::string user;    ///< "search", "train: stop", "model.likelihood.scale": who monitors it
  std::string metric;  ///< "validation/elbo"
  Location where = {};

  /// "elbo"
  std::string name() const;
};

/// One point of the sweep with one seed. It holds all that is needed to run it.
struct Trial {
  /// 16 hexadecimal digits: the beginning of the SHA-256 of the canonical text of a map with the
  /// component sections, the seed, `train.samples`, the digest of the data's content, the length of
  /// training if a schedule depends on it, and the metrics that training depends on.
  std::string id;
  std::int64_t index = 0;      ///< in the plan
  std::int64_t replicate = 0;  ///< from 0
  std::int64_t seed = 0;       ///< never negative
  /// Resolved: `use`, then every parameter that has a value.
  SharedValue data, model, loss, optimizer;
  SharedTrainParams train;
  SharedEntries metrics, views;
  std::vector<Setting> variants;          ///< taken on the named axes
  std::vector<MonitoredMetric> followed;  ///< by schedules
  std::string data_digest;                ///< of the data set's content, a part of the id
  std::vector<std::string> tags;          ///< with `notes`: no part of the id, nor of yaml()
  std::map<std::string, std::string> notes;
  std::shared_ptr<const PlanInfo> plan;

  /// Every resolved scalar of data, model, loss, optimizer and train, and the variants of the named
  /// axes, in this order. Maps are spelled out key by key (`model.likelihood.use`); one that is a
  /// value of an axis stands whole under the key of the axis.
  std::vector<Setting> parameters() const;

  /// An experiment file of this trial alone. Read again it gives a plan of one trial that has the
  /// same id: `trial_seed` fixes its seed. Paths of plugins are absolute.
  std::string yaml() const;

  /// What the sweep varies: "loss.beta=4 model.latent=10".
  std::string swept_text() const;
  /// What messages call the trial: `swept_text`, or its id if nothing is swept, and its replicate
  /// if there are several: "loss.beta=4 replicate 0".
  std::string label() const;
};

/// A section that holds one component, or lists what measures or shows the model.
template <class T>
struct Section {
  const char* key;   ///< in the experiment file
  const char* kind;  ///< of the component, or of those in the list
  T Trial::*value;
  const char* default_use = nullptr;  ///< null: the section must name its component
};
using ComponentSection = Section<SharedValue>;
using EntrySection = Section<SharedEntries>;

/// The sections of a trial, in the order of an experiment file; `train` stands between the two
/// lists. The component sections are part of a trial's id, the lists are not.
inline constexpr std::array kComponentSections{
    ComponentSection{"data", "dataset", &Trial::data},
    ComponentSection{"model", "model", &Trial::model},
    ComponentSection{"loss", "loss", &Trial::loss},
    ComponentSection{"optimizer", "optimizer", &Trial::optimizer, "adam"}};
inline constexpr std::array kEntrySections{EntrySection{"metrics", "metric", &Trial::metrics},
                                           EntrySection{"views", "view", &Trial::views}};

/// The seed of a replicate in an experiment with the seed `seed`: the same in every setting of the
/// sweep. In [0, 2^63).
std::int64_t replicate_seed(std::int64_t seed, std::int64_t replicate);

}  // namespace varia::experiment
