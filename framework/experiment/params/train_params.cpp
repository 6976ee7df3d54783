#include "experiment/params/train_params.hpp"

namespace varia::experiment {

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
