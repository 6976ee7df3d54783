#pragma once

#include <functional>

namespace CLI {
class App;
}

/// The commands of varia. Each has a file of its own, `<name>_command.cpp`, with its options and
/// what it does with them.
namespace varia::cli {

/// Exit codes that scripts rely on.
enum ExitCode { kAllDone = 0, kSomeFailed = 1, kWrong = 2, kInterrupted = 75 };

/// What is done once the command line is read: it prints to standard output and returns the exit
/// code. What is wrong is thrown.
using Action = std::function<int()>;

/// Each defines its command, which sets `action` when it is chosen. `action` outlives the parsing.
void add_run(CLI::App& app, Action& action);
void add_plan(CLI::App& app, Action& action);
void add_check(CLI::App& app, Action& action);
void add_status(CLI::App& app, Action& action);
void add_verify(CLI::App& app, Action& action);
void add_merge(CLI::App& app, Action& action);
void add_submit(CLI::App& app, Action& action);
void add_plugins(CLI::App& app, Action& action);
void add_describe(CLI::App& app, Action& action);
void add_show(CLI::App& app, Action& action);
void add_diff(CLI::App& app, Action& action);
void add_compare(CLI::App& app, Action& action);
void add_export(CLI::App& app, Action& action);
void add_report(CLI::App& app, Action& action);
void add_verify_file(CLI::App& app, Action& action);
/// sample, traverse, interpolate and reconstruct
void add_draw(CLI::App& app, Action& action);
void add_encode(CLI::App& app, Action& action);
void add_score(CLI::App& app, Action& action);
/// For shells, and for the build: left out of the help.
void add_complete(CLI::App& app, Action& action);
void add_man(CLI::App& app, Action& action);
void add_schema(CLI::App& app, Action& action);
void add_new(CLI::App& app, Action& action);
void add_test_plugin(CLI::App& app, Action& action);

}  // namespace varia::cli
