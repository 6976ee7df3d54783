#pragma once

#include <string>

#include "results/trial_info.hpp"

/// What is known of a trial as the text before the HDF5 part of its file (file_frame.hpp): one line
/// `name=value` for each of kTrialFields; '\' and line ends within a value are written as "\\",
/// "\n". Private to framework/results.
namespace varia::results {

/// Empty if it is too long to be worth it: such a file is read through HDF5.
std::string summary_text(const TrialInfo& info);

}  // namespace varia::results
