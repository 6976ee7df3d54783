#include "results/provenance.hpp"

#include <H5public.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "results/lists.hpp"

namespace varia::results {

std::string plugins_text(const std::vector<PluginVersion>& plugins) {
  std::string text;
  for (const auto& plugin : plugins)
    text += plugin.name + " " + plugin.version + " " + plugin.digest + "\n";
  return text;
}

std::vector<PluginVersion> plugins_from_text(const std::string& text) {
  std::vector<PluginVersion> plugins;
  for (const auto& line : split_at(text, '\n')) {
    if (line.empty()) continue;
    auto words = split_at(line, ' ');
    words.resize(3);
    plugins.push_back({words[0], words[1], words[2]});
  }
  return plugins;
}

namespace {

/// What stands before each version in the text, in order. BLAS and compiler name themselves.
constexpr std::array<std::pair<const char*, std::string Versions::*>, 5> kVersionFields{
    {{"varia ", &Versions::varia},
     {"LibTorch ", &Versions::torch},
     {"HDF5 ", &Versions::hdf5},
     {"", &Versions::blas},
     {"", &Versions::compiler}}};

constexpr const char* kSeparator = ", ";

}  // namespace

std::string hdf5_version() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  H5get_libversion(&major, &minor, &release);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

std::string Versions::short_text() const { return "varia " + varia + ", LibTorch " + torch; }

std::string versions_text(const Versions& versions) {
  std::string text;
  for (const auto& [name, member] : kVersionFields)
    text += (text.empty() ? "" : kSeparator) + (name + versions.*member);
  return text;
}

Versions versions_from_text(const std::string& text) {
  Versions versions;
  std::size_t begin = 0;
  for (const auto& [name, member] : kVersionFields) {
    if (begin >= text.size()) break;
    const auto end = std::min(text.find(kSeparator, begin), text.size());
    auto part = text.substr(begin, end - begin);
    if (part.starts_with(name)) versions.*member = part.substr(std::string_view(name).size());
    begin = end + std::string_view(kSeparator).size();
  }
  return versions;
}

}  // namespace varia::results
