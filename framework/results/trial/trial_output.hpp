#pragma once

#include <string>

#include "results/output_file.hpp"
#include "results/trial/trial_content.hpp"

namespace varia::results {

/// Writes `content`; frames without a value are copied from the file `committed` ("": none).
/// Private to framework/results. @throws StoreError
void write_content(const TrialContent& content, const std::string& committed,
                   const OutputFile& output);

}  // namespace varia::results
