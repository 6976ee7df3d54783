#pragma once

#include <string>

#include "conformance/findings.hpp"
#include "varia/registry.hpp"

namespace varia::conformance {

/// A few steps, a checkpoint, and a few more: once without a break, once in new components that
/// were restored from the checkpoint. Whatever a component keeps besides its parameters, its
/// buffers and an optimizer's state would be lost with a break: the steps after it would differ.
/// @param text a trial, as make_trial reads it
void check_resumes(const std::string& text, const Registry& registry, Findings& findings);

}  // namespace varia::conformance
