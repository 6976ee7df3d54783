#pragma once

#include <string>
#include <vector>

namespace varia::cluster {

/// One word of a POSIX shell that stands for exactly this text, whatever is in it. Plain names stay
/// as they are.
std::string shell_quoted(const std::string& text);

/// Words, each quoted, with spaces between them.
std::string shell_words(const std::vector<std::string>& words);

/// The line `#SBATCH --<option>=<value>`, the value quoted as sbatch reads it; without a value
/// where it is empty.
/// @throws ConfigError for a value with a line break or another control character
std::string directive(const std::string& option, const std::string& value = "");

}  // namespace varia::cluster
