#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace varia::cli {

/// What may stand at the end of a command line.
struct Completion {
  std::string text;  ///< all of the last word; more follows what ends with '=' or '/'
  std::string doc;   ///< one line; may be empty
};

/// Commands, options, and their values: components, keys of the experiment file that the line has,
/// and what is in its results file. What is wrong with these completes nothing.
/// @param app   all commands
/// @param words behind `varia`; the last is the one to complete, and may be empty
/// @returns nothing also if any path will do, for which shells have completions of their own
std::vector<Completion> completions(const CLI::App& app, const std::vector<std::string>& words);

}  // namespace varia::cli
