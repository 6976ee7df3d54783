#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/plugins/catalogue.hpp"
#include "cli/terminal/table.hpp"
#include "cli/workspace.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

void require_kind(const std::string& kind) {
  const auto& kinds = component_kinds();
  if (!kind.empty() && std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
    throw ConfigError(
        fmt::format("'{}' is no kind of component. {}", kind, suggestion(kind, kinds)));
}

}  // namespace

int plugins(const std::string& kind, bool json) {
  require_kind(kind);
  const Workspace workspace;
  if (json) {
    auto list = nlohmann::json::array();
    for (const auto* component : workspace.registry.list(kind))
      list.push_back(nlohmann::json::parse(component_json(*component)));
    auto failures = nlohmann::json::array();
    for (const auto& failure : workspace.host.failures()) failures.push_back(failure);
    fmt::print("{}\n", nlohmann::json({{"components", list}, {"left_out", failures}}).dump(2));
    return kAllDone;
  }
  Table table({"kind", "name", "what it is"});
  for (const auto* component : workspace.registry.list(kind))
    table.add({component->kind, component->name, component->doc});
  fmt::print("{}", table.text());
  workspace.print_failures();
  return kAllDone;
}

int describe(const std::string& name, const std::string& kind, bool json) {
  require_kind(kind);
  const Workspace workspace;
  std::vector<const ComponentInfo*> found;
  std::vector<std::string> known;
  for (const auto* component : workspace.registry.list(kind)) {
    known.push_back(component->name);
    if (component->name == name) found.push_back(component);
  }
  if (found.empty()) {
    workspace.print_failures();
    throw ConfigError(
        fmt::format("no component is called '{}'. {}", name, suggestion(name, known)));
  }
  if (json) {
    auto list = nlohmann::json::array();
    for (const auto* component : found)
      list.push_back(nlohmann::json::parse(component_json(*component)));
    fmt::print("{}\n", list.dump(2));
    return kAllDone;
  }
  for (std::size_t i = 0; i < found.size(); ++i)
    fmt::print("{}{}", i == 0 ? "" : "\n", component_page(*found[i]));
  return kAllDone;
}

}  // namespace varia::cli
