#pragma once

#include <filesystem>

#include "varia/export.hpp"

namespace varia {

/// The file by which this program was started, and can be started again; empty if the system does
/// not tell. It is the launcher if one has started the program under a loader of its own
/// (tools/archive).
VARIA_API std::filesystem::path own_program();

}  // namespace varia
