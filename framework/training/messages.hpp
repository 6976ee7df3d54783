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

/// What is said of a loss that cannot be differentiated.
inline constexpr const char* kNoGradient = "the objective has no gradient: was it detached?";

/// What is said of a thrown value that has no text of its own.
inline constexpr const char* kNoException = "it threw something that is not a std::exception";

/// A value of a loss or metric: "0.25", "inf", "nan" (never "-nan").
std::string scalar_text(double value);

/// What an exception says, without LibTorch's stack trace and on one line.
std::string one_line(const std::exception& error);

/// The same of whatever was thrown; kNoException if it is no exception.
/// @param thrown std::current_exception()
std::string one_line(const std::exception_ptr& thrown);

}  // namespace varia::training
