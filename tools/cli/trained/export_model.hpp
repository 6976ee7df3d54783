#pragma once

#include <string>

#include "cli/options.hpp"

namespace varia::cli {

/// `varia export --model`: writes the model of a trial as a folder of files that PyTorch reads, and
/// prints what they are.
/// @param options `output` is not used
/// @throws ConfigError, StoreError, as TrainedTrial
void export_trained_model(const TrainedOptions& options, const std::string& folder);

}  // namespace varia::cli
