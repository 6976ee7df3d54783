#include "experiment/metric_order.hpp"

#include <algorithm>
#include <vector>

namespace varia::experiment {

bool more_is_better(const std::string& metric) {
  static const std::vector<std::string> names = {"elbo",  "accuracy",     "nmi",
                                                 "mig",   "active_units", "score",
                                                 "probe", "classifier",   "log_density"};
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return metric.find(name) != std::string::npos;
  });
}

}  // namespace varia::experiment
