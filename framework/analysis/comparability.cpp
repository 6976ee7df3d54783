#include "analysis/comparability.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "analysis/settings.hpp"

namespace varia::analysis {

namespace {

constexpr std::array kTrainingImages = {"data.batch",      "data.shuffle",   "data.sample_size",
                                        "data.stratify",   "data.folds",     "data.fold",
                                        "data.validation", "data.split_seed"};

bool begins_with(const std::string& text, const std::string& beginning) {
  return text.compare(0, beginning.size(), beginning) == 0;
}

bool is_data(const std::string& key) {
  return key == "data" ||
         (begins_with(key, "data.") &&
          std::find(kTrainingImages.begin(), kTrainingImages.end(), key) == kTrainingImages.end());
}

/// Whether one of the parts of a dotted key is "likelihood".
bool is_likelihood(const std::string& key) {
  return ("." + key + ".").find(".likelihood.") != std::string::npos;
}

bool is_loss(const std::string& key) { return key == "loss" || begins_with(key, "loss."); }

}  // namespace

Comparability comparability(const results::Results& results,
                            const std::vector<std::string>& metrics) {
  const auto is_compared = [&](const std::string& name) {
    return std::find(metrics.begin(), metrics.end(), name) != metrics.end();
  };
  std::set<std::string> splits;  // of metrics in nats
  bool by_loss = false;
  for (const auto& column : results.metrics()) {
    if (!is_compared(column.name) || column.info.units != "nats") continue;
    const auto slash = column.name.find('/');
    splits.insert(column.name.substr(0, slash));
    by_loss |= column.name.substr(slash) == "/loss";
  }
  const bool in_nats = !splits.empty();

  std::vector<std::string> texts(results.size());
  const auto add = [&](const std::string& name, const auto& value_of) {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < results.size(); ++i) values.push_back(value_of(i));
    if (std::set<std::string>(values.begin(), values.end()).size() < 2) return;
    for (std::size_t i = 0; i < results.size(); ++i)
      if (!values[i].empty()) texts[i] += (texts[i].empty() ? "" : ", ") + name + "=" + values[i];
  };
  for (const auto& column : results.parameters()) {
    const bool matters = is_data(column.key) || (in_nats && is_likelihood(column.key)) ||
                         (by_loss && is_loss(column.key));
    if (matters) add(column.key, [&](std::size_t trial) { return value_text(column, trial); });
  }
  for (const auto& column : results.metrics()) {
    const auto split = column.name.substr(0, column.name.find('/'));
    if (column.name != split + "/elbo" || splits.count(split) == 0) continue;
    const auto bounds = results.bounds(column.name);
    const auto known = std::find_if(bounds.begin(), bounds.end(),
                                    [](const std::string& bound) { return !bound.empty(); });
    // A trial that failed before its first epoch says nothing of its bound.
    add("bound", [&](std::size_t trial) {
      return bounds[trial].empty() && known != bounds.end() ? *known : bounds[trial];
    });
  }

  Comparability found;
  std::map<std::string, std::size_t> classes;
  for (const auto& text : texts) {
    const auto [place, is_new] = classes.try_emplace(text, found.names.size());
    if (is_new) found.names.push_back(text);
    found.class_of.push_back(place->second);
  }
  return found;
}

}  // namespace varia::analysis
