#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/workspace.hpp"
#include "experiment/list_entry.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

/// "real or schedule, default 1, [0, 10]"
std::string signature(const ParameterDoc& doc) {
  auto text = doc.type;
  if (!doc.default_value.empty()) text += ", default " + doc.default_value;
  if (!doc.range.empty()) text += ", " + doc.range;
  return text;
}

void add_rows(Table& table, const std::vector<ParameterDoc>& docs, const std::string& prefix) {
  for (const auto& doc : docs) {
    table.add({"  " + prefix + doc.name, signature(doc)});
    table.add({"", doc.doc});
    add_rows(table, doc.members, prefix + doc.name + ".");
  }
}

/// Metrics and views are entries of a list, which say when they are evaluated.
bool has_every(const ComponentInfo& component) {
  return component.kind == "metric" || component.kind == "view";
}

std::string every_text(const ComponentInfo& component) {
  return component.every == experiment::ListEntry::kLast ? "last" : std::to_string(component.every);
}

nlohmann::json to_json(const std::vector<ParameterDoc>& docs) {
  auto list = nlohmann::json::array();
  for (const auto& doc : docs) {
    nlohmann::json entry = {{"name", doc.name},
                            {"type", doc.type},
                            {"default", doc.default_value},
                            {"range", doc.range},
                            {"doc", doc.doc}};
    if (!doc.members.empty()) entry["members"] = to_json(doc.members);
    list.push_back(std::move(entry));
  }
  return list;
}

/// A component's page: what it is, where it comes from, its parameters.
std::string component_page(const ComponentInfo& component) {
  const auto params = component.make_params();
  const auto width = output_style().width;
  auto page = fmt::format(
      "{} {}\n{}\n{}\n", component.kind, component.name, wrapped("  " + component.doc, width, 2),
      wrapped(
          fmt::format("  plugin {} {}, {}", component.plugin, component.version, component.file),
          width, 4));
  const auto docs = params->describe();
  if (docs.empty() && !has_every(component)) return page + "\n  It takes no parameters.\n";
  Table table({"  parameter", "what it takes"});
  add_rows(table, docs, "");
  if (has_every(component)) {
    table.add({"  every", "whole number of epochs or 'last', default " + every_text(component)});
    table.add({"", "From one evaluation to the next; the last epoch is always among them."});
  }
  return page + "\n" + table.text(output_style());
}

nlohmann::json component_json(const ComponentInfo& component) {
  nlohmann::json json = {{"kind", component.kind},
                         {"name", component.name},
                         {"doc", component.doc},
                         {"plugin", component.plugin},
                         {"version", component.version},
                         {"file", component.file},
                         {"parameters", to_json(component.make_params()->describe())}};
  if (has_every(component)) json["every"] = every_text(component);
  return json;
}

int plugins(const std::string& kind, bool json) {
  if (!kind.empty()) require_kind(kind);
  const Workspace workspace;
  if (json) {
    auto list = nlohmann::json::array();
    for (const auto* component : workspace.registry.list(kind))
      list.push_back(component_json(*component));
    auto failures = nlohmann::json::array();
    for (const auto& failure : workspace.host.failures()) failures.push_back(failure);
    print_json({{"components", list}, {"left_out", failures}});
    return kAllDone;
  }
  Table table({{"kind", 1}, "name", "what it is"});
  for (const auto* component : workspace.registry.list(kind))
    table.add({component->kind, component->name, component->doc});
  fmt::print("{}", table.text(output_style()));
  workspace.print_failures();
  return kAllDone;
}

int describe(const std::string& name, const std::string& kind, bool json) {
  if (!kind.empty()) require_kind(kind);
  const Workspace workspace;
  std::vector<const ComponentInfo*> found;
  std::vector<std::string> known;
  for (const auto* component : workspace.registry.list(kind)) {
    // Several kinds may have a component of one name.
    if (std::ranges::find(known, component->name) == known.end()) known.push_back(component->name);
    if (component->name == name) found.push_back(component);
  }
  if (found.empty()) {
    workspace.print_failures();
    throw ConfigError(
        fmt::format("no component is called '{}'. {}", name, suggestion(name, known)));
  }
  if (json) {
    auto list = nlohmann::json::array();
    for (const auto* component : found) list.push_back(component_json(*component));
    print_json(list);
    return kAllDone;
  }
  for (std::size_t i = 0; i < found.size(); ++i)
    fmt::print("{}{}", i == 0 ? "" : "\n", component_page(*found[i]));
  return kAllDone;
}

}  // namespace

void add_plugins(CLI::App& app, Action& action) {
  const auto kind = std::make_shared<std::string>();
  const auto json = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("plugins", "List the components that experiments can name");
  command->add_option("kind", *kind, "Only this kind: model, loss, metric, ...")->type_name("KIND");
  command->add_flag("--json", *json, "Print JSON, with all parameters");
  command->callback([=, &action] { action = [=] { return plugins(*kind, *json); }; });
}

void add_describe(CLI::App& app, Action& action) {
  const auto name = std::make_shared<std::string>();
  const auto kind = std::make_shared<std::string>();
  const auto json = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("describe", "Show a component's parameters");
  command->add_option("name", *name, "Its name, as `varia plugins` lists it")
      ->required()
      ->type_name("COMPONENT");
  command->add_option("--kind", *kind, "Its kind, where several kinds have the name")
      ->type_name("KIND");
  command->add_flag("--json", *json, "Print JSON");
  command->callback([=, &action] { action = [=] { return describe(*name, *kind, *json); }; });
}

}  // namespace varia::cli
