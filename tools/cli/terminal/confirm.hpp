#pragma once

#include <string>

namespace varia::cli {

/// Asks on the terminal, on standard error, whether to go on. `yes` answers for the user.
/// @param what is done: "Remove these for good?"
/// @throws ConfigError where there is no terminal to ask on
bool confirm(const std::string& what, bool yes);

}  // namespace varia::cli
