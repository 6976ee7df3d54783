#pragma once

#include <cstddef>
#include <string>

namespace varia::cli {

/// "12 s", "3.4 min", "5.1 hours", "2.3 days"; "?" for NaN.
std::string time_text(double seconds);

/// "0.5 kB", "12 MB", "1.3 GB", of powers of 1000.
std::string bytes_text(double bytes);

/// "1 trial", "2 trials".
std::string count_text(std::size_t count, const std::string& noun);

}  // namespace varia::cli
