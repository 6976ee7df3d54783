#pragma once

#include <string>

#include "store/hdf5/output_file.hpp"
#include "store/trial/trial_content.hpp"

namespace varia::store {

/// Writes `content`; frames without a value are copied from the file `committed` ("": none).
/// Private to framework/store. @throws StoreError
void write_content(const TrialContent& content, const std::string& committed,
                   const hdf5::OutputFile& output);

}  // namespace varia::store
