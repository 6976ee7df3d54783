#pragma once

#include <exception>
#include <string>

namespace varia::cli {

/// Opens /dev/null in place of a standard stream that is closed (`varia run FILE >&-`). Without it
/// the next file or socket of the process would get the stream's number, and what is printed would
/// be written into it.
void open_standard_streams();

/// Writes out what is printed. @throws Error: it, or something before it, could not be written
void require_standard_output();

/// The message for an exception that nobody has foreseen; fmt throws one where standard output
/// cannot be written to.
std::string unexpected(const std::exception& error);

}  // namespace varia::cli
