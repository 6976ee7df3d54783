#pragma once

#include <exception>
#include <string>

namespace varia::training {

/// Text of a plugin on one line that is UTF-8: other bytes become U+FFFD, control characters
/// spaces.
std::string one_line(const std::string& text);

/// What to do about a loss that is not finite before anything was learnt.
inline constexpr const char* kFiniteAtFirst =
    "nothing has been learnt yet: bring the data to a scale near 1 (`standardise` of a table), or "
    "look at the weights that the model starts with";

/// A value of a loss or metric: "0.25", "inf", "nan" (never "-nan").
std::string scalar_text(double value);

/// What an exception says, without LibTorch's stack trace and on one line.
std::string one_line(const std::exception& error);

}  // namespace varia::training
