#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "experiment/params/run_params.hpp"
#include "experiment/trial.hpp"
#include "training/data_cache.hpp"
#include "training/device.hpp"
#include "training/warm_start.hpp"
#include "varia/build.hpp"
#include "varia/host/splits.hpp"
#include "varia/loss.hpp"
#include "varia/metric.hpp"
#include "varia/model.hpp"
#include "varia/optimizer.hpp"
#include "varia/registry.hpp"
#include "varia/view.hpp"

namespace varia::training {

/// A component that an experiment names, with its parameters.
struct ConfiguredComponent {
  const ComponentInfo* info = nullptr;
  std::shared_ptr<ParamSet> params;
  Location where;  ///< of its name in the experiment
};

/// Finds the component that `section` names with `use` and loads its parameters.
/// @param likelihood of a model that names none; a resolved section names one
/// @throws ConfigError
ConfiguredComponent configure(const Registry& registry, const std::string& kind,
                              const Value& section,
                              const std::string& likelihood = LoadContext().likelihood);

/// As `make`, of whatever kind.
std::shared_ptr<void> make_untyped(const ConfiguredComponent& configured, const Build& build);

/// Makes the component. Its parameters live as long as it does.
/// @throws ConfigError with the place of the component where its maker names none
template <class Kind>
std::shared_ptr<Kind> make(const ConfiguredComponent& configured, const Build& build) {
  auto component = std::static_pointer_cast<Kind>(make_untyped(configured, build));
  auto* const address = component.get();
  // The component comes second, so that it is destroyed first.
  using Owner = std::pair<std::shared_ptr<ParamSet>, std::shared_ptr<Kind>>;
  return {std::make_shared<Owner>(configured.params, std::move(component)), address};
}

/// The data of one `data:` section, shared by all trials that have the same.
struct Data {
  std::shared_ptr<Dataset> dataset;
  Splits splits;
  std::int64_t batch = 0;
  bool shuffle = true;
};

/// A phase of the loss and its optimizer.
struct PhaseOptimizer {
  Phase phase;
  std::shared_ptr<Optimizer> optimizer;
  std::optional<double> clip_norm;
};

/// What one trial is made of. Everything is built from the trial's seed.
class TrialComponents {
 public:
  /// @throws ConfigError, DataError, and whatever a component's constructor throws
  TrialComponents(const experiment::Trial& trial, const Registry& registry, DataCache& cache,
                  MissingDevice missing = MissingDevice::is_error);

  experiment::SharedTrainParams train;
  torch::Device device = torch::kCPU;
  std::shared_ptr<const Data> data;
  Build build;
  std::shared_ptr<Model> model;
  std::shared_ptr<Loss> loss;
  std::vector<PhaseOptimizer> phases;

  /// Puts model and loss into training mode, but for the parts that stay as they are.
  void begin_training() const;
  /// The parts of the model that stay as they are.
  const FrozenParts& frozen() const { return frozen_; }
  /// Brings every scheduled parameter to its value for the next step.
  void advance(const Progress& progress, const Horizon& horizon);
  /// The metrics that schedules follow, by "split/name".
  std::set<std::string> followed() const;
  /// The value in force of every scheduled parameter, by dotted key.
  std::map<std::string, double> scheduled_values() const;
  /// Parameters and buffers of model and loss by name ("model.encoder.weight0").
  const std::vector<std::pair<std::string, Tensor>>& tensors() const { return tensors_; }

 private:
  ConfiguredComponent optimizer_;
  FrozenParts frozen_;
  std::vector<std::pair<std::string, Scheduled*>> scheduled_;
  std::vector<std::pair<std::string, Tensor>> tensors_;
};

}  // namespace varia::training
