#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "cli/commands.hpp"
#include "cli/help_text.hpp"
#include "cli/workspace.hpp"
#include "conformance/check.hpp"
#include "conformance/device_checks.hpp"
#include "conformance/fake_device.hpp"
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

/// Runs the checks of framework/conformance on the components of a plugin file.
/// @param given NAME={KEY: VALUE, ...}
int test_plugin(const std::string& library, const std::vector<std::string>& given) {
  Workspace workspace;
  std::error_code missing;
  if (std::filesystem::is_directory(library, missing))
    throw PluginError(library, "it is a folder; name one of its plugin files");
  workspace.host.load(library);
  auto& registry = workspace.registry;
  const auto file = std::filesystem::canonical(library).string();
  std::vector<const ComponentInfo*> components;
  for (const auto* component : registry.list())
    if (component->file == file) components.push_back(component);
  if (components.empty())
    throw PluginError(file, "it registers no component. Call registry.add<T>() in VARIA_PLUGIN.");
  const auto parameters = read_parameters(given, components);
  registry.set_plugin(HostKey{}, "varia", "1.0.0", "varia test-plugin");
  conformance::add_synthetic_data(registry);
  conformance::add_fake_device();
  conformance::explain_access(kSomeFailed);

  std::size_t count = 0;
  std::size_t failed = 0;
  // Made behind the first line: should one of them crash, it is known that the checks had begun.
  std::optional<std::vector<const ComponentInfo*>> models;
  for (const auto* component : components) {
    fmt::print("{} {}\n", component->kind, component->name);
    std::fflush(stdout);
    if (!models) models = conformance::models_of_defaults(registry);
    const auto own = parameters.find(component->name);
    const conformance::Subject subject{registry, *component,
                                       own == parameters.end() ? Value() : own->second, *models};
    for (const auto& checks : {conformance::checks_of(component->kind),
                               conformance::device_checks_of(component->kind)}) {
      for (const auto& check : checks) {
        ++count;
        if (!run_check(check, subject)) ++failed;
      }
    }
  }
  fmt::print("{} of {} checks hold\n", count - failed, count);
  if (failed > 0)
    fmt::print(
        "What a component needs to be made is given by --parameters: varia test-plugin --help\n");
  return failed == 0 ? kAllDone : kSomeFailed;
}

}  // namespace

void add_test_plugin(CLI::App& app, Action& action) {
  const auto library = std::make_shared<std::string>();
  const auto parameters = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand(
      "test-plugin", "Check a plugin against what every component of its kinds keeps to");
  command->add_option("file", *library, "The library that CMake built")
      ->required()
      ->type_name("FILE.so");
  command
      ->add_option("--parameters", *parameters,
                   "What a component needs to be made (repeatable): 'my_ramp={epochs: 2}'")
      ->type_name("NAME={...}")
      ->allow_extra_args(false);
  set_exit_codes(*command, {{kAllDone, "it keeps to all of it"},
                            {kSomeFailed, "it does not"},
                            {kWrong, "it cannot be opened"}});
  command->callback([=, &action] { action = [=] { return test_plugin(*library, *parameters); }; });
}

}  // namespace varia::cli
