#include "analysis/best_values.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "analysis/metric_choice.hpp"
#include "analysis/sample.hpp"
#include "analysis/settings.hpp"
#include "analysis/statistics/summary.hpp"
#include "varia/error.hpp"

namespace varia::analysis {

BestValues::BestValues(const results::Results& results, std::vector<std::string> keys,
                       std::string metric, Better better, const Comparability& comparable)
    : results_(results),
      keys_(std::move(keys)),
      metric_(std::move(metric)),
      better_(better),
      comparable_(comparable),
      values_(results.final_values(metric_)),
      expected_(expected_replicates(results)) {}

Group BestValues::choose(const std::vector<std::string>& setting_keys, const Group& group,
                         std::vector<std::string>& chosen, std::vector<std::string>& notes) const {
  const auto candidates = make_settings(results_, group.trials, keys_);
  const auto classes_of = [&](const Setting& candidate) {
    std::set<std::size_t> classes;
    for (const auto trial : candidate.trials) classes.insert(comparable_.class_of[trial]);
    return classes;
  };
  const auto name = setting_name(setting_keys, group.values);
  statistics::Summariser summarise;
  std::size_t best = 0;
  double best_value = std::numeric_limits<double>::quiet_NaN();
  bool has_holes = false;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (classes_of(candidates[i]) != classes_of(candidates.front()))
      throw ConfigError(fmt::format(
          "{}: the best {} cannot be chosen: its values have different data, likelihoods or "
          "bounds ({}). Tell settings apart by it (--by)",
          results_.path(), fmt::join(keys_, ", "), name));
    const auto part = part_of(group, candidates[i].trials);
    const auto sample = take_sample(results_, values_, part, expected_);
    has_holes |= sample.holes().total() > 0;
    const double value = summarise(sample.values()).centre;
    if (ranks_before(value, best_value, better_)) {
      best = i;
      best_value = value;
    }
  }
  if (std::isnan(best_value)) {
    notes.push_back(fmt::format("{}: no value of {} has a {}; the first is shown", name,
                                fmt::join(keys_, ", "), metric_));
  } else if (has_holes) {
    notes.push_back(
        fmt::format("{}: {} was chosen among values with holes", name, fmt::join(keys_, ", ")));
  }
  chosen = candidates[best].values;
  return part_of(group, candidates[best].trials);
}

}  // namespace varia::analysis
