#include "training/early_stopping.hpp"

namespace varia::training {

void EarlyStopping::observe(const experiment::StopParams& params, Better order, std::int64_t epoch,
                            double value, const TrialComponents& components) {
  if (epoch <= params.after()) return;
  if (!is_better(value, best.value, order, params.min_delta())) {
    ++waited;
    return;
  }
  waited = 0;
  if (params.restore.is("best")) {
    best.take(components, epoch, value);
  } else {
    best.epoch = epoch;
    best.value = value;
  }
}

}  // namespace varia::training
