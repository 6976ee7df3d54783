#include "cli/terminal/text.hpp"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace varia::cli {

namespace {

/// Calls `visit(code point, bytes)` for each character; -1 for a byte that is not UTF-8. Ends early
/// if it returns false.
template <class Visit>
void for_each_character(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    utf8proc_int32_t character = -1;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto found =
        utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &character);
    const auto size = found > 0 ? static_cast<std::size_t>(found) : 1;
    if (!visit(character, text.substr(0, size))) return;
    text.remove_prefix(size);
  }
}

/// Terminals obey control characters, also those beyond ASCII. LRE to RLO and LRI to PDI change the
/// direction of the text.
bool is_obeyed(utf8proc_int32_t character) {
  return utf8proc_category(character) == UTF8PROC_CATEGORY_CC ||
         (character >= 0x202A && character <= 0x202E) ||
         (character >= 0x2066 && character <= 0x2069);
}

std::size_t width_of(utf8proc_int32_t character) {
  return character < 0 ? 1 : static_cast<std::size_t>(std::max(0, utf8proc_charwidth(character)));
}

/// Two digits, and no exponent.
std::string rough(double number) { return fmt::format("{:.{}f}", number, number < 9.95 ? 1 : 0); }

}  // namespace

std::string printable(const std::string& text) {
  std::string shown;
  for_each_character(text, [&](utf8proc_int32_t character, std::string_view bytes) {
    if (character < 0)
      shown += "\xEF\xBF\xBD";
    else if (is_obeyed(character))
      shown += '?';
    else
      shown += bytes;
    return true;
  });
  return shown;
}

std::size_t display_width(const std::string& text) {
  std::size_t width = 0;
  for_each_character(text, [&](utf8proc_int32_t character, std::string_view) {
    width += width_of(character);
    return true;
  });
  return width;
}

std::string fit(const std::string& text, std::size_t width, const std::string& end) {
  if (display_width(text) <= width) return text;
  const auto end_width = display_width(end);
  if (end_width > width) return "";
  const auto room = width - end_width;
  std::size_t used = 0;
  std::string cut;
  for_each_character(text, [&](utf8proc_int32_t character, std::string_view bytes) {
    used += width_of(character);
    if (used <= room) cut += bytes;
    return used <= room;
  });
  return cut + end;
}

std::string wrapped(const std::string& text, std::size_t width, std::size_t indent) {
  std::string result;
  std::size_t used = 0;     // of the line
  bool is_at_start = true;  // no word of the line yet
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\n') {
      result += text[i++];
      used = 0;
      is_at_start = true;
      continue;
    }
    const auto word_begin = std::min(text.find_first_not_of(' ', i), text.size());
    const auto word_end = std::min(text.find_first_of(" \n", word_begin), text.size());
    const auto spaces = word_begin - i;
    const auto word = text.substr(word_begin, word_end - word_begin);
    const auto word_width = display_width(word);
    if (!is_at_start && used + spaces + word_width > width) {
      result += "\n" + std::string(indent, ' ') + word;
      used = indent + word_width;
    } else {
      result += std::string(spaces, ' ') + word;
      used += spaces + word_width;
    }
    is_at_start = false;
    i = word_end;
  }
  return result;
}

std::string TextStyle::coloured(Colour colour, const std::string& text) const {
  if (!has_colour || text.empty()) return text;
  const auto code = colour == Colour::bold    ? 1
                    : colour == Colour::red   ? 31
                    : colour == Colour::green ? 32
                                              : 33;
  return fmt::format("\033[{}m{}\033[0m", code, text);
}

std::string short_number(double number) {
  return std::isnan(number) ? "-" : fmt::format("{:.5g}", number);
}

std::string time_text(double seconds) {
  if (std::isnan(seconds)) return "?";
  if (seconds < 90) return rough(seconds) + " s";
  if (seconds < 90 * 60.0) return rough(seconds / 60) + " min";
  if (seconds < 48 * 3600.0) return rough(seconds / 3600) + " hours";
  return rough(seconds / 86400) + " days";
}

std::string bytes_text(double bytes) {
  if (std::isnan(bytes)) return "?";
  if (bytes < 1e6) return rough(bytes / 1e3) + " kB";
  if (bytes < 1e9) return rough(bytes / 1e6) + " MB";
  return rough(bytes / 1e9) + " GB";
}

std::string count_text(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string counts_text(const std::vector<std::pair<std::size_t, std::string>>& counts) {
  std::string text;
  for (const auto& [count, what] : counts)
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
  return text;
}

}  // namespace varia::cli
