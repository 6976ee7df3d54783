#pragma once

#include <exception>
#include <string>

#include "experiment/trial.hpp"

namespace varia::training {

/// Text of a plugin on one line that is UTF-8: other bytes become U+FFFD, control characters
/// spaces.
std::string one_line(const std::string& text);

/// What an exception says, without LibTorch's stack trace and on one line.
std::string one_line(const std::exception& error);

/// What the sweep varies, for the trial: "loss.beta=4 model.latent=10".
std::string swept_text(const experiment::Trial& trial);

/// What a trial is called: `swept_text`, or its id where nothing is swept, and its replicate:
/// "loss.beta=4 replicate 1".
std::string label_of(const experiment::Trial& trial);

}  // namespace varia::training
