#include "experiment/trial_ids.hpp"

#include "varia/sha256.hpp"

namespace varia::experiment {

std::string TrialIds::of(const Trial& trial, const std::string& data_digest, bool with_run_length) {
  // In the order of the keys, as Value::canonical writes a map.
  std::string text = "{\"data\": " + canonical(trial.data);
  const auto add = [&](const std::string& key, const std::string& value) {
    text += ", \"" + key + "\": " + value;
  };
  const auto add_length = [&](const std::string& key) {
    const Value* length = with_run_length ? trial.train->find(key) : nullptr;
    if (length) add(key, length->canonical());
  };
  add("data_digest", Value::text(data_digest).canonical());
  add_length("epochs");
  add("loss", canonical(trial.loss));
  add("model", canonical(trial.model));
  add("optimizer", canonical(trial.optimizer));
  add("samples", trial.train->find("samples")->canonical());
  add("seed", Value::integer(trial.seed).canonical());
  add_length("steps");
  Sha256 hash;
  hash.update(text + "}");
  return hash.digest().substr(0, 16);
}

const std::string& TrialIds::canonical(const SharedValue& section) {
  const auto [text, is_new] = texts_.try_emplace(section.get());
  if (is_new) text->second = section->canonical();
  return text->second;
}

}  // namespace varia::experiment
