#include "conformance/test_trial.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "experiment/params/warm_start_params.hpp"
#include "experiment/sections.hpp"
#include "experiment/yaml/yaml_reader.hpp"
#include "training/checkpoint/checkpoint.hpp"

namespace varia::conformance {

namespace {

/// The model's section with its defaults, of which the likelihood follows from the data.
Value resolved_model(const Value& data, const Value& model, const Registry& registry) {
  const auto dataset = training::configure(registry, Dataset::kKind, data);
  const auto& params = dynamic_cast<const DatasetParams&>(*dataset.params);
  const auto configured =
      training::configure(registry, Model::kKind, model, params.default_likelihood());
  auto resolved = configured.params->resolved();
  auto section = model;
  experiment::put_warm_start(experiment::take_warm_start(section), resolved);
  resolved.set("use", *model.find("use"));
  resolved.set_where(model.where());
  return resolved;
}

}  // namespace

experiment::Trial make_trial(const std::string& text, const Registry& registry, std::int64_t seed) {
  auto sections = experiment::read_yaml_text(text, "test.yaml");
  const auto defaults = experiment::read_yaml_text(
      "{data: {use: synthetic, size: 28, batch: 20}, loss: {use: elbo}, "
      "optimizer: {use: adam, lr: 1e-3}, train: {epochs: 100}}",
      "defaults.yaml");
  for (const auto& entry : defaults.entries())
    if (sections.find(entry.key) == nullptr) sections.set(entry.key, entry.value);
  experiment::Trial trial;
  trial.id = "0123456789abcdef";
  trial.seed = seed;
  for (const auto& component : experiment::kComponentSections)
    trial.*component.value = std::make_shared<const Value>(*sections.find(component.key));
  trial.model = std::make_shared<const Value>(resolved_model(*trial.data, *trial.model, registry));
  auto train = std::make_shared<experiment::TrainParams>();
  experiment::load_section(sections, "train", *train);
  trial.train = std::move(train);
  for (const auto& [key, kind, entries, use] : experiment::kEntrySections) {
    const auto* found = sections.find(key);
    trial.*entries = std::make_shared<const std::vector<experiment::ListEntry>>(
        experiment::read_entries(found == nullptr ? Value() : *found, kind, registry));
  }
  trial.data_digest = training::DataCache(registry).digest(*trial.data);
  trial.plan = std::make_shared<const experiment::PlanInfo>();
  return trial;
}

TestTrial::TestTrial(const std::string& text, const Registry& registry, std::int64_t seed)
    : trial(make_trial(text, registry, seed)),
      cache(registry),
      components(trial, registry, cache),
      trainer(components, static_cast<std::uint64_t>(seed)) {}

training::Scalars TestTrial::step(std::int64_t number) {
  trainer.step(number);
  return trainer.take_records().front().scalars;
}

std::vector<std::pair<std::string, Tensor>> TestTrial::snapshot() const {
  return training::copies_of(components.tensors());
}

bool same_bits(const std::vector<std::pair<std::string, Tensor>>& a,
               const std::vector<std::pair<std::string, Tensor>>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].first != b[i].first || !at::equal(a[i].second, b[i].second)) return false;
  return true;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

training::ConfiguredComponent configure(const Subject& subject) {
  return training::configure(subject.registry, subject.info.kind,
                             experiment::read_yaml_text(subject.section(), "test.yaml"));
}

bool takes_likelihood(const ComponentInfo& model) {
  const auto params = model.make_params();
  return std::ranges::any_of(params->parameters(),
                             [](const auto* p) { return p->name() == "likelihood"; });
}

Subject of_pictures(const Subject& model) {
  auto with = model;
  if (takes_likelihood(model.info)) with.parameters.set("likelihood", Value::text("bernoulli"));
  return with;
}

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSteps = 3;
constexpr std::uint64_t kMaxCheckpoint = std::uint64_t{1} << 30;

/// What was recorded of a step, and the scheduled values.
std::vector<double> step(TestTrial& trial, std::int64_t number) {
  std::vector<double> values;
  for (const auto& part : {trial.step(number), trial.components.scheduled_values()})
    for (const auto& [name, value] : part) values.push_back(value);
  return values;
}

/// Copies the state of one trial's components into another's through a file.
void carry_over(const TestTrial& from, TestTrial& to) {
  auto folder = (fs::temp_directory_path() / "varia_conformance_XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr)
    throw std::runtime_error("cannot make a folder in " + fs::temp_directory_path().string());
  const auto path = fs::path(folder) / "checkpoint";
  training::Checkpoint checkpoint;
  checkpoint.components = training::state_of(from.components);
  training::write_checkpoint(path, checkpoint);
  const auto read = training::read_checkpoint(path, kMaxCheckpoint);
  fs::remove_all(folder);
  training::restore(read.components, to.components);
}

}  // namespace

void check_resumes(const std::string& text, const Registry& registry, Findings& findings) {
  TestTrial whole(text, registry);
  TestTrial first(text, registry);
  TestTrial second(text, registry, 1);
  for (std::int64_t i = 0; i < kSteps; ++i) {
    step(whole, i);
    step(first, i);
  }
  carry_over(first, second);
  findings.expect(same_bits(first.snapshot(), second.snapshot()),
                  "parameters or buffers differ right after the checkpoint was read");
  for (std::int64_t i = kSteps; i < 2 * kSteps; ++i)
    findings.expect(same_bits(step(whole, i), step(second, i)),
                    fmt::format("step {} differs from that of a run without a break: it keeps "
                                "something that is neither parameter, buffer nor optimizer state",
                                i + 1));
  findings.expect(same_bits(whole.snapshot(), second.snapshot()),
                  "parameters or buffers differ from those of a run without a break");
}

}  // namespace varia::conformance
