#include "varia/data_folder.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <system_error>

#include "varia/error.hpp"
#include "varia/host/program.hpp"
#include "varia/host/spawn.hpp"
#include "varia/parameters.hpp"

namespace varia {

namespace fs = std::filesystem;

namespace {

/// The value of an environment variable; empty if it is not set.
std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

/// The program that fetches data; nullopt if there is none.
std::optional<fs::path> fetch_program() {
  if (const auto given = environment("VARIA_FETCH_DATA"); !given.empty()) return given;
  std::error_code error;
  const auto folder = own_program().parent_path();
  // <source tree>/build/<preset>/bin/varia, <prefix>/bin/varia
  for (const char* place : {"../../../tools/fetch-data", "../libexec/varia/fetch-data"}) {
    const auto program = (folder / place).lexically_normal();
    if (fs::is_regular_file(program, error)) return program;
  }
  return {};
}

/// Runs a program with one argument; its stdout goes to stderr.
/// @returns what went wrong; empty if nothing did
std::string run(const fs::path& program, const std::string& argument) {
  std::error_code error;
  // A name without a slash would be looked for in PATH.
  const auto path = fs::absolute(program, error).string();
  if (error) return "it cannot be found: " + error.message();
  const auto child = spawn({path, argument}, {.out = STDERR_FILENO}, SpawnSession::shared, error);
  if (error) return "it cannot be started: " + error.message();
  const int status = wait_for_end(child, error);
  if (error) return "how it ended cannot be told: " + error.message();
  if (WIFSIGNALED(status)) return "it ended by signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) != 0) return "it ended with code " + std::to_string(WEXITSTATUS(status));
  return {};
}

/// The files that are missing, separated by commas.
std::string missing(const fs::path& folder, const std::vector<std::string>& files) {
  std::string text;
  for (const auto& file : files) {
    std::error_code error;
    if (fs::is_regular_file(folder / file, error)) continue;
    text += (text.empty() ? "" : ", ") + file;
  }
  return text;
}

/// Relative to the experiment file, or to the working folder if it is from the command line.
fs::path placed(const fs::path& path, const Location& where) {
  if (path.is_absolute() || where.line == 0) return path;
  return fs::path(where.file).parent_path() / path;
}

}  // namespace

fs::path data_folder() {
  if (const auto given = environment("VARIA_DATA"); !given.empty()) return given;
  const auto home = environment("HOME");
  if (home.empty()) {
    throw DataError("",
                    "there is no folder for data sets: neither VARIA_DATA nor HOME is set. "
                    "Set VARIA_DATA to a folder.");
  }
  return fs::path(home) / ".cache" / "varia";
}

fs::path require_data(const std::string& name, const std::vector<std::string>& files) {
  const auto folder = data_folder() / name;
  if (missing(folder, files).empty()) return folder;

  const auto program = fetch_program();
  const auto trouble = program ? run(*program, name) : std::string();
  const auto lacking = missing(folder, files);
  if (lacking.empty()) return folder;

  std::string message = "data set " + name + ": missing here: " + lacking + ". ";
  if (!program) {
    message += "There is no fetch-data beside this program. Run 'tools/fetch-data " + name +
               "' of Varia's source tree, or set VARIA_FETCH_DATA to it,";
  } else if (!trouble.empty()) {
    message += program->string() + " " + name + " did not bring it: " + trouble +
               "; its own messages stand above. Mend that,";
  } else {
    message += program->string() + " " + name +
               " ended without an error, but did not bring it. "
               "Remove what is in the folder and run again,";
  }
  message += " or put the files there, or set VARIA_DATA to a folder that has " + name + "/.";
  throw DataError(folder.string(), message);
}

fs::path input_path(const Text& parameter) {
  auto path = placed(parameter(), parameter.where());
  if (const fs::path copies = environment("VARIA_FILES_FOLDER"); !copies.empty()) {
    auto copy = copies / fs::absolute(path).lexically_normal().relative_path();
    std::error_code error;
    if (fs::exists(copy, error)) return copy;
  }
  return path;
}

fs::path existing_input_path(const Text& parameter) {
  auto path = input_path(parameter);
  std::error_code error;
  if (fs::status(path, error).type() == fs::file_type::not_found) {
    const auto near = nearest_file(path);
    throw DataError(parameter.where().text(),
                    parameter.name() + ": " + path.string() +
                        " cannot be read: No such file or directory." +
                        (near.empty() ? "" : " Did you mean '" + near + "'?"));
  }
  return path;
}

std::string nearest_file(const fs::path& path, std::string_view ending) {
  // Without their endings, which all have in common.
  std::map<std::string, std::string> names;
  std::error_code error;
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator entry(folder, error), none; !error && entry != none;
       entry.increment(error)) {
    const auto name = entry->path().filename();
    if (!name.string().ends_with(ending)) continue;
    auto& known = names[name.stem().string()];
    known = known.empty() ? name.string() : std::min(known, name.string());
  }
  std::vector<std::string> stems;
  for (const auto& [stem, name] : names) stems.push_back(stem);
  const auto stem = nearest_name(path.stem().string(), stems);
  return stem.empty() ? "" : (path.parent_path() / names.at(stem)).string();
}

fs::path written_path(const Value& path) { return placed(path.text(), path.where()); }

}  // namespace varia
