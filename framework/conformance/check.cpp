#include "conformance/check.hpp"

#include <fmt/format.h>

#include <exception>
#include <map>

#include "conformance/test_trial.hpp"
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
      const TestTrial trial("model: {use: " + model->name + "}", registry);
      return false;
    } catch (...) {
      return true;
    }
  });
  return models;
}

namespace {

std::unique_ptr<ParamSet> load(const Subject& subject, const Value& values) {
  auto params = subject.info.make_params();
  params->load(values, {&subject.registry, subject.info.kind + " " + subject.info.name, {}});
  return params;
}

void says_what_it_is(const Subject& subject, Findings& findings) {
  const auto& info = subject.info;
  findings.expect(info.doc.size() > 5,
                  fmt::format("registry.add(\"{}\", ...) has no description", info.name));
  findings.expect(info.doc.find('\n') == std::string::npos, "its description has several lines");
  findings.expect(!info.doc.empty() && info.doc.back() == '.',
                  fmt::format("its description does not end in a full stop: '{}'", info.doc));
}

void check_docs(const std::vector<ParameterDoc>& docs, const std::string& prefix,
                Findings& findings) {
  for (const auto& doc : docs) {
    const auto name = prefix + doc.name;
    findings.expect(!doc.type.empty(), fmt::format("'{}' has no type", name));
    findings.expect(doc.doc.size() > 5 && doc.doc.back() == '.',
                    fmt::format("the description of '{}' is not a sentence: '{}'", name, doc.doc));
    check_docs(doc.members, name + ".", findings);
  }
}

void describes_parameters(const Subject& subject, Findings& findings) {
  check_docs(subject.info.make_params()->describe(), "", findings);
}

void loads_its_defaults(const Subject& subject, Findings& findings) {
  const auto resolved = load(subject, subject.parameters)->resolved();
  const auto again = load(subject, resolved)->resolved();
  findings.expect(again.canonical() == resolved.canonical(),
                  fmt::format("what it resolved to, {}, is read back as {}", resolved.canonical(),
                              again.canonical()));
}

void refuses_unknown_parameters(const Subject& subject, Findings& findings) {
  auto values = subject.parameters;
  values.set("no_such_parameter", Value::integer(1));
  try {
    load(subject, values);
  } catch (const ConfigError&) {
    return;
  }
  findings.expect(false, "it took 'no_such_parameter'");
}

std::vector<Check> component_checks() {
  return {{"says in a line what it is", says_what_it_is},
          {"describes every parameter in a sentence", describes_parameters},
          {"loads its defaults, and what it resolves them to", loads_its_defaults},
          {"refuses a parameter that it does not know", refuses_unknown_parameters}};
}

}  // namespace

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
    findings.expect(false, training::kNoException);
  }
  return findings.all();
}

}  // namespace varia::conformance
