#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <utility>

#include "cli/commands.hpp"
#include "cli/shipped_files.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/workspace.hpp"
#include "cluster/shell.hpp"
#include "files/whole_file.hpp"
#include "varia/error.hpp"
#include "varia/host/program.hpp"

namespace varia::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kLargestTemplate = 1 << 20;
constexpr std::size_t kLongestName = 64;

/// What stands in the templates for the name, and for the class.
const std::string kName = "my_component";
const std::string kClass = "MyComponent";

void check_name(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (name.empty() || name.size() > kLongestName ||
      !std::all_of(name.begin(), name.end(), allowed) || name.front() < 'a' || name.front() > 'z')
    throw ConfigError(fmt::format(
        "'{}' cannot be a component's name: expected a lower-case letter, then lower-case "
        "letters, digits and _, at most {} in all, as in my_vae",
        name, kLongestName));
}

/// "my_beta" of the kind loss: MyBetaLoss, so that no class is called like one of Varia's.
std::string class_name(const std::string& name, const std::string& kind) {
  const auto words = name.ends_with("_" + kind) ? name : name + "_" + kind;
  std::string result;
  bool starts = true;
  for (const char c : words) {
    if (c != '_') result += starts ? static_cast<char>(std::toupper(c)) : c;
    starts = c == '_';
  }
  return result;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

/// The files of a template and where they are to be written.
std::vector<std::pair<fs::path, fs::path>> files_of(const std::string& kind,
                                                    const std::string& name,
                                                    const fs::path& folder) {
  const auto templates = template_folder();
  return {{templates / "shared" / "CMakeLists.txt", folder / "CMakeLists.txt"},
          {templates / kind / (kName + ".cpp"), folder / (name + ".cpp")},
          {templates / kind / (kName + ".yaml"), folder / (name + ".yaml")}};
}

void check_free(const std::string& kind, const std::string& name) {
  const Workspace workspace;
  if (const auto* taken = workspace.registry.find(kind, name))
    throw ConfigError(fmt::format("there is a {} '{}' already, in {}. Choose another name.", kind,
                                  name, taken->file));
}

/// The three commands that build, test and run it.
std::string next_commands(const std::string& name, const fs::path& folder) {
  const auto quoted = [](const fs::path& path) { return cluster::shell_quoted(path.string()); };
  const auto program = own_program();
  const auto prefix = program.parent_path().parent_path();
  const bool known = prefix == "/usr" || prefix == "/usr/local";  // CMake looks there by itself
  return fmt::format(
      "  cmake -G Ninja -S {0} -B {1}{2} && cmake --build {1}\n"
      "  ctest --test-dir {1} --output-on-failure\n"
      "  {3} run {4}\n",
      quoted(folder), quoted(folder / "build"),
      known ? "" : " -DCMAKE_PREFIX_PATH=" + quoted(prefix), known ? "varia" : quoted(program),
      quoted(folder / (name + ".yaml")));
}

/// Whether a folder of PATH has a program of this name.
bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  std::error_code error;
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (fs::exists(fs::path(folder) / program, error)) return true;
  }
  return false;
}

/// What those commands need and this machine lacks: a package does not bring it with the program.
std::string missing_tools() {
  std::string missing;
  for (const std::string program : {"cmake", "ninja", "c++"}) {
    const bool chosen = program == "c++" && std::getenv("CXX");
    if (!chosen && !is_installed(program)) missing += (missing.empty() ? "" : ", ") + program;
  }
  return missing;
}

/// Writes a small working plugin, and says how to go on.
int create_plugin(const std::string& kind, const std::string& name, const fs::path& folder) {
  require_kind(kind);
  check_name(name);
  check_free(kind, name);
  const auto files = files_of(kind, name, folder);
  for (const auto& [from, to] : files) {
    if (fs::symlink_status(to).type() != fs::file_type::not_found)
      throw ConfigError(fmt::format(
          "{} is there already and is not overwritten. Name another folder: varia new {} {} DIR",
          to.string(), kind, name));
  }
  const auto type = class_name(name, kind);
  for (const auto& [from, to] : files) {
    const auto text = files::read_whole_file(from.string(), kLargestTemplate);
    files::write_whole_file(to.string(), replaced(replaced(text, kName, name), kClass, type));
    fmt::print("{}\n", to.string());
  }
  fmt::print("\nNext:\n{}", next_commands(name, folder));
  if (const auto missing = missing_tools(); !missing.empty()) {
    std::fflush(stdout);
    say(
        fmt::format("\nThese commands need {}, which PATH does not have. On Debian, as root:\n"
                    "  apt-get install g++ cmake ninja-build libtorch-dev\n",
                    missing));
  }
  return kAllDone;
}

}  // namespace

void add_new(CLI::App& app, Action& action) {
  const auto kind = std::make_shared<std::string>();
  const auto name = std::make_shared<std::string>();
  const auto folder = std::make_shared<std::string>();
  auto* command = app.add_subcommand(
      "new", "Write a small plugin that works, with its build file, test and experiment");
  command->add_option("kind", *kind, "model, loss, schedule, metric, view, density, ...")
      ->required()
      ->type_name("KIND");
  command
      ->add_option("name", *name,
                   "Of the component and its files: lower-case letters, digits and _")
      ->required()
      ->type_name("NEW_NAME");
  command->add_option("folder", *folder, "Where it is written (default: NAME)")->type_name("DIR");
  command->callback([=, &action] {
    action = [=] { return create_plugin(*kind, *name, folder->empty() ? *name : *folder); };
  });
}

}  // namespace varia::cli
