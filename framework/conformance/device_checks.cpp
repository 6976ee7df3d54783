#include "conformance/device_checks.hpp"

#include <c10/core/impl/LocalDispatchKeySet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "conformance/fake_device.hpp"
#include "conformance/test_trial.hpp"
#include "training/evaluation/evaluator.hpp"
#include "varia/error.hpp"

namespace varia::conformance {

namespace {

constexpr std::int64_t kSteps = 2;
constexpr double kTolerance = 1e-5;

std::string on_device(const std::string& text, const std::string& device) {
  return text + "\ntrain: {device: " + device + ", epochs: 2}\n";
}

/// What a few steps and an evaluation give.
struct Outcome {
  std::vector<std::pair<std::string, double>> values;
  std::vector<std::pair<std::string, Tensor>> parameters;
};

Outcome outcome_on(const std::string& device, const std::string& text, const Registry& registry) {
  // The kernels of Varia for the CPU stand back while operators are traced. Their sums are rounded
  // in another order, which Adam and what chooses the nearest of several codes make large.
  const c10::impl::IncludeDispatchKeyGuard no_kernels(c10::DispatchKey::Tracer);
  TestTrial trial(on_device(text, device), registry);
  training::Evaluator evaluator(trial.components, trial.trial, registry, 1);
  Outcome outcome;
  evaluator.begin_training({}, 1, 1);
  for (std::int64_t step = 0; step < kSteps; ++step)
    for (const auto& value : trial.step(step)) outcome.values.emplace_back(value);
  const auto& split = *trial.components.data->splits.test;
  for (const auto& [name, array] : evaluator.evaluate(split, {}, 1, 1).values)
    for (const auto value : array.values) outcome.values.emplace_back(name, value);
  evaluator.render({}, 1, 1);
  outcome.parameters = trial.snapshot();
  return outcome;
}

bool is_close(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b || std::abs(a - b) <= kTolerance * std::max({1.0, std::abs(a), std::abs(b)});
}

void compare(const Outcome& device, const Outcome& cpu, Findings& findings) {
  findings.expect(device.values.size() == cpu.values.size(),
                  fmt::format("it records {} numbers on the device, {} on the CPU",
                              device.values.size(), cpu.values.size()));
  for (std::size_t i = 0; i < std::min(device.values.size(), cpu.values.size()); ++i)
    findings.expect(is_close(device.values[i].second, cpu.values[i].second),
                    fmt::format("{} is {} on the device, {} on the CPU", cpu.values[i].first,
                                device.values[i].second, cpu.values[i].second));
  for (std::size_t i = 0; i < cpu.parameters.size(); ++i)
    findings.expect(close(device.parameters.at(i).second.to(at::kCPU), cpu.parameters[i].second,
                          kTolerance, kTolerance),
                    fmt::format("{} is not the same after {} steps on the device and on the CPU",
                                cpu.parameters[i].first, kSteps));
}

}  // namespace

void check_device_agrees(const std::string& text, const Registry& registry, Findings& findings) {
  const auto cpu = outcome_on("cpu", text, registry);
  reset_fake_device_use();
  std::optional<Outcome> device;
  try {
    device = outcome_on(kFakeDevice, text, registry);
  } catch (const std::exception&) {
    // LibTorch 2 refuses some tensors of both devices itself.
    if (fake_device_use().mixed.empty()) throw;
  }
  const auto use = fake_device_use();
  findings.expect(use.operators > 0, "nothing was computed on the device");
  findings.expect(use.mixed.empty(), fmt::format("given tensors of the device and of the CPU: {}",
                                                 fmt::join(use.mixed, ", ")));
  if (device) compare(*device, cpu, findings);
}

void check_steps_never_wait(const std::string& text, const Registry& registry, Findings& findings) {
  TestTrial trial(on_device(text, kFakeDevice), registry);
  reset_fake_device_use();
  for (std::int64_t step = 0; step < kSteps; ++step) trial.trainer.step(step);
  const auto use = fake_device_use();
  findings.expect(use.reads == 0,
                  fmt::format("the host reads numbers of the device {} times in {} steps, by "
                              "item(), a copy to the CPU or a condition; each waits for the device",
                              use.reads, kSteps));
  findings.expect(use.waits == 0,
                  fmt::format("tensors are copied to the device {} times in {} steps so that the "
                              "host waits; use to_device() of varia/device.hpp, or make them there",
                              use.waits, kSteps));
}

namespace {

using TrialCheck = void (*)(const std::string& text, const Registry& registry, Findings& findings);

/// With noise no two codes are alike, of which rounding would choose the nearest.
constexpr const char* kNoisyImages =
    "{use: synthetic, size: 28, batch: 20, corrupt: {use: gaussian, scale: 0.3}}";

/// Trials that have the component, of which the first that suits is checked.
std::vector<std::string> trials_with(const Subject& subject) {
  if (subject.info.kind == "model")
    return {fmt::format("data: {}\nmodel: {}", kNoisyImages, of_pictures(subject).section())};
  std::vector<std::string> texts;
  for (const auto* data : {"", ", held_out: [2]", ", counts: true"}) {
    for (const auto* model : subject.models) {
      auto section = "use: " + model->name;
      std::string others;
      if (subject.info.kind == "likelihood")
        section += ", likelihood: " + subject.section();
      else if (subject.info.kind == "metric" || subject.info.kind == "view")
        others = fmt::format("{}s: [{}]\n", subject.info.kind, subject.section());
      else
        others = fmt::format("{}: {}\n", subject.info.kind, subject.section());
      texts.push_back(
          fmt::format("data: {{use: synthetic, size: 28, factors: true, batch: 20{}}}\n"
                      "model: {{{}}}\n{}",
                      data, section, others));
    }
  }
  return texts;
}

void check_first_that_suits(const Subject& subject, Findings& findings, TrialCheck check) {
  std::string refusal;
  for (const auto& text : trials_with(subject)) {
    try {
      TestTrial trial(text, subject.registry);
      const training::Evaluator evaluator(trial.components, trial.trial, subject.registry, 1);
    } catch (const ConfigError& error) {
      refusal = error.what();
      continue;
    }
    return check(text, subject.registry, findings);
  }
  findings.expect(false, "no model and data suit it: " + refusal);
}

void agrees(const Subject& subject, Findings& findings) {
  check_first_that_suits(subject, findings, check_device_agrees);
}

void never_waits(const Subject& subject, Findings& findings) {
  check_first_that_suits(subject, findings, check_steps_never_wait);
}

}  // namespace

std::vector<Check> device_checks_of(const std::string& kind) {
  const Check on_device{"gives on another device what it gives on the CPU", agrees};
  const Check in_steps{"takes its steps without waiting for the device", never_waits};
  if (kind == "model" || kind == "loss" || kind == "optimizer" || kind == "likelihood")
    return {on_device, in_steps};
  if (kind == "metric" || kind == "view") return {on_device};
  return {};
}

}  // namespace varia::conformance
