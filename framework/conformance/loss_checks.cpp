#include <fmt/format.h>

#include "conformance/check.hpp"
#include "conformance/test_trial.hpp"
#include "training/built_in_metrics.hpp"
#include "training/messages.hpp"
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

void check_terms(const Inference& inference, const Terms& terms, const std::string& mode,
                 Findings& findings) {
  findings.expect(terms.objective.defined() && terms.objective.dim() == 0,
                  fmt::format("{}: the objective is {}; expected a scalar, []", mode,
                              shape_text(terms.objective)));
  for (const auto& problem : training::term_problems(inference, terms))
    findings.expect(false, fmt::format("{}: {}", mode, problem));
  for (const auto& term : terms.recorded)
    findings.expect(term.value.defined() && term.value.dim() == 0,
                    fmt::format("{}: the term {} is {}; expected a scalar, []", mode,
                                training::one_line(term.name), shape_text(term.value)));
}

void gives_terms(const Subject& subject, Findings& findings) {
  TestTrial trial(with_model(subject), subject.registry);
  auto& model = *trial.components.model;
  auto& loss = *trial.components.loss;
  Draw places(1);
  const auto batch = trial.components.data->splits.train.slice(0, 20, places);
  for (const auto& phase : trial.components.phases) {
    const auto& name = phase.phase.name;
    const auto evaluate = [&](bool checks_terms) {
      Draw noise(2, 2);
      const auto inference = model.infer(batch, noise);
      Draw draw(3);
      auto terms = loss.evaluate(inference, {batch, draw, {}, 60, name});
      if (checks_terms) check_terms(inference, terms, "phase " + name, findings);
      return terms;
    };
    const auto trained = evaluate(true);
    if (!trained.objective.defined()) continue;
    findings.expect(trained.objective.isfinite().all().item<bool>(),
                    "phase " + name + ": the objective is not finite");
    findings.expect(trained.objective.requires_grad(),
                    fmt::format("phase {}: {}", name, training::kNoGradient));
    const at::NoGradGuard no_grad;
    findings.expect(at::equal(evaluate(false).objective, trained.objective.detach()),
                    fmt::format("phase {}: {}", name, another_text("objective")));
  }
  model.eval();
  loss.eval();
  const at::NoGradGuard no_grad;
  for (const std::int64_t images : {20, 1}) {  // a split may end with a batch of one image
    const auto part = trial.components.data->splits.train.slice(0, images, places);
    Draw noise(2);
    const auto inference = model.infer(part, noise);
    Draw draw(3);
    const auto terms =
        loss.evaluate(inference, {part, draw, {}, 60, trial.components.phases[0].phase.name});
    check_terms(inference, terms, fmt::format("in evaluation of {} images", images), findings);
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
