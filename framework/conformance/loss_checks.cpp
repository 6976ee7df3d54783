#include <fmt/format.h>

#include <set>

#include "conformance/check.hpp"
#include "conformance/test_trial.hpp"
#include "varia/error.hpp"

namespace varia::conformance {

namespace {

/// A trial with the loss and the first model that suits it.
std::string with_model(const Subject& subject) {
  std::string refusals;
  for (const auto* model : subject.models) {
    const auto text = "loss: " + subject.section() + "\nmodel: {use: " + model->name + "}\n";
    try {
      const TestTrial trial(text, subject.registry);
      return text;
    } catch (const ConfigError& error) {
      refusals += fmt::format("; {}: {}", model->name, error.what());
    }
  }
  throw ConfigError(
      fmt::format("none of the {} models suits it{}", subject.models.size(), refusals));
}

void check_terms(const Terms& terms, const std::string& mode, Findings& findings) {
  findings.expect(terms.objective.defined() && terms.objective.dim() == 0,
                  fmt::format("{}: the objective is {}; expected a scalar, []", mode,
                              shape_text(terms.objective)));
  std::set<std::string> names;
  for (const auto& term : terms.recorded) {
    findings.expect(!term.name.empty() && names.insert(term.name).second,
                    fmt::format("{}: two terms are called '{}'", mode, term.name));
    findings.expect(term.value.defined() && term.value.dim() == 0,
                    fmt::format("{}: the term {} is {}; expected a scalar, []", mode, term.name,
                                shape_text(term.value)));
  }
}

void gives_terms(const Subject& subject, Findings& findings) {
  TestTrial trial(with_model(subject), subject.registry);
  auto& model = *trial.components.model;
  auto& loss = *trial.components.loss;
  Draw places(1);
  const auto batch = trial.components.data->splits.train.slice(0, 20, places);
  for (const auto& phase : trial.components.phases) {
    const auto& name = phase.phase.name;
    const auto evaluate = [&] {
      Draw noise(2, 2);
      const auto inference = model.infer(batch, noise);
      Draw draw(3);
      return loss.evaluate(inference, {batch, draw, {}, 60, name});
    };
    const auto trained = evaluate();
    check_terms(trained, "phase " + name, findings);
    if (!trained.objective.defined()) continue;
    findings.expect(trained.objective.isfinite().all().item<bool>(),
                    "phase " + name + ": the objective is not finite");
    findings.expect(trained.objective.requires_grad(),
                    "phase " + name + ": the objective has no gradient: was it detached?");
    const at::NoGradGuard no_grad;
    findings.expect(at::equal(evaluate().objective, trained.objective.detach()),
                    "phase " + name + ": the same batch and draw give another objective");
  }
  model.eval();
  loss.eval();
  const at::NoGradGuard no_grad;
  for (const std::int64_t images : {20, 1}) {  // a split may end with a batch of one image
    const auto part = trial.components.data->splits.train.slice(0, images, places);
    Draw noise(2);
    const auto inference = model.infer(part, noise);
    Draw draw(3);
    check_terms(
        loss.evaluate(inference, {part, draw, {}, 60, trial.components.phases[0].phase.name}),
        fmt::format("in evaluation of {} images", images), findings);
  }
}

void loss_resumes(const Subject& subject, Findings& findings) {
  check_resumes(with_model(subject), subject.registry, findings);
}

void optimizer_resumes(const Subject& subject, Findings& findings) {
  check_resumes("model: {use: mlp_vae, hidden: [12]}\noptimizer: " + subject.section(),
                subject.registry, findings);
}

}  // namespace

std::vector<Check> loss_checks() {
  return {{"gives a finite scalar with a gradient, the same each time", gives_terms},
          {"resumes from a checkpoint with the same bits", loss_resumes}};
}

std::vector<Check> optimizer_checks() {
  return {{"resumes from a checkpoint with the same bits", optimizer_resumes}};
}

}  // namespace varia::conformance
