#include "sweep/run_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <string_view>
#include <system_error>

#include "files/whole_file.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

using results::TrialState;

bool Rerun::covers(const results::TrialStatus& trial) const {
  if (what == What::listed) {
    const auto found = tokens.find(trial.id);
    return found != tokens.end() && found->second == trial.published.token;
  }
  return (what == What::failed && trial.state == TrialState::failed) ||
         (what == What::stale && trial.state == TrialState::stale);
}

Rerun rerun_named(const std::string& name) {
  if (name == "failed") return {Rerun::What::failed};
  if (name == "stale") return {Rerun::What::stale};
  if (!name.starts_with('@')) return {};
  constexpr std::uint64_t kLargestFile = std::uint64_t{64} << 20;
  const auto path = name.substr(1);
  Rerun rerun{Rerun::What::listed};
  std::istringstream lines(files::read_whole_file(path, kLargestFile));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const auto blank = std::min(line.find(' '), line.size());
    const auto text = std::string_view(line).substr(std::min(blank + 1, line.size()));
    std::uint64_t token = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), token);
    if (blank == 0 || error != std::errc() || rest != text.data() + text.size())
      throw ConfigError(
          fmt::format("{}:{}: expected the id of a trial and the token of its result, "
                      "found '{}'",
                      path, number, line));
    rerun.tokens[line.substr(0, blank)] = token;
  }
  return rerun;
}

}  // namespace varia::sweep
