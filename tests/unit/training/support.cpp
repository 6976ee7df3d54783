#include "support.hpp"

#include <cstdlib>
#include <stdexcept>

#include "experiment/yaml/yaml_reader.hpp"
#include "fake_components.hpp"
#include "host/plugin_host.hpp"

namespace varia::test {

const Registry& registry() {
  static const Registry& filled = []() -> const Registry& {
    static Registry all;
    const char* build = std::getenv("VARIA_BUILD_DIR");
    if (build == nullptr) throw std::runtime_error("VARIA_BUILD_DIR is not set; run by ctest");
    static host::PluginHost host(all);
    host.load(std::string(build) + "/plugins");
    add_test_components(all);
    return all;
  }();
  return filled;
}

Value yaml(const std::string& text) { return experiment::read_yaml_text(text, "test.yaml"); }

experiment::Trial make_trial(const std::string& text, std::int64_t seed) {
  return conformance::make_trial(text, registry(), seed);
}

Run::Run(const std::string& text, std::int64_t seed) : TestTrial(text, registry(), seed) {}

Tensor Run::tensor(const std::string& wanted) const {
  for (const auto& [name, tensor] : components.tensors())
    if (name == wanted) return tensor;
  throw std::runtime_error("no tensor " + wanted);
}

}  // namespace varia::test
