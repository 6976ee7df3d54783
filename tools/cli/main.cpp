#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string_view>

#include "cli/commands.hpp"
#include "cli/help_text.hpp"
#include "cli/terminal/terminal.hpp"
#include "training/environment.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace {

using namespace varia;

/// In the order of --help.
constexpr std::array kCommands = {
    cli::add_run,    cli::add_plan,        cli::add_check,      cli::add_status,
    cli::add_merge,  cli::add_submit,      cli::add_plugins,    cli::add_describe,
    cli::add_show,   cli::add_diff,        cli::add_compare,    cli::add_export,
    cli::add_report, cli::add_verify_file, cli::add_verify,     cli::add_draw,
    cli::add_encode, cli::add_score,       cli::add_schema,     cli::add_complete,
    cli::add_man,    cli::add_new,         cli::add_test_plugin};

std::string version_text() {
  const auto versions = training::this_environment().versions;
  return fmt::format("varia {}\nLibTorch {}\nHDF5 {}\nBLAS {}{}\ncompiler {}", versions.varia,
                     versions.torch, versions.hdf5, versions.blas,
                     training::has_fast_blas() ? "" : " (slow: install libopenblas0-serial)",
                     versions.compiler);
}

/// What may be meant by the first option that a command does not know; nothing without one.
std::string option_hint(const CLI::App& command) {
  const auto arguments = command.remaining();
  const auto wrong =
      std::ranges::find_if(arguments, [](const auto& text) { return text.starts_with("--"); });
  if (wrong == arguments.end()) return "";
  std::vector<std::string> known;
  for (const auto* option : command.get_options())
    for (const auto& name : option->get_lnames()) known.push_back("--" + name);
  const auto near = nearest_name(wrong->substr(0, wrong->find('=')), known);
  if (!near.empty()) return fmt::format(". Did you mean '{}'?", near);
  if (command.get_option_no_throw("overrides") == nullptr) return "";
  return ". Values of the experiment are given as KEY=VALUE, such as train.threads=2";
}

/// What is wrong with the value of an option, where CLI11 speaks of its own types.
std::string problem_of(const CLI::Error& error) {
  const std::string text = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const auto option = text.substr(0, text.find(':'));
    constexpr std::string_view kTimes = "At Most 1 required but received ";
    if (text.ends_with(" missing")) return option + ": expected a value, found nothing";
    if (const auto place = text.find(kTimes); place != std::string::npos)
      return fmt::format("{}: expected one value, found {}", option,
                         text.substr(place + kTimes.size()));
  }
  // Values are checked before they are converted, so that this one is of a flag.
  constexpr std::string_view kStart = "Could not convert: ";
  const auto equal = text.find(" = ");
  if (dynamic_cast<const CLI::ConversionError*>(&error) == nullptr || !text.starts_with(kStart) ||
      equal == std::string::npos)
    return text;
  return fmt::format("{}: expected no value, found '{}'",
                     text.substr(kStart.size(), equal - kStart.size()), text.substr(equal + 3));
}

std::string usage_message(const CLI::App* app, const CLI::Error& error) {
  const auto chosen = app->get_subcommands();
  if (chosen.empty()) return fmt::format("{} (varia --help says more)\n", problem_of(error));
  const auto& command = *chosen.front();
  return fmt::format("{} (varia {} --help says more){}\n", problem_of(error), command.get_name(),
                     dynamic_cast<const CLI::ExtrasError*>(&error) ? option_hint(command) : "");
}

/// CLI11 says only that a command is missing.
void check_command(const CLI::App& app, const std::string& name) {
  const auto commands = app.get_subcommands(nullptr);
  std::vector<std::string> known;
  for (const auto* command : commands)
    if (!command->get_group().empty()) known.push_back(command->get_name());  // else it is hidden
  if (std::ranges::find(commands, name, &CLI::App::get_name) == commands.end())
    throw ConfigError(
        fmt::format("'{}' is no command of varia. {}", name, suggestion(name, known)));
}

/// @returns the exit code
int run(int argc, char** argv) {
  CLI::App app(
      "Experiments with variational autoencoders: declare a sweep in one YAML file, train it, "
      "compare everything from one HDF5 file.",
      "varia");
  app.formatter(std::make_shared<cli::HelpFormatter>());
  app.set_version_flag("--version", version_text);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 all is done, 1 some trials failed (the others are kept) or a comparison found "
      "differences, 2 the experiment or the call is wrong, 75 interrupted and resumable; "
      "varia COMMAND --help says those of a command.");
  app.failure_message(usage_message);
  cli::Action action;
  for (const auto add : kCommands) add(app, action);
  for (auto* command : app.get_subcommands(nullptr))
    if (command->get_footer() == app.get_footer())  // inherited: true of no single command
      cli::set_exit_codes(*command, {{cli::kAllDone, "all is done"},
                                     {cli::kWrong, "the call or a file that it names is wrong"}});
  try {
    if (argc > 1 && argv[1][0] != '-') check_command(app, argv[1]);
    app.parse(argc, argv);
    const int code = action();
    if (!app.got_subcommand("run")) cli::require_standard_output();
    return code;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::kAllDone : cli::kWrong;
  } catch (const varia::Error& error) {
    cli::print_error(error.what());
  } catch (const std::exception& error) {
    cli::print_error(cli::unexpected(error));
  } catch (...) {  // of a plugin
    cli::print_error("unexpected error: what was thrown is not a std::exception");
  }
  return cli::kWrong;
}

}  // namespace

int main(int argc, char** argv) {
  cli::open_standard_streams();
  // A file that grows beyond `ulimit -f` is an error of whoever writes it, and ends no process.
  std::signal(SIGXFSZ, SIG_IGN);
  // Whoever started this process may have ignored it, which is inherited: then the system tells of
  // no child how it ended.
  std::signal(SIGCHLD, SIG_DFL);
  const int code = run(argc, argv);
#ifdef __SANITIZE_ADDRESS__
  return code;  // leaks are looked for at the end
#else
  // LibTorch and the libraries behind it take a tenth of a second to take themselves apart.
  std::fflush(nullptr);
  std::quick_exit(code);
#endif
}
