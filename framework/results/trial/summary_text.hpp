#pragma once

#include <optional>
#include <string>

#include "results/trial_info.hpp"

/// What is known of a trial as the text before the HDF5 part of its file (file_frame.hpp): one line
/// `name=value` for each of kTrialFields; '\' and line ends within a value are written as "\\",
/// "\n".
namespace varia::results {

/// Empty if it is too long to be worth it: such a file is read through HDF5.
std::string summary_text(const TrialInfo& info);

/// What the text of a file says of its trial, whatever the rest of the file is. nullopt if the file
/// has none, the text is damaged, or it is of another version.
std::optional<TrialInfo> read_summary_text(const std::string& path);

}  // namespace varia::results
