#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace varia::cli {

/// The man page of a command, or of the program with the list of its commands, in the macros of
/// man(7): names, options and exit codes are those of its declaration.
/// @param command of `app`, or `app` itself
std::string man_page(const CLI::App& app, const CLI::App& command);

}  // namespace varia::cli
