#include "conformance/test_trial.hpp"

#include <ATen/Functions.h>

#include <stdexcept>

#include "experiment/yaml/yaml_reader.hpp"

namespace varia::conformance {

experiment::Trial make_trial(const std::string& text, const Registry& registry, std::int64_t seed) {
  const auto sections = experiment::read_yaml_text(text, "test.yaml");
  const auto section = [&](const char* name) {
    const auto* found = sections.find(name);
    if (found == nullptr) throw std::runtime_error(std::string("no section ") + name);
    return std::make_shared<const Value>(*found);
  };
  experiment::Trial trial;
  trial.id = "0123456789abcdef";
  trial.seed = seed;
  for (const auto& component : experiment::kComponentSections)
    trial.*component.value = section(component.key);
  auto train = std::make_shared<experiment::TrainParams>();
  train->load(*section("train"), {&registry, "train", {}});
  trial.train = std::move(train);
  for (const auto& [key, kind, entries] : experiment::kEntrySections) {
    const auto* found = sections.find(key);
    trial.*entries = std::make_shared<const std::vector<experiment::ListEntry>>(
        experiment::read_entries(found == nullptr ? Value() : *found, kind, registry));
  }
  trial.plan = std::make_shared<const experiment::PlanInfo>();
  return trial;
}

TestTrial::TestTrial(const std::string& text, const Registry& registry, std::int64_t seed)
    : trial(make_trial(text, registry, seed)),
      cache(registry),
      components(trial, registry, cache),
      trainer(components, static_cast<std::uint64_t>(seed)) {}

std::vector<std::pair<std::string, Tensor>> TestTrial::snapshot() const {
  auto copies = components.tensors();
  for (auto& [name, tensor] : copies) tensor = tensor.detach().clone();
  return copies;
}

bool same_bits(const std::vector<std::pair<std::string, Tensor>>& a,
               const std::vector<std::pair<std::string, Tensor>>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].first != b[i].first || !at::equal(a[i].second, b[i].second)) return false;
  return true;
}

}  // namespace varia::conformance
