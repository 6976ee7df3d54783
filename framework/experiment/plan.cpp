#include "experiment/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "experiment/axes/searched_sweep.hpp"
#include "experiment/axes/sweep.hpp"
#include "experiment/monitored_metrics.hpp"
#include "experiment/params/search_params.hpp"
#include "experiment/params/warm_start_params.hpp"
#include "experiment/sections.hpp"
#include "experiment/yaml/expressions.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "varia/dataset_params.hpp"
#include "varia/error_list.hpp"
#include "varia/sha256.hpp"

namespace varia::experiment {
namespace {

constexpr std::uint64_t kMostWrongSettings = 1000;  ///< after which no others are resolved

/// An override holds whatever the sweep sets at its key, or at the `use` of the map that it gives.
bool is_overridden(const Assignment& assignment, const std::vector<Assignment>& overrides) {
  return std::ranges::any_of(overrides, [&](const Assignment& fixed) {
    return assignment.key == fixed.key || assignment.key == fixed.key + ".use";
  });
}

/// What the schedules of a component depend on beside the step.
struct ScheduleNeeds {
  bool run_length = false;
  std::vector<MonitoredMetric> metrics;
};

ScheduleNeeds schedule_needs(const std::string& key, const ParamSet& params) {
  ScheduleNeeds needs;
  params.visit(key, [&](const std::string& path, Parameter& parameter) {
    const auto* scheduled = dynamic_cast<const Scheduled*>(&parameter);
    if (scheduled == nullptr) return;
    needs.run_length = needs.run_length || scheduled->depends_on_run_length();
    const auto metric = scheduled->follows();
    if (metric.empty()) return;
    if (!is_validation_metric(metric))
      throw ConfigError(scheduled->where(),
                        fmt::format("{}: a schedule follows the validation split "
                                    "(data.validation), so that what is reported of the others "
                                    "stays unbiased: expected validation/..., found '{}'",
                                    path, metric));
    needs.metrics.push_back({path, metric, scheduled->where()});
  });
  return needs;
}

/// The section as a map with `use`.
Value as_map(const Value& tree, const ComponentSection& section) {
  const auto& [key, kind, member, default_use] = section;
  const Value* given = tree.find(key);
  const bool missing = !given || given->is_null();
  Value map = missing ? Value(given ? given->where() : tree.where()) : *given;
  if (map.is_scalar()) map = Value::map({{"use", map, map.where()}}, map.where());
  if (!missing && !map.is_map())
    throw ConfigError(map.where(), fmt::format("{}: expected the name of a {} or a map with 'use', "
                                               "found {}",
                                               key, kind, map.describe()));
  if (map.find("use")) return map;
  if (default_use) {
    map.set("use", Value::scalar(default_use, true, map.where()), map.where());
    return map;
  }
  throw ConfigError(map.where(),
                    missing ? fmt::format("'{0}' is missing; add '{0}: {{use: NAME}}' with the "
                                          "name of a {1}",
                                          key, kind)
                            : fmt::format("{0}: 'use' is missing; add 'use: NAME' with the name of "
                                          "a {1}",
                                          key, kind));
}

/// Resolves the settings of a sweep. What a point leaves alone is resolved once for all of them.
class SettingResolver {
 public:
  SettingResolver(const Experiment& experiment, const Registry& registry)
      : experiment_(experiment), registry_(registry) {}

  /// @returns a trial without seed and id, and whether a schedule depends on the length of the run
  std::pair<Trial, bool> resolve(const Point& point) {
    const Value changed = changed_sections(point);
    Trial trial;
    bool depends_on_run_length = false;
    auto likelihood = LoadContext().likelihood;
    ErrorList errors;
    for (const auto& section : kComponentSections) {
      errors.collect([&] {
        trial.*section.value =
            resolved(components_, changed, section.key, likelihood,
                     [&](auto& tree) { return component(tree, section, likelihood); });
      });
      if (const auto found = default_likelihoods_.find(trial.data);
          found != default_likelihoods_.end())
        likelihood = found->second;
      const auto& needs = schedule_needs_[trial.*section.value];
      depends_on_run_length |= needs.run_length;
      trial.followed.insert(trial.followed.end(), needs.metrics.begin(), needs.metrics.end());
    }
    errors.collect([&] {
      trial.train = resolved(train_, changed, "train", "", [](auto& tree) {
        auto params = std::make_shared<TrainParams>();
        load_section(tree, "train", *params);
        return params;
      });
    });
    for (const auto& section : kEntrySections)
      errors.collect([&] {
        trial.*section.value = resolved(entries_, changed, section.key, "", [&](auto& tree) {
          const Value* list = tree.find(section.key);
          return std::make_shared<const std::vector<ListEntry>>(
              read_entries(list ? *list : Value(), section.kind, registry_));
        });
      });
    for (const Assignment& assignment : point)
      if (assignment.path.empty())
        trial.variants.push_back({assignment.key, assignment.value, true});
    const auto given = [&](const char* key) {
      const Value* value = changed.find(key);
      if (value == nullptr) value = experiment_.tree.find(key);
      return value == nullptr ? Value() : *value;
    };
    errors.collect([&] { trial.tags = read_tags(given("tags")); });
    errors.collect([&] { trial.notes = read_notes(given("notes")); });
    errors.raise();
    return {std::move(trial), depends_on_run_length};
  }

 private:
  /// The sections that the point sets, with its values put in.
  Value changed_sections(const Point& point) const {
    std::vector<Assignment> assignments;
    for (const Assignment& assignment : point)
      if (!assignment.path.empty() && !is_overridden(assignment, experiment_.overrides))
        assignments.push_back(assignment);
    assignments.insert(assignments.end(), experiment_.overrides.begin(),
                       experiment_.overrides.end());
    sort_for_assigning(assignments);
    Value tree = Value::map({}, experiment_.tree.where());
    for (const Assignment& assignment : assignments) {
      const std::string& key = assignment.path.front();
      const Value* section = experiment_.tree.find(key);
      if (section && !tree.find(key)) tree.set(key, *section);
      assign(tree, assignment);
    }
    resolve_expressions(tree, experiment_.tree);
    return tree;
  }

  /// A section resolved from `changed`, or as the experiment has it; each different one once.
  /// @param defaults what its defaults depend on besides
  template <class Resolved, class Resolve>
  Resolved resolved(std::map<std::string, Resolved>& known, const Value& changed,
                    const std::string& key, const std::string& defaults, Resolve resolve) {
    const Value* section = changed.find(key);
    const auto name = defaults + " " + (section ? key + " " + section->canonical() : key);
    const auto found = known.find(name);
    if (found != known.end()) return found->second;
    return known.emplace(name, resolve(section ? changed : experiment_.tree)).first->second;
  }

  SharedValue component(const Value& tree, const ComponentSection& section,
                        const std::string& likelihood);

  const Experiment& experiment_;
  const Registry& registry_;
  // By key and content, and by key alone as the experiment has them.
  std::map<std::string, SharedValue> components_;
  std::map<std::string, SharedTrainParams> train_;
  std::map<std::string, SharedEntries> entries_;
  std::map<SharedValue, std::string> default_likelihoods_;  // by data
  std::map<SharedValue, ScheduleNeeds> schedule_needs_;
};

SharedValue SettingResolver::component(const Value& tree, const ComponentSection& section,
                                       const std::string& likelihood) {
  const std::string kind = section.kind;
  Value map = as_map(tree, section);
  const Value use = *map.find("use");
  if (!use.is_scalar())
    throw ConfigError(use.where(), fmt::format("{}: use: expected the name of a {}, found {}",
                                               section.key, kind, use.describe()));
  const ComponentInfo& info = registry_.get(kind, use.text(), use.where(), section.key);
  map.erase("use");
  const auto start = section.value == &Trial::model ? take_warm_start(map) : WarmStart();
  const auto params = info.make_params();
  params->load(map, {.registry = &registry_,
                     .subject = kind + " " + info.name,
                     .where = map.where(),
                     .likelihood = likelihood});
  Value value = Value::map({{"use", Value::scalar(info.name, true, use.where()), {}}}, map.where());
  const Value values = params->resolved();
  for (const auto& entry : values.entries()) value.set(entry.key, entry.value);
  put_warm_start(start, value);
  auto shared = std::make_shared<const Value>(std::move(value));
  if (const auto* data = dynamic_cast<const DatasetParams*>(params.get()))
    default_likelihoods_[shared] = with_place(*shared, [&] { return data->default_likelihood(); });
  schedule_needs_[shared] = schedule_needs(section.key, *params);
  return shared;
}

std::string describe(const Point& point) {
  std::string text;
  for (const Assignment& assignment : point)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", assignment.key,
                        flow_text(assignment.value));
  constexpr std::size_t kLongest = 300;
  return text.size() > kLongest ? text.substr(0, kLongest) + "..." : text;
}

/// @param canonical the texts of the sections that were written out before: trials share sections
std::string id_of(const Trial& trial, const std::string& data_digest, bool with_run_length,
                  std::map<SharedValue, std::string>& canonical) {
  std::map<std::string, std::string> identity;  // canonical texts, sorted by key
  for (const auto& section : kComponentSections) {
    const auto [text, is_new] = canonical.try_emplace(trial.*section.value);
    if (is_new) text->second = without_source_path(*text->first).canonical();
    identity[section.key] = text->second;
  }
  const auto add = [&](const Parameter& parameter) {
    if (const auto value = parameter.resolved(); !value.is_null())
      identity[parameter.name()] = value.canonical();
  };
  add(trial.train->samples);
  if (with_run_length) {
    add(trial.train->epochs);
    add(trial.train->steps);
  }
  identity["data_digest"] = Value::text(data_digest).canonical();
  identity["seed"] = Value::integer(trial.seed).canonical();
  if (const auto monitored = monitored_identity(trial, trial.plan->seed); !monitored.is_null())
    identity["monitored"] = monitored.canonical();
  std::string text;
  for (const auto& [key, value] : identity)
    text += (text.empty() ? "{\"" : ", \"") + key + "\": " + value;
  return digest_of_text(text + "}").substr(0, 16);
}

}  // namespace

Plan make_plan(const Experiment& experiment, const Registry& registry,
               const DatasetDigest& digest_of, const ProposedPoints& proposed) {
  const Value* sweep_value = experiment.tree.find("sweep");
  const auto search = load_search(experiment.tree);
  ErrorList errors;
  Sweep sweep;
  errors.collect([&] {
    const auto axes = with_folds_spelled_out(sweep_value ? *sweep_value : Value(), experiment.tree);
    sweep = search && search->tpe() ? read_searched_sweep(axes, experiment.seed, *search, proposed)
                                    : read_sweep(axes, experiment.seed, &errors);
  });
  const auto replicates = static_cast<std::uint64_t>(experiment.replicates);
  if (sweep.size() * replicates > kMaxTrials)
    throw ConfigError(experiment.tree.find("replicates")->where(),
                      fmt::format("replicates: {} settings with {} replicates are more than {} "
                                  "trials",
                                  sweep.size(), replicates, kMaxTrials));

  SettingResolver resolver(experiment, registry);
  std::vector<std::pair<Trial, bool>> settings;
  for (std::uint64_t i = 0; i < sweep.size() && i < settings.size() + kMostWrongSettings; ++i)
    errors.collect([&] { settings.push_back(resolver.resolve(sweep.point(i))); });
  errors.raise();

  Plan plan{{},
            std::make_shared<const PlanInfo>(PlanInfo{.name = experiment.name,
                                                      .seed = experiment.seed,
                                                      .plugins = experiment.plugins,
                                                      .swept = sweep.keys,
                                                      .replicates = experiment.replicates})};
  std::map<SharedValue, std::string> digests;
  std::map<SharedValue, std::string> canonical;
  std::unordered_map<std::string, std::size_t> settings_by_id;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    auto& [trial, depends_on_run_length] = settings[i];
    const auto [digest, is_new] = digests.try_emplace(trial.data);
    if (is_new) digest->second = digest_of(*trial.data);
    trial.plan = plan.info;
    trial.data_digest = digest->second;
    errors.collect([&planned = trial] { require_monitored(planned); });
    for (std::int64_t r = 0; r < experiment.replicates; ++r) {
      trial.index = static_cast<std::int64_t>(plan.trials.size());
      trial.replicate = r;
      trial.seed = experiment.trial_seed.value_or(replicate_seed(experiment.seed, r));
      trial.id = id_of(trial, digest->second, depends_on_run_length, canonical);
      const auto [first, is_first] = settings_by_id.emplace(trial.id, i);
      if (!is_first)
        throw ConfigError(
            sweep_value ? sweep_value->where() : Location{},
            fmt::format("sweep: two settings are the same trial: ({}) and ({}). Remove one: their "
                        "values are equal, or differ only in what does not change what is learnt "
                        "(metrics, views, epochs and other keys of train)",
                        describe(sweep.point(first->second)), describe(sweep.point(i))));
      plan.trials.push_back(trial);
    }
  }
  if (search) errors.collect([&] { require_comparable(*search, plan.trials); });
  errors.raise();
  return plan;
}

}  // namespace varia::experiment
