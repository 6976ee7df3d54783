#pragma once

#include <string>

#include "contract/findings.hpp"
#include "varia/registry.hpp"

namespace varia::contract {

/// A few steps, a checkpoint, and a few more: once without a break, once in new components that
/// were restored from the checkpoint. Whatever a component keeps besides its parameters, its
/// buffers and an optimizer's state would be lost with a break: the steps after it would differ.
/// @param text a trial, as make_trial reads it
void check_resumes(const std::string& text, const Registry& registry, Findings& findings);

}  // namespace varia::contract
