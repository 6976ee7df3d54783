#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

/// Text for a terminal. What comes from a file goes through `printable` first.
namespace varia::cli {

enum class Colour { red, green, yellow, bold };

/// How text is laid out on a stream.
struct TextStyle {
  std::size_t width = std::numeric_limits<std::size_t>::max();  ///< columns
  bool has_colour = false;
  /// The text between the commands for a colour, or as it is without colour.
  std::string coloured(Colour colour, const std::string& text) const;
};

/// Text from a file as UTF-8 for a terminal: control characters, and those that change the
/// direction of the text, are shown as `?`, and bytes that are not UTF-8 as U+FFFD, so that nothing
/// in a results file can move the cursor or turn the text around.
std::string printable(const std::string& text);

/// Columns that UTF-8 text takes on a terminal: 2 for a wide character (East Asian, emoji), 0 for
/// one that combines with the character before it.
std::size_t display_width(const std::string& text);

/// The beginning of a text that takes at most `width` columns; `end` stands in place of what was
/// cut off, if anything was.
std::string fit(const std::string& text, std::size_t width, const std::string& end = "");

/// Broken into lines of at most `width` columns, at spaces: a longer word stays whole. Lines after
/// the first begin with `indent` spaces. Line breaks that are there stay.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent = 0);

/// A number for people: five significant digits, "-" for NaN.
std::string short_number(double number);

/// "12 s", "3.4 min", "5.1 hours", "2.3 days"; "?" for NaN.
std::string time_text(double seconds);

/// "0.5 kB", "12 MB", "1.3 GB", of powers of 1000.
std::string bytes_text(double bytes);

/// "1 trial", "2 trials".
std::string count_text(std::size_t count, const std::string& noun);

/// "3 done, 1 failed": the counts that are not 0.
std::string counts_text(const std::vector<std::pair<std::size_t, std::string>>& counts);

}  // namespace varia::cli
