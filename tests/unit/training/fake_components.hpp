#pragma once

#include "varia/registry.hpp"

namespace varia::test {

/// Registers the components that support.hpp lists.
void add_test_components(Registry& registry);

}  // namespace varia::test
