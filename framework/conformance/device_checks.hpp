#pragma once

#include <string>
#include <vector>

#include "conformance/check.hpp"

namespace varia::conformance {

/// The checks of a kind on a device that is not the CPU (fake_device.hpp), which must be there
/// already. None for a kind that computes on the CPU alone.
std::vector<Check> device_checks_of(const std::string& kind);

/// Takes two steps, evaluates and shows: on the CPU and on the device. Numbers and parameters
/// differ by at most 1e-5, relative to the larger one or to 1, and no operator is given tensors of
/// both.
/// @param text a trial, as make_trial reads it, without `train`
/// @throws ConfigError if its components do not suit each other
void check_device_agrees(const std::string& text, const Registry& registry, Findings& findings);

/// Takes two steps on the device. Nothing in them waits for it: no number is read, and no copy to
/// the device is one that waits.
/// @throws ConfigError likewise
void check_steps_never_wait(const std::string& text, const Registry& registry, Findings& findings);

}  // namespace varia::conformance
