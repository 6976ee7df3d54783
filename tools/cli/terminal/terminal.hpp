#pragma once

#include <cstddef>
#include <exception>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/terminal/text.hpp"

/// The standard streams of the program, and the terminal behind them.
namespace varia::cli {

/// Opens /dev/null in place of a standard stream that is closed (`varia run FILE >&-`). Without it
/// the next file or socket of the process would get the stream's number, and what is printed would
/// be written into it.
void open_standard_streams();

/// Prints JSON to standard output. Text of a results file need not be UTF-8: other bytes become
/// U+FFFD.
void print_json(const nlohmann::json& document);

/// Writes out what is printed. @throws Error: it, or something before it, could not be written
void require_standard_output();

/// The message for an exception that is not an Error. fmt throws one if standard output cannot be
/// written to, std::filesystem if a path cannot be followed: a folder that may not be entered, a
/// link that leads to itself.
std::string unexpected(const std::exception& error);

/// Writes text to standard error. A text that cannot be written is lost and changes nothing else:
/// no command fails for that.
void say(const std::string& text);
/// Prints a message to standard error. It may quote a file of someone else, whose control
/// characters a terminal would obey.
void print_error(const std::string& message);
/// The same behind "note: ".
void print_note(const std::string& note);

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

/// The size of the terminal behind a descriptor; the usual one if there is none, or if it does
/// not tell.
TerminalSize terminal_size(int descriptor);

/// The width of the terminal behind a descriptor, with colour unless NO_COLOR is set or TERM is
/// "dumb"; what is no terminal takes any width, and has none.
TextStyle style_of(int descriptor);
/// That of standard output. @param wide any width all the same
TextStyle output_style(bool wide = false);

/// Asks on the terminal, on standard error, whether to continue. `yes` answers for the user.
/// @param what is done: "Remove these for good?"
/// @throws ConfigError if there is no terminal to ask on
bool confirm(const std::string& what, bool yes);

}  // namespace varia::cli
