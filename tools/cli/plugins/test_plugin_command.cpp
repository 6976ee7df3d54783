#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "cli/options.hpp"
#include "cli/plugins/author_commands.hpp"
#include "cli/workspace.hpp"
#include "conformance/check.hpp"
#include "experiment/yaml/yaml_reader.hpp"
#include "varia/error.hpp"
#include "varia/host/host_key.hpp"

namespace varia::cli {

namespace {

constexpr std::size_t kMostFindings = 5;  ///< of one check; the rest is mostly the same

/// @param texts NAME={...}
/// @param components what may be named
std::map<std::string, Value> read_parameters(const std::vector<std::string>& texts,
                                             const std::vector<const ComponentInfo*>& components) {
  std::vector<std::string> names;
  for (const auto* component : components) names.push_back(component->name);
  std::map<std::string, Value> parameters;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos)
      throw ConfigError(fmt::format("--parameters {}: expected NAME={{KEY: VALUE, ...}}", text));
    const auto name = text.substr(0, equals);
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw ConfigError(fmt::format("--parameters: the plugin has no component '{}'. {}", name,
                                    suggestion(name, names)));
    const auto value = experiment::read_yaml_value(text.substr(equals + 1), {"--parameters"});
    if (value.kind() != Value::Kind::map)
      throw ConfigError(fmt::format("--parameters {}: expected a map behind '=', found {}", text,
                                    value.describe()));
    parameters[name] = value;
  }
  return parameters;
}

/// @returns whether the component keeps to it
bool run_check(const conformance::Check& check, const conformance::Subject& subject) {
  fmt::print("  {}: ", check.name);
  std::fflush(stdout);  // should the plugin crash, this is the last line
  const auto findings = conformance::run(check, subject);
  fmt::print("{}\n", findings.empty() ? "yes" : "NO");
  for (std::size_t i = 0; i < std::min(findings.size(), kMostFindings); ++i)
    fmt::print("    {}\n", findings[i]);
  if (findings.size() > kMostFindings)
    fmt::print("    and {} more\n", findings.size() - kMostFindings);
  return findings.empty();
}

}  // namespace

int test_plugin(const TestPluginOptions& options) {
  Workspace workspace;
  workspace.host.load(options.file);
  auto& registry = workspace.registry;
  const auto file = std::filesystem::canonical(options.file).string();
  std::vector<const ComponentInfo*> components;
  for (const auto* component : registry.list())
    if (component->file == file) components.push_back(component);
  if (components.empty())
    throw PluginError(file, "it registers no component. Call registry.add<T>() in VARIA_PLUGIN.");
  const auto parameters = read_parameters(options.parameters, components);
  registry.set_plugin(HostKey{}, "varia", "1.0.0", "varia test-plugin");
  conformance::add_synthetic_data(registry);

  std::size_t count = 0;
  std::size_t failed = 0;
  for (const auto* component : components) {
    fmt::print("{} {}\n", component->kind, component->name);
    const auto given = parameters.find(component->name);
    const conformance::Subject subject{registry, *component,
                                       given == parameters.end() ? Value() : given->second,
                                       conformance::models_of_defaults(registry)};
    for (const auto& check : conformance::checks_of(component->kind)) {
      ++count;
      if (!run_check(check, subject)) ++failed;
    }
  }
  fmt::print("{} of {} checks hold\n", count - failed, count);
  if (failed > 0)
    fmt::print(
        "What a component needs to be made is given by --parameters: varia test-plugin --help\n");
  return failed == 0 ? kAllDone : kSomeFailed;
}

}  // namespace varia::cli
