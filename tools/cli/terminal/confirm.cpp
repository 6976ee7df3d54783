#include "cli/terminal/confirm.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "varia/error.hpp"

namespace varia::cli {

bool confirm(const std::string& what, bool yes) {
  if (yes) return true;
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0)
    throw ConfigError(what + " There is no terminal to ask on: nothing was removed; --yes does it");
  fmt::print(stderr, "{} [y/N] ", what);
  std::fflush(stderr);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace varia::cli
