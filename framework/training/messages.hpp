#pragma once

#include <exception>
#include <string>

namespace varia::training {

/// Text of a plugin on one line that is UTF-8: other bytes become U+FFFD, control characters
/// spaces.
std::string one_line(const std::string& text);

/// A value of a loss or metric: "0.25", "inf", "nan" (never "-nan").
std::string scalar_text(double value);

/// What an exception says, without LibTorch's stack trace and on one line.
std::string one_line(const std::exception& error);

}  // namespace varia::training
