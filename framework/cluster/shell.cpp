#include "cluster/shell.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "varia/error.hpp"
#include "varia/host/descriptor.hpp"
#include "varia/host/spawn.hpp"

namespace varia::cluster {
namespace {

/// Nothing in it means anything to a shell or to sbatch.
bool is_plain(const std::string& text) {
  return !text.empty() && text.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "_@%+=:,./-") == std::string::npos;
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// A file without a name: what is printed into it never makes its writer wait, as a pipe would.
File temporary_file() {
  File file(std::tmpfile(), &std::fclose);
  if (!file) throw Error("no temporary file can be made: " + system_reason(errno));
  return file;
}

std::string content(const File& file) {
  std::string text;
  char buffer[4096];
  std::rewind(file.get());
  while (const auto count = std::fread(buffer, 1, sizeof buffer, file.get()))
    text.append(buffer, count);
  return text;
}

}  // namespace

bool has_control_character(const std::string& text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

std::string shell_quoted(const std::string& text) {
  if (is_plain(text)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? R"('\'')" : std::string(1, c);
  return quoted + "'";
}

std::string shell_words(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_quoted(word);
  return line;
}

std::string directive(const std::string& option, const std::string& value) {
  if (has_control_character(value))
    throw ConfigError(
        fmt::format("--{}: a line break or another control character cannot be "
                    "passed to sbatch",
                    option));
  std::string line = "#SBATCH --" + option;
  if (value.empty()) return line + "\n";
  if (is_plain(value)) return line + "=" + value + "\n";
  // sbatch takes what follows a backslash as it is, inside quotes as well.
  std::string quoted;
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return line + "=\"" + quoted + "\"\n";
}

std::optional<CommandOutcome> run_command(const std::vector<std::string>& words) {
  const auto out = temporary_file();
  const auto err = temporary_file();
  std::error_code error;
  const auto process = spawn(words, {.out = ::fileno(out.get()), .err = ::fileno(err.get())},
                             SpawnSession::shared, error);
  if (error == std::errc::no_such_file_or_directory) return std::nullopt;
  if (error) throw Error(words[0] + " cannot be started: " + error.message());
  const int status = wait_for_end(process, error);
  if (error) throw Error(words[0] + ": how it ended cannot be told: " + error.message());
  const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return CommandOutcome{code, content(out), content(err)};
}

}  // namespace varia::cluster
