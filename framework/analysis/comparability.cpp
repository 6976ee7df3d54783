#include "analysis/comparability.hpp"

#include <algorithm>
#include <array>
#include <map>

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

Comparability comparability(const store::Results& results, const std::string& metric) {
  const auto slash = metric.find('/');
  const auto split = metric.substr(0, slash);
  const bool by_loss = slash != std::string::npos && metric.substr(slash) == "/loss";
  std::string units = "nats";
  std::vector<std::string> bounds(results.size());
  for (const auto& column : results.metrics()) {
    if (column.name == metric) units = column.info.units;
    if (column.name == split + "/elbo") bounds.assign(results.size(), column.info.bound);
  }
  const bool in_nats = units == "nats";

  std::vector<std::string> texts(results.size());
  const auto add = [&](const std::string& name, const auto& value_of) {
    bool differs = false;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < results.size(); ++i) {
      values.push_back(value_of(i));
      differs |= values.back() != values.front();
    }
    if (!differs) return;
    for (std::size_t i = 0; i < results.size(); ++i)
      if (!values[i].empty()) texts[i] += (texts[i].empty() ? "" : ", ") + name + "=" + values[i];
  };
  for (const auto& column : results.parameters()) {
    const bool matters = is_data(column.key) || (in_nats && is_likelihood(column.key)) ||
                         (by_loss && is_loss(column.key));
    if (matters) add(column.key, [&](std::size_t trial) { return value_text(column, trial); });
  }
  if (in_nats) add("bound", [&](std::size_t trial) { return bounds[trial]; });

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
