#pragma once

#include <cstdint>

#include "experiment/params/run_params.hpp"
#include "training/checkpoint/component_state.hpp"
#include "varia/better.hpp"

namespace varia::training {

/// How far a trial is from its early end (`train.stop`; Prechelt 1998, "Early stopping - but
/// when?").
struct EarlyStopping {
  std::int64_t waited = 0;  ///< evaluations of the metric since the best one
  ParameterSnapshot best;   ///< after the best epoch; tensors under `restore: best` alone

  /// Takes note of an evaluation after `epoch`.
  void observe(const experiment::StopParams& params, Better order, std::int64_t epoch, double value,
               const TrialComponents& components);
  /// True if the patience is at its end.
  bool is_over(const experiment::StopParams& params) const { return waited >= params.patience(); }
};

}  // namespace varia::training
