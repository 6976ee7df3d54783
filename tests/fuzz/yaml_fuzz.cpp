// Experiment files, from YAML to the plan of trials. After the first zero byte the input has
// overrides, with zeros between them.
#include "experiment/axes/sweep.hpp"
#include "experiment/plan.hpp"
#include "experiment/yaml/yaml_reader.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "fuzz/fuzz.hpp"
#include "unit/experiment/fake_registry.hpp"

using namespace varia;
using experiment::testing::fake_registry;

namespace {

constexpr std::uint64_t kMostTrials = 100;
constexpr const char* kSource = "e.yaml";

void read_tree(const std::string& text) {
  Value value;
  if (!fuzz::accepts<ConfigError>([&] { value = experiment::read_yaml_text(text, kSource); }))
    return;
  Value again;
  const auto written = experiment::write_yaml(value);
  if (!fuzz::accepts<ConfigError>([&] { again = experiment::read_yaml_text(written, "written"); }))
    fuzz::fault("YAML that was written cannot be read: " + written);
  fuzz::require(same_content(value, again), "YAML is read as it was written: " + written);
}

experiment::Plan plan_of(const experiment::Experiment& experiment) {
  return experiment::make_plan(experiment, fake_registry(), [](const Value&) { return "digest"; });
}

void make_plan(const std::string& text, const std::vector<std::string>& overrides) {
  experiment::Experiment read;
  experiment::Plan plan;
  const bool good = fuzz::accepts<ConfigError>([&] {
    read = experiment::read_experiment_text(text, kSource, overrides);
    const Value* const values = read.tree.find("sweep");
    const auto sweep = experiment::read_sweep(values ? *values : Value(), read.seed);
    if (sweep.size() * static_cast<std::uint64_t>(read.replicates) > kMostTrials)
      throw ConfigError("more trials than one input may take time for");
    plan = plan_of(read);
  });
  if (!good) return;
  // What a submission freezes is the same experiment.
  const auto frozen = experiment::write_yaml(experiment::standalone(read));
  const auto again =
      plan_of(experiment::read_experiment_text(frozen, "/elsewhere/frozen.yaml", overrides));
  fuzz::require(again.trials.size() == plan.trials.size(), "a frozen plan has the same trials");
  for (std::size_t i = 0; i < plan.trials.size(); ++i)
    fuzz::require(again.trials[i].id == plan.trials[i].id, "a frozen trial has the same id");
  // And a trial's own YAML is that trial.
  const auto& trial = plan.trials.front();
  const auto alone = plan_of(experiment::read_experiment_text(trial.yaml(), "trial.yaml"));
  fuzz::require(alone.trials.size() == 1 && alone.trials.front().id == trial.id,
                "the YAML of a trial gives the same id");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::text_of(data, size);
  const auto end = std::min(input.find('\0'), input.size());
  const auto text = input.substr(0, end);
  std::vector<std::string> overrides;
  for (auto begin = end + 1; begin < input.size() && overrides.size() < 4;) {
    const auto next = std::min(input.find('\0', begin), input.size());
    overrides.push_back(input.substr(begin, next - begin));
    begin = next + 1;
  }
  read_tree(text);
  make_plan(text, overrides);
  return 0;
}
