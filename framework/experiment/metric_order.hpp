#pragma once

#include <string>

namespace varia::experiment {

/// True for metrics of which more is better, by their names: "test/elbo", "validation/accuracy". Of
/// everything else less is better.
bool more_is_better(const std::string& metric);

}  // namespace varia::experiment
