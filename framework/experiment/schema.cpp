#include "experiment/schema.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "experiment/axes/sweep.hpp"
#include "experiment/list_entry.hpp"
#include "experiment/params/cluster_params.hpp"
#include "experiment/params/experiment_params.hpp"
#include "experiment/params/published_params.hpp"
#include "experiment/params/run_params.hpp"
#include "experiment/params/search_params.hpp"
#include "experiment/params/warm_start_params.hpp"
#include "experiment/sections.hpp"
#include "experiment/trial.hpp"
#include "varia/parameter_schema.hpp"

namespace varia::experiment {

namespace {

const std::map<std::string, const char*>& section_docs() {
  static const std::map<std::string, const char*> docs{
      {"data", "The data set."},
      {"model", "The model."},
      {"loss", "What the training minimises."},
      {"optimizer", "How the training minimises it."},
      {"train", "The length and other settings of the training."},
      {"metrics", "What is measured in addition to what every trial records."},
      {"views", "Pictures of the trained model."},
      {"tags", "Words that say what a trial is for."},
      {"notes", "Texts that say what a trial is for."},
      {"sweep", "The axes of the sweep."},
      {"run", "How trials are run: processes, retries, checkpoints."},
      {"cluster", "How varia submit sends the trials to Slurm."},
      {"published", "What others report of the experiment, for varia verify."},
      {"search", "What ends trials early, or proposes points of the sweep."},
      {"relative_to", "The folder where relative paths start, or a map from sections to folders."}};
  return docs;
}

/// Names of definitions that are not kinds of component.
constexpr const char* kExpression = "expression";
constexpr const char* kSweep = "sweep";

bool is_number(const Value& schema) {
  const Value* type = schema.find("type");
  return type != nullptr && (type->text() == "integer" || type->text() == "number");
}

/// A schema in which each number may be `{expression: ...}`, too.
Value with_expressions(const Value& schema) {
  if (is_number(schema)) return schema_if_map(component_schema(kExpression), schema);
  if (schema.is_list()) {
    Value list = Value::list();
    for (const auto& item : schema.items()) list.push(with_expressions(item));
    return list;
  }
  if (!schema.is_map()) return schema;
  Value changed = Value::map();
  // A number that a map may replace already: a schedule, which takes an expression, too.
  const Value* otherwise = schema.find("else");
  const bool is_scheduled = otherwise != nullptr && is_number(*otherwise);
  for (const auto& entry : schema.entries()) {
    const bool stays = is_scheduled && entry.key == "else";
    changed.set(entry.key, stays ? entry.value : with_expressions(entry.value));
  }
  return changed;
}

Value expression_schema() {
  const auto text = schema_of({{"type", Value::text("string")},
                               {"description", Value::text("A number that follows from other keys, "
                                                           "such as \"loss.capacity / 5\".")}});
  auto schema = map_schema(Value::map({{"expression", text, {}}}));
  schema.set("minProperties", Value::integer(1));
  return schema;
}

std::vector<UseSchema> options_of(const std::string& kind, const Registry& registry) {
  const Value added = kind == "model" ? warm_start_keys() : Value::map();
  std::vector<UseSchema> options;
  for (const auto* info : registry.list(kind)) {
    Value keys = *info->make_params()->schema().find("properties");
    for (const auto& entry : added.entries()) keys.set(entry.key, entry.value);
    options.push_back({info->name, std::move(keys), info->doc});
  }
  return options;
}

std::string default_of(const std::string& kind) {
  for (const auto& section : kComponentSections)
    if (section.kind == kind && section.default_use != nullptr) return section.default_use;
  return "";
}

/// The components of every kind, by kind.
Value component_definitions(const Registry& registry) {
  Value definitions = Value::map();
  for (const auto& kind : component_kinds())
    definitions.set(kind,
                    with_expressions(use_schema(options_of(kind, registry), default_of(kind))));
  Value* const schedule = definitions.find(Schedule::kKind);
  *schedule =
      schema_of({{"if", schema_of({{"required", Value::list({Value::text("expression")})}})},
                 {"then", component_schema(kExpression)},
                 {"else", *schedule}});
  definitions.set(kExpression, expression_schema());
  return definitions;
}

/// Collects the dotted keys below sections.
class KeyCollector {
 public:
  explicit KeyCollector(const Value& definitions) : definitions_(definitions) {}

  /// What stands below `prefix`, if `schema` is what it takes.
  void add_below(const std::string& prefix, const Value& schema) {
    if (const Value* properties = schema.find("properties"))
      for (const auto& entry : properties->entries()) add(prefix + "." + entry.key, entry.value);
    for (const char* keyword : {"then", "else"})
      if (const Value* part = schema.find(keyword)) add_below(prefix, *part);
    if (const Value* parts = schema.find("allOf"))
      for (const auto& part : parts->items()) add_below(prefix, part);
    if (const Value* reference = schema.find("$ref")) {
      const auto name = reference->text().substr(reference->text().rfind('/') + 1);
      if (!open_.insert(name).second) return;  // a kind within itself has no end
      add_below(prefix, *definitions_.find(name));
      open_.erase(name);
    }
  }

  /// Each with what it takes; of several components, any of what they take.
  Value keys() const {
    Value all = Value::map();
    for (const auto& [key, schemas] : found_)
      all.set(key,
              schemas.size() == 1 ? schemas.front() : schema_of({{"anyOf", Value::list(schemas)}}));
    return all;
  }

 private:
  void add(const std::string& key, const Value& schema) {
    auto& schemas = found_[key];
    const bool is_known =
        std::ranges::any_of(schemas, [&](const Value& one) { return same_content(one, schema); });
    // The name of a component: the list of all comes first, then each of them.
    const bool is_one_name = key.ends_with(".use") && schema.find("const") != nullptr;
    if (!is_known && !is_one_name) schemas.push_back(schema);
    if (schemas.empty()) found_.erase(key);
    if (!is_known) add_below(key, schema);
  }

  const Value& definitions_;
  std::map<std::string, std::vector<Value>> found_;
  std::set<std::string> open_;  // definitions that are being looked through
};

Value keys_below(const Value& definitions, const Value& train) {
  KeyCollector collector(definitions);
  for (const auto& section : kComponentSections)
    collector.add_below(section.key, component_schema(section.kind));
  collector.add_below("train", train);
  return collector.keys();
}

/// Files that stand alone name these; one that extends another, or sweeps them, need not.
Value required_sections() {
  Value missing = Value::list();
  Value uses = Value::map();
  for (const auto& section : kComponentSections) {
    if (section.default_use != nullptr) continue;
    missing.push(Value::text(section.key));
    uses.set(
        section.key,
        schema_if_map(schema_of({{"required", Value::list({Value::text("use")})}}), Value::map()));
  }
  missing.push(Value::text("train"));
  const auto has = [](const char* key) {
    return schema_of({{"required", Value::list({Value::text(key)})}});
  };
  const auto is_part = schema_of({{"anyOf", Value::list({has("extends"), has("sweep")})}});
  return schema_of(
      {{"if", is_part}, {"else", schema_of({{"required", missing}, {"properties", uses}})}});
}

}  // namespace

Value override_keys(const Registry& registry, const Value& tree) {
  const auto definitions = component_definitions(registry);
  KeyCollector collector(definitions);
  for (const auto& section : kComponentSections) {
    const Value* given = tree.find(section.key);
    const Value* use = given != nullptr && given->is_map() ? given->find("use") : given;
    auto options = options_of(section.kind, registry);
    const auto named =
        std::ranges::find(options, use != nullptr ? use->text() : "", &UseSchema::name);
    collector.add_below(section.key, named == options.end() ? component_schema(section.kind)
                                                            : use_schema({*named}));
  }
  collector.add_below("train", TrainParams().schema());
  collector.add_below("run", RunParams().schema());
  collector.add_below("cluster", ClusterParams().schema());
  collector.add_below("search", search_schema());
  collector.add_below("published", PublishedParams().schema());
  Value keys = collector.keys();
  const Value own = ExperimentParams().schema();
  for (const auto& entry : own.find("properties")->entries())
    if (entry.key != "extends") keys.set(entry.key, entry.value);
  return keys;
}

Value experiment_schema(const Registry& registry) {
  auto definitions = component_definitions(registry);
  const auto train = with_expressions(TrainParams().schema());
  const auto keys = keys_below(definitions, train);
  for (const auto& entry : keys.entries()) definitions.set(entry.key, entry.value);
  const auto sweep = sweep_definitions(keys);
  for (const auto& entry : sweep.entries()) definitions.set(entry.key, entry.value);

  Value sections = *ExperimentParams().schema().find("properties");
  const auto name_doc = *sections.find("name")->find("description");
  Value name = experiment_name_schema();
  name.set("description", name_doc);
  sections.set("name", name);
  const auto add = [&](const std::string& key, Value schema) {
    schema.set("description", Value::text(section_docs().at(key)));
    sections.set(key, std::move(schema));
  };
  const auto all_of = [](Value schema) {
    return schema_of({{"allOf", Value::list({std::move(schema)})}});
  };
  for (const auto& section : kComponentSections)
    add(section.key, all_of(component_schema(section.kind)));
  for (const auto& section : kEntrySections)
    add(section.key, with_expressions(entries_schema(section.kind, registry)));
  add("train", train);
  add("tags", tags_schema());
  add("notes", notes_schema());
  add("sweep", all_of(component_schema(kSweep)));
  add("run", RunParams().schema());
  add("cluster", ClusterParams().schema());
  add("search", search_schema());
  add("published", PublishedParams().schema());
  const auto folder = schema_of({{"type", Value::text("string")}});
  add("relative_to", schema_if_map(schema_of({{"additionalProperties", folder}}), folder));

  auto schema = map_schema(std::move(sections));
  schema.set("$schema", Value::text("http://json-schema.org/draft-07/schema#"));
  schema.set("title", Value::text("An experiment of Varia"));
  schema.set("type", Value::text("object"));
  schema.set("allOf", Value::list({required_sections()}));
  schema.set("definitions", std::move(definitions));
  return schema;
}

}  // namespace varia::experiment
