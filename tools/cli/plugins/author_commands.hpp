#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace varia::cli {

struct NewOptions {
  std::string kind;
  std::string name;
  std::string folder;  ///< empty: the name
};

struct TestPluginOptions {
  std::string file;
  std::vector<std::string> parameters;  ///< NAME={KEY: VALUE, ...}
};

/// What the authors of plugins call.
struct AuthorCommands {
  NewOptions create;
  TestPluginOptions test;

  /// Defines `new` and `test-plugin`; each sets `action` when it is chosen.
  /// @param app, action  outlive this object
  void add_to(CLI::App& app, std::function<int()>& action);
};

/// Writes a small working plugin, and says how to go on. @returns the exit code
/// @throws ConfigError where the name cannot be one, or a file is there already
int create_plugin(const NewOptions& options);

/// Runs the checks of framework/conformance on the components of a plugin file.
/// @returns kAllDone or kSomeFailed
/// @throws PluginError where it cannot be opened
int test_plugin(const TestPluginOptions& options);

}  // namespace varia::cli
