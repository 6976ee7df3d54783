#include "experiment/params/run_params.hpp"

namespace varia::experiment {

void load_run_params(const Experiment& experiment, RunParams& params) {
  const Value* section = experiment.tree.find("run");
  const Value nothing = Value::map();
  const Value& map = section != nullptr ? *section : nothing;
  params.load(map, {nullptr, "run", map.where()});
}

}  // namespace varia::experiment
