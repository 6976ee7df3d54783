#include "experiment/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "experiment/axes/fold_axis.hpp"
#include "experiment/axes/searched_sweep.hpp"
#include "experiment/params/search_params.hpp"
#include "experiment/resolver.hpp"
#include "experiment/yaml/yaml_writer.hpp"

namespace varia::experiment {
namespace {

/// Goes through the combinations of a sweep's axes, the last axis the fastest.
class GridIterator {
 public:
  explicit GridIterator(const Sweep& sweep) : sweep_(sweep), at_(sweep.axes.size(), 0) {}

  /// What the axes set at this combination.
  Point point() const {
    Point all;
    for (std::size_t i = 0; i < at_.size(); ++i) {
      const Point& stop = sweep_.axes[i][at_[i]];
      all.assignments.insert(all.assignments.end(), stop.assignments.begin(),
                             stop.assignments.end());
      all.labels.insert(all.labels.end(), stop.labels.begin(), stop.labels.end());
    }
    return all;
  }

  /// False after the last combination.
  bool advance() {
    for (std::size_t i = at_.size(); i-- > 0;) {
      if (++at_[i] < sweep_.axes[i].size()) return true;
      at_[i] = 0;
    }
    return false;
  }

 private:
  const Sweep& sweep_;
  std::vector<std::size_t> at_;
};

/// An override holds whatever the sweep sets at its key, or at the `use` of the map that it gives.
bool is_overridden(const Assignment& assignment, const std::vector<Assignment>& overrides) {
  return std::ranges::any_of(overrides, [&](const Assignment& fixed) {
    return assignment.key == fixed.key || assignment.key == fixed.key + ".use";
  });
}

/// A setting of the sweep, resolved; its trials differ by their seed.
struct ResolvedSetting {
  Trial trial;
  bool depends_on_run_length = false;
};

/// Resolves the settings of a sweep. What a point leaves alone is resolved once for all of them.
class SettingResolver {
 public:
  SettingResolver(const Experiment& experiment, const Registry& registry)
      : experiment_(experiment), resolver_(registry) {}

  ResolvedSetting resolve(const Point& point) {
    const Value changed = changed_sections(point);
    ResolvedSetting setting;
    Trial& trial = setting.trial;
    for (const auto& section : kComponentSections) {
      const auto resolved = at(components_, changed, section.key,
                               [&](auto& tree) { return resolver_.component(tree, section); });
      trial.*section.value = resolved.value;
      setting.depends_on_run_length |= resolved.depends_on_run_length;
    }
    trial.train = at(train_, changed, "train", [&](auto& tree) { return resolver_.train(tree); });
    for (const auto& section : kEntrySections)
      trial.*section.entries = at(entries_, changed, section.key,
                                  [&](auto& tree) { return resolver_.entries(tree, section); });
    trial.labels = point.labels;
    return setting;
  }

 private:
  /// The sections that the point sets, with its values put in.
  Value changed_sections(const Point& point) const {
    std::vector<Assignment> assignments;
    for (const Assignment& assignment : point.assignments)
      if (!is_overridden(assignment, experiment_.overrides)) assignments.push_back(assignment);
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
    return tree;
  }

  /// A section resolved from `changed`, or as the experiment has it.
  template <class Resolved, class Resolve>
  Resolved at(std::map<std::string, Resolved>& unchanged, const Value& changed,
              const std::string& key, Resolve resolve) {
    if (changed.find(key)) return resolve(changed);
    const auto known = unchanged.find(key);
    if (known != unchanged.end()) return known->second;
    return unchanged.emplace(key, resolve(experiment_.tree)).first->second;
  }

  const Experiment& experiment_;
  Resolver resolver_;
  // As the experiment has them, by key.
  std::map<std::string, ResolvedSection> components_;
  std::map<std::string, SharedTrainParams> train_;
  std::map<std::string, SharedEntries> entries_;
};

std::string describe(const Point& point) {
  std::string text;
  for (const Label& label : point.labels)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", label.axis, label.variant);
  for (const Assignment& assignment : point.assignments)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", assignment.key,
                        flow_text(assignment.value));
  constexpr std::size_t longest = 300;
  return text.size() > longest ? text.substr(0, longest) + "..." : text;
}

[[noreturn]] void reject_duplicates(const Sweep& sweep, const Location& where, std::size_t first,
                                    std::size_t second) {
  std::vector<std::string> texts;
  GridIterator grid(sweep);
  for (std::size_t i = 0; i <= second; ++i) {
    if (i == first || i == second) texts.push_back(describe(grid.point()));
    grid.advance();
  }
  throw ConfigError(where, fmt::format("sweep: two settings are the same trial: ({}) and ({}). "
                                       "Remove one: their values are equal, or differ only in what "
                                       "does not change what is learnt (metrics, views, epochs and "
                                       "other keys of train)",
                                       texts[0], texts[1]));
}

}  // namespace

Plan make_plan(const Experiment& experiment, const Registry& registry,
               const DatasetDigest& digest_of, const ProposedPoints& proposed) {
  const Value* sweep_value = experiment.tree.find("sweep");
  const auto search = load_search(experiment.tree);
  const auto axes = with_folds_spelled_out(sweep_value ? *sweep_value : Value(), experiment.tree);
  const Sweep sweep = search && search->tpe()
                          ? read_searched_sweep(axes, experiment.seed, *search, proposed)
                          : read_sweep(axes, experiment.seed);
  const auto replicates = static_cast<std::uint64_t>(experiment.replicates);
  if (sweep.size() * replicates > kMaxTrials)
    throw ConfigError(experiment.tree.find("replicates")->where(),
                      fmt::format("replicates: {} settings with {} replicates are more than {} "
                                  "trials",
                                  sweep.size(), replicates, kMaxTrials));

  SettingResolver resolver(experiment, registry);
  std::vector<ResolvedSetting> settings;
  GridIterator grid(sweep);
  do settings.push_back(resolver.resolve(grid.point()));
  while (grid.advance());

  Plan plan{{},
            std::make_shared<const PlanInfo>(
                PlanInfo{experiment.name, experiment.seed, experiment.plugins, sweep.keys})};
  std::map<const Value*, std::string> digests;
  TrialIds ids;
  std::unordered_map<std::string, std::size_t> settings_by_id;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    Trial trial = std::move(settings[i].trial);
    const auto [digest, is_new] = digests.try_emplace(trial.data.get());
    if (is_new) digest->second = digest_of(*trial.data);
    trial.plan = plan.info;
    for (std::int64_t r = 0; r < experiment.replicates; ++r) {
      trial.index = static_cast<std::int64_t>(plan.trials.size());
      trial.replicate = r;
      trial.seed = experiment.trial_seed.value_or(replicate_seed(experiment.seed, r));
      trial.id = ids.of(trial, digest->second, settings[i].depends_on_run_length);
      const auto [first, is_first] = settings_by_id.emplace(trial.id, i);
      if (!is_first)
        reject_duplicates(sweep, sweep_value ? sweep_value->where() : Location{}, first->second, i);
      plan.trials.push_back(trial);
    }
  }
  if (search) require_comparable(*search, plan);
  return plan;
}

}  // namespace varia::experiment
