#pragma once

#include <vector>

#include "conformance/check.hpp"

namespace varia::conformance {

std::vector<Check> component_checks();  ///< of every kind
std::vector<Check> dataset_checks();
std::vector<Check> model_checks();
std::vector<Check> loss_checks();
std::vector<Check> schedule_checks();
std::vector<Check> optimizer_checks();
std::vector<Check> metric_checks();
std::vector<Check> view_checks();
std::vector<Check> density_checks();
std::vector<Check> likelihood_checks();

}  // namespace varia::conformance
