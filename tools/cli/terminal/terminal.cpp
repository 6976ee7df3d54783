#include "cli/terminal/terminal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "cli/terminal/text.hpp"
#include "training/messages.hpp"
#include "varia/error.hpp"

namespace varia::cli {

void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    // The lowest number that is free is this stream's: those below it are open.
    [[maybe_unused]] const int file =
        ::open("/dev/null", stream == STDIN_FILENO ? O_RDONLY : O_WRONLY);
  }
}

void print_json(const nlohmann::json& document) {
  fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

void require_standard_output() {
  const bool is_flushed = std::fflush(stdout) == 0;
  if (is_flushed && std::ferror(stdout) == 0) return;
  throw Error("standard output cannot be written to; is the disk full?");
}

std::string unexpected(const std::exception& error) {
  try {
    require_standard_output();
  } catch (const Error& lost) {
    return lost.what();
  }
  if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&error))
    return file->path1().string() + ": " + file->code().message();
  return "unexpected error: " + training::one_line(error);
}

void say(const std::string& text) { std::fputs(text.c_str(), stderr); }

void print_error(const std::string& message) {
  const auto width = style_of(STDERR_FILENO).width;
  std::istringstream lines(message);
  for (std::string line; std::getline(lines, line);) say(wrapped(printable(line), width, 2) + "\n");
}

void print_note(const std::string& note) { print_error("note: " + note); }

TerminalSize terminal_size(int descriptor) {
  TerminalSize result;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0) return result;
  if (size.ws_col > 0) result.columns = size.ws_col;
  if (size.ws_row > 0) result.rows = size.ws_row;
  return result;
}

TextStyle style_of(int descriptor) {
  if (::isatty(descriptor) == 0) return {};
  const auto is_set = [](const char* name, std::string_view value) {
    const char* found = std::getenv(name);
    return found != nullptr && (value.empty() ? *found != '\0' : found == value);
  };
  return {terminal_size(descriptor).columns, !is_set("NO_COLOR", "") && !is_set("TERM", "dumb")};
}

TextStyle output_style(bool wide) {
  auto style = style_of(STDOUT_FILENO);
  if (wide) style.width = TextStyle().width;
  return style;
}

bool confirm(const std::string& what, bool yes) {
  if (yes) return true;
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0)
    throw ConfigError(what + " There is no terminal to ask on: nothing was removed; --yes does it");
  say(what + " [y/N] ");
  std::fflush(stderr);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace varia::cli
