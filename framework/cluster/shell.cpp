#include "cluster/shell.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>

#include "varia/error.hpp"

namespace varia::cluster {
namespace {

/// Nothing in it means anything to a shell or to sbatch.
bool is_plain(const std::string& text) {
  constexpr std::string_view marks = "_@%+=:,./-";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// A file without a name: what is printed into it never makes its writer wait, as a pipe would.
File temporary_file() {
  File file(std::tmpfile(), &std::fclose);
  if (!file)
    throw Error("no temporary file can be made: " + std::generic_category().message(errno));
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

std::vector<std::string> environment_with(const std::map<std::string, std::string>& additions) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!additions.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto& [name, value] : additions) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (auto& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

std::string shell_quoted(const std::string& text) {
  if (is_plain(text)) return text;
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'')
      quoted += R"('\'')";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::string shell_words(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    line += shell_quoted(word);
  }
  return line;
}

std::string directive(const std::string& option, const std::string& value) {
  if (std::any_of(value.begin(), value.end(),
                  [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
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

std::optional<CommandOutcome> run_command(const std::vector<std::string>& words,
                                          const std::map<std::string, std::string>& environment) {
  auto arguments = words;
  auto variables = environment_with(environment);
  const auto out = temporary_file();
  const auto err = temporary_file();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(out.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(err.get()), STDERR_FILENO);
  pid_t process = 0;
  const int failure = ::posix_spawnp(&process, arguments[0].c_str(), &actions, nullptr,
                                     pointers(arguments).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failure == ENOENT) return std::nullopt;
  if (failure != 0)
    throw Error(words[0] + " cannot be started: " + std::generic_category().message(failure));
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return CommandOutcome{code, content(out), content(err)};
}

}  // namespace varia::cluster
