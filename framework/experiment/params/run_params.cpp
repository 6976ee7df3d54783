#include "experiment/params/run_params.hpp"

namespace varia::experiment {

std::int64_t TrainParams::record_count() const {
  if (epochs.has_value()) return epochs();
  return (steps() + evaluate_every() - 1) / evaluate_every();
}

void TrainParams::check() const {
  if (epochs.has_value() && steps.has_value())
    fail(steps, "'epochs' is given as well; keep one of the two");
  if (!epochs.has_value() && !steps.has_value())
    fail(epochs,
         "is missing; say how long to train by 'epochs', or by 'steps' and "
         "'evaluate_every'");
  if (steps.has_value() && !evaluate_every.has_value())
    fail(steps, "'evaluate_every' is missing; it says after how many steps to evaluate");
  if (!steps.has_value() && evaluate_every.has_value())
    fail(evaluate_every, "goes with 'steps' only; entries of metrics and views have 'every'");
}

}  // namespace varia::experiment
