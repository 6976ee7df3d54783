#include "cli/plugins/catalogue.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/terminal/table.hpp"
#include "experiment/list_entry.hpp"

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

}  // namespace

std::string component_page(const ComponentInfo& component) {
  const auto params = component.make_params();
  auto page = fmt::format("{} {}\n  {}\n  plugin {} {}, {}\n", component.kind, component.name,
                          component.doc, component.plugin, component.version, component.file);
  const auto docs = params->describe();
  if (docs.empty() && !has_every(component)) return page + "\n  It takes no parameters.\n";
  Table table({"  parameter", "what it takes"});
  add_rows(table, docs, "");
  if (has_every(component)) {
    table.add({"  every", "whole number of epochs or 'last', default " + every_text(component)});
    table.add({"", "From one evaluation to the next; the last epoch is always among them."});
  }
  return page + "\n" + table.text();
}

std::string component_json(const ComponentInfo& component) {
  nlohmann::json json = {{"kind", component.kind},
                         {"name", component.name},
                         {"doc", component.doc},
                         {"plugin", component.plugin},
                         {"version", component.version},
                         {"file", component.file},
                         {"parameters", to_json(component.make_params()->describe())}};
  if (has_every(component)) json["every"] = every_text(component);
  return json.dump(2);
}

}  // namespace varia::cli
