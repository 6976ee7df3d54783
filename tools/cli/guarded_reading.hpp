#pragma once

#include <functional>
#include <string>
#include <vector>

namespace varia::cli {

/// Runs a command that reads results files in a process of its own, with bounds on memory and
/// processor time that grow with the files: on a file whose bytes were changed libhdf5 may crash,
/// never come back, or ask for all memory there is.
/// @param files that it reads; what is not there counts as empty
/// @returns what the command returns
/// @throws StoreError naming the files, where the process died; what the command throws ends the
///         process with its message on standard error, and 2 is returned
int read_guarded(const std::vector<std::string>& files, const std::function<int()>& command);

}  // namespace varia::cli
