#include "results/provenance.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace varia::results {

namespace {

constexpr std::string_view kVaria = "varia ";
constexpr std::string_view kTorch = "LibTorch ";
constexpr std::string_view kBetween = ", ";

}  // namespace

std::string ProgramVersions::text() const {
  std::string text(kVaria);
  return text.append(varia).append(kBetween).append(kTorch).append(torch);
}

ProgramVersions read_versions(const std::string& versions) {
  std::string_view rest = versions;
  const auto next = [&](std::string_view name) {
    if (!rest.starts_with(name)) return std::string();
    const auto version = rest.substr(name.size(), rest.find(kBetween) - name.size());
    rest.remove_prefix(std::min(rest.size(), name.size() + version.size() + kBetween.size()));
    return std::string(version);
  };
  ProgramVersions read;
  read.varia = next(kVaria);
  read.torch = next(kTorch);
  return read;
}

std::vector<PluginBuild> read_plugins(const std::string& plugins) {
  std::vector<PluginBuild> builds;
  std::istringstream lines(plugins);
  for (std::string line; std::getline(lines, line);) {
    PluginBuild build;
    if (std::istringstream(line) >> build.name >> build.version >> build.digest)
      builds.push_back(std::move(build));
  }
  return builds;
}

}  // namespace varia::results
