#include "cli/terminal/amounts.hpp"

#include <fmt/format.h>

#include <cmath>

namespace varia::cli {

namespace {

/// Two digits, and no exponent.
std::string rough(double number) { return fmt::format("{:.{}f}", number, number < 9.95 ? 1 : 0); }

}  // namespace

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

}  // namespace varia::cli
