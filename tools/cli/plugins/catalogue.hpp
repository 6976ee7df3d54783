#pragma once

#include <string>

#include "varia/registry.hpp"

namespace varia::cli {

/// A component's page: what it is, where it comes from, its parameters.
std::string component_page(const ComponentInfo& component);

/// The same as JSON.
std::string component_json(const ComponentInfo& component);

}  // namespace varia::cli
