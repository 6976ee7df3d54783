#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "cli/commands.hpp"
#include "cli/plugins/author_commands.hpp"
#include "cli/results/result_commands.hpp"
#include "cli/sweep/sweep_commands.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/trained/trained_commands.hpp"
#include "training/environment.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace {

using namespace varia;

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
  const auto wrong = std::find_if(arguments.begin(), arguments.end(),
                                  [](const auto& text) { return text.rfind("--", 0) == 0; });
  if (wrong == arguments.end()) return "";
  std::vector<std::string> known;
  for (const auto* option : command.get_options())
    for (const auto& name : option->get_lnames()) known.push_back("--" + name);
  const auto near = nearest_name(wrong->substr(0, wrong->find('=')), known);
  if (!near.empty()) return fmt::format(". Did you mean '{}'?", near);
  if (command.get_option_no_throw("overrides") == nullptr) return "";
  return ". Values of the experiment are given as KEY=VALUE, such as train.threads=2";
}

std::string usage_message(const CLI::App* app, const CLI::Error& error) {
  const auto chosen = app->get_subcommands();
  if (chosen.empty()) return fmt::format("{} (varia --help says more)\n", error.what());
  const auto& command = *chosen.front();
  return fmt::format("{} (varia {} --help says more){}\n", error.what(), command.get_name(),
                     dynamic_cast<const CLI::ExtrasError*>(&error) ? option_hint(command) : "");
}

/// CLI11 says only that a command is missing.
void check_command(const CLI::App& app, const std::string& name) {
  std::vector<std::string> known;
  for (const auto* command : app.get_subcommands(nullptr)) known.push_back(command->get_name());
  if (std::find(known.begin(), known.end(), name) == known.end())
    throw ConfigError(
        fmt::format("'{}' is no command of varia. {}", name, suggestion(name, known)));
}

/// Defines all commands; each sets `action` when it is chosen.
struct CommandLine {
  CLI::App app{
      "Experiments with variational autoencoders: declare a sweep in one YAML file, train "
      "it,\ncompare everything from one HDF5 file.",
      "varia"};
  cli::SweepCommands sweeps;
  cli::TrainedCommands trained;
  cli::AuthorCommands authors;
  std::string kind;
  std::string name;
  bool json = false;
  std::function<int()> action;

  CommandLine() {
    app.set_version_flag("--version", version_text);
    app.require_subcommand(1);
    app.footer(
        "Exit codes: 0 all trials done, 1 some trials failed (the others are kept), 2 the "
        "experiment or\nthe call is wrong, 75 interrupted and resumable.");
    app.failure_message(usage_message);
    sweeps.add_to(app, action);
    add_catalogue();
    for (const auto add :
         {cli::add_show, cli::add_diff, cli::add_compare, cli::add_export, cli::add_report})
      add(app, action);
    trained.add_to(app, action);
    authors.add_to(app, action);
  }

 private:
  void add_catalogue() {
    auto* command = app.add_subcommand("plugins", "List the components that experiments can name");
    command->add_option("kind", kind, "Only this kind: model, loss, metric, ...");
    command->add_flag("--json", json, "Print JSON, with all parameters");
    command->callback([this] { action = [this] { return cli::plugins(kind, json); }; });
    command = app.add_subcommand("describe", "Show a component's parameters");
    command->add_option("name", name, "Its name, as `varia plugins` lists it")->required();
    command->add_option("--kind", kind, "Its kind, where several kinds have the name");
    command->add_flag("--json", json, "Print JSON");
    command->callback([this] { action = [this] { return cli::describe(name, kind, json); }; });
  }
};

/// @returns the exit code
int run(int argc, char** argv) {
  CommandLine line;
  try {
    if (argc > 1 && argv[1][0] != '-') check_command(line.app, argv[1]);
    line.app.parse(argc, argv);
    const int code = line.action();
    if (!line.app.got_subcommand("run")) cli::require_standard_output();
    return code;
  } catch (const CLI::ParseError& error) {
    return line.app.exit(error) == 0 ? cli::kAllDone : cli::kWrong;
  } catch (const varia::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", cli::unexpected(error));
  }
  return cli::kWrong;
}

}  // namespace

int main(int argc, char** argv) {
  cli::open_standard_streams();
  const int code = run(argc, argv);
#ifdef __SANITIZE_ADDRESS__
  return code;  // leaks are looked for at the end
#else
  // LibTorch and the libraries behind it take a tenth of a second to take themselves apart.
  std::fflush(nullptr);
  std::quick_exit(code);
#endif
}
