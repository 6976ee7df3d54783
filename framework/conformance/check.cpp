#include "conformance/check.hpp"

#include <exception>
#include <map>

#include "training/messages.hpp"
#include "varia/error.hpp"

namespace varia::conformance {

std::string Subject::section() const {
  auto section = parameters;
  section.set("use", Value::text(info.name));
  return section.canonical();
}

std::vector<const ComponentInfo*> models_of_defaults(const Registry& registry) {
  auto models = registry.list("model");
  std::erase_if(models, [&](const ComponentInfo* model) {
    try {
      model->make_params()->load(Value(), {&registry, model->name, {}});
      return false;
    } catch (const ConfigError&) {
      return true;
    }
  });
  return models;
}

std::vector<Check> checks_of(const std::string& kind) {
  static const std::map<std::string, std::vector<Check> (*)()> own = {
      {"dataset", dataset_checks},
      {"model", model_checks},
      {"loss", loss_checks},
      {"schedule", schedule_checks},
      {"optimizer", optimizer_checks},
      {"metric", metric_checks},
      {"view", view_checks},
      {"density", density_checks},
      {"likelihood", likelihood_checks}};
  auto checks = component_checks();
  for (auto& check : own.at(kind)()) checks.push_back(std::move(check));
  return checks;
}

std::vector<std::string> run(const Check& check, const Subject& subject) {
  Findings findings;
  try {
    check.run(subject, findings);
  } catch (const std::exception& error) {
    findings.expect(false, "it threw: " + training::one_line(error));
  } catch (...) {
    findings.expect(false, "it threw something that is not a std::exception");
  }
  return findings.all();
}

}  // namespace varia::conformance
