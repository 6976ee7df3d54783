#pragma once

#include <string>

/// Text from a results file for files that other programs read. Control characters become `?`, and
/// what is not UTF-8 becomes U+FFFD.
namespace varia::cli {

/// A cell of CSV (RFC 4180), in quotes where it needs them. Text that a spreadsheet would take for
/// a formula, beginning with = + - @ and not a number, gets an apostrophe in front (OWASP, "CSV
/// injection").
std::string csv_text(const std::string& text);

/// The shortest decimal text that reads back; empty for NaN.
std::string csv_number(double number);

/// Text of a LaTeX document, with all that LaTeX would obey escaped.
std::string latex_text(const std::string& text);

}  // namespace varia::cli
