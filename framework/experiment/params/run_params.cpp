#include "experiment/params/run_params.hpp"

#include <fmt/format.h>

#include "experiment/monitored_metrics.hpp"
#include "varia/error_list.hpp"

namespace varia::experiment {

std::int64_t TrainParams::record_count() const {
  if (epochs.has_value()) return epochs();
  return (steps() + evaluate_every() - 1) / evaluate_every();
}

void TrainParams::check() const {
  ErrorList errors;
  errors.collect([&] {
    if (epochs.has_value() && steps.has_value())
      fail(steps, "'epochs' is given as well; keep one of the two");
    if (!epochs.has_value() && !steps.has_value())
      fail(epochs,
           "is missing; say how long to train by 'epochs', or by 'steps' and "
           "'evaluate_every'");
    if (steps.has_value() && !evaluate_every.has_value())
      fail(steps, "'evaluate_every' is missing; it says after how many steps to evaluate");
  });
  errors.collect([&] {
    if (!steps.has_value() && evaluate_every.has_value())
      fail(evaluate_every, "goes with 'steps' only; entries of metrics and views have 'every'");
  });
  errors.collect([&] {
    const bool is_word = keep() == "none" || keep() == "last" || keep() == "best";
    if (!is_word && !is_validation_metric(keep()))
      fail(keep,
           fmt::format("expected none, last, best, or a metric of the validation split such as "
                       "validation/elbo; found '{}'",
                       keep()));
  });
  errors.collect([&] {
    if (!stop.given()) return;
    if (!stop().metric.has_value())
      fail(stop, "'metric' is missing; say which one ends the trial, validation/elbo for instance");
    if (!is_validation_metric(stop().metric()))
      fail(stop,
           fmt::format("metric: a trial ends by the validation split (data.validation), so that "
                       "what is reported of the others stays unbiased: expected "
                       "validation/..., found '{}'",
                       stop().metric()));
  });
  errors.raise();
}

bool TrainParams::in_force(const Parameter& parameter) const {
  // What changes no result is told only if somebody asked for it.
  if (&parameter == &data_on_device) return !data_on_device.is("auto");
  return &parameter != &stop || stop.given();
}

std::string TrainParams::keep_metric() const {
  if (keep() == "best") return "validation/loss";
  return is_validation_metric(keep()) ? keep() : "";
}

}  // namespace varia::experiment
