#include "support.hpp"

#include <ATen/Functions.h>

#include <cmath>
#include <cstdlib>
#include <numbers>
#include <stdexcept>

#include "experiment/yaml_reader.hpp"
#include "host/plugin_host.hpp"
#include "test_components.hpp"

namespace varia::test {

const Registry& registry() {
  static const Registry& filled = []() -> const Registry& {
    static Registry all;
    const char* build = std::getenv("VARIA_BUILD_DIR");
    if (build == nullptr) throw std::runtime_error("VARIA_BUILD_DIR is not set; run by ctest");
    static host::PluginHost host(all);
    host.load_folder(std::string(build) + "/plugins");
    add_test_components(all);
    return all;
  }();
  return filled;
}

Value yaml(const std::string& text) { return experiment::read_yaml_text(text, "test.yaml"); }

experiment::Trial make_trial(const std::string& text, std::int64_t seed) {
  const auto sections = yaml(text);
  const auto section = [&](const char* name) {
    const auto* found = sections.find(name);
    if (found == nullptr) throw std::runtime_error(std::string("no section ") + name);
    return std::make_shared<const Value>(*found);
  };
  const auto entries = [&](const char* name) {
    const auto* found = sections.find(name);
    return std::make_shared<const std::vector<experiment::ListEntry>>(
        found == nullptr ? std::vector<experiment::ListEntry>{}
                         : experiment::read_entries(*found, name, registry()));
  };
  experiment::Trial trial;
  trial.id = "0123456789abcdef";
  trial.seed = seed;
  trial.data = section("data");
  trial.model = section("model");
  trial.loss = section("loss");
  trial.optimizer = section("optimizer");
  trial.train = section("train");
  trial.metrics = entries("metrics");
  trial.views = entries("views");
  trial.plan = std::make_shared<const experiment::PlanInfo>();
  return trial;
}

Run::Run(const std::string& text, std::int64_t seed)
    : trial(make_trial(text, seed)),
      cache(registry()),
      components(trial, registry(), cache),
      trainer(components, static_cast<std::uint64_t>(seed)) {}

std::vector<std::pair<std::string, Tensor>> Run::snapshot() const {
  auto copies = components.tensors();
  for (auto& [name, tensor] : copies) tensor = tensor.detach().clone();
  return copies;
}

Tensor Run::tensor(const std::string& wanted) const {
  for (const auto& [name, tensor] : components.tensors())
    if (name == wanted) return tensor;
  throw std::runtime_error("no tensor " + wanted);
}

bool same_bits(const std::vector<std::pair<std::string, Tensor>>& a,
               const std::vector<std::pair<std::string, Tensor>>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].first != b[i].first || !at::equal(a[i].second, b[i].second)) return false;
  return true;
}

}  // namespace varia::test
