#include "training/trainer.hpp"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "training/checkpoint/component_state.hpp"
#include "training/messages.hpp"
#include "varia/error.hpp"

namespace varia::training {

Horizon horizon_of(const experiment::TrainParams& train, const Data& data) {
  const auto steps_per_epoch = (data.splits.train.size() + data.batch - 1) / data.batch;
  return {steps_per_epoch,
          train.steps.has_value() ? train.steps() : train.epochs() * steps_per_epoch};
}

Trainer::Trainer(TrialComponents& components, std::uint64_t seed, std::int64_t least_records)
    : components_(components),
      seed_(seed),
      horizon_(horizon_of(*components.train, *components.data)),
      records_(std::max(components.train->record_count(), least_records)),
      defers_records_(!components.device.is_cpu()) {
  const auto& train = *components.train;
  steps_per_record_ = train.steps.has_value() ? std::min(train.evaluate_every(), train.steps())
                                              : horizon_.steps_per_epoch;
  if (records_ > train.record_count()) horizon_.steps = records_ * steps_per_record_;
}

Progress Trainer::progress(std::int64_t step) const {
  return {step, static_cast<double>(step) / static_cast<double>(horizon_.steps_per_epoch),
          measured_};
}

Draw Trainer::draw(std::string_view purpose, std::int64_t step, std::int64_t samples) const {
  return Draw(stream_key(seed_, purpose, 0, step), samples, components_.device);
}

Tensor Trainer::places_of(std::int64_t step) {
  const auto epoch = step / horizon_.steps_per_epoch;
  const auto& train = components_.data->splits.train;
  const auto size = train.size();
  if (epoch != order_epoch_) {
    Draw draw(stream_key(seed_, "order of the images", epoch));
    order_ = components_.data->shuffle ? train.order(draw) : at::arange(size, at::kLong);
    order_epoch_ = epoch;
  }
  const auto begin = (step % horizon_.steps_per_epoch) * components_.data->batch;
  return order_.slice(0, begin, std::min(begin + components_.data->batch, size));
}

Batch Trainer::batch_of(const Tensor& places, std::string_view purpose, std::int64_t step) const {
  auto stream = draw(purpose, step);
  return components_.data->splits.train.batch(places, stream);
}

std::string gradient_problem(const Terms& terms, const Phase& phase) {
  if (phase.parameters.empty() || terms.objective.requires_grad()) return "";
  if (phase.name == "train") return kNoGradient;
  return fmt::format("{} (phase {})", kNoGradient, phase.name);
}

namespace {

void require_finite(const NamedTensors& tensors, std::int64_t step) {
  if (const auto found = first_not_finite(tensors); !found.empty())
    throw TrialError(fmt::format("step {}: {}, which is not finite", step + 1, found));
}

/// As LibTorch's clip_grad_norm_, which returns the norm as a number and so waits for the device.
void clip_gradients(const std::vector<Tensor>& parameters, double max_norm) {
  std::vector<Tensor> gradients;
  std::vector<Tensor> norms;
  for (const auto& parameter : parameters) {
    if (!parameter.grad().defined()) continue;
    gradients.push_back(parameter.grad().detach());
    norms.push_back(gradients.back().norm(2));
  }
  if (norms.empty()) return;
  const auto norm = norms.size() == 1 ? norms.front() : at::stack(norms).norm(2);
  const auto factor = at::clamp(max_norm / (norm + 1e-6), c10::nullopt, 1.0);
  for (const auto& gradient : gradients) gradient.mul_(factor);
}

}  // namespace

void Trainer::differentiate(std::size_t index, const Inference& inference, const Batch& batch,
                            const Progress& progress, bool keep_graph) {
  const auto& phase = components_.phases[index].phase;
  auto stream = draw("loss " + phase.name, progress.step);
  const Step step{batch, stream, progress, components_.data->splits.train.size(), phase.name};
  const auto terms = components_.loss->evaluate(inference, step);
  unread_.push_back({progress.step, index, batch.size()});
  unread_terms_.emplace_back(inference, terms);
  if (!defers_records_) read();
  // With no inputs, LibTorch would differentiate with respect to everything.
  if (phase.parameters.empty()) return;
  if (const auto problem = gradient_problem(terms, phase); !problem.empty())
    throw TrialError(fmt::format("step {}: {}", progress.step + 1, problem));
  terms.objective.backward({}, keep_graph, false, at::TensorList(phase.parameters));
  if (!checks_gradients_) return;
  auto gradients = components_.tensors();
  for (auto& [name, tensor] : gradients) {
    name = "the gradient of " + name;
    tensor = tensor.grad();
  }
  require_finite(gradients, progress.step);
}

void Trainer::read() {
  const auto unread = std::exchange(unread_, {});
  const auto terms = std::exchange(unread_terms_, {});
  auto scalars = BatchTerms::read(terms);
  for (std::size_t i = 0; i < unread.size(); ++i) {
    const auto& [step, index, images] = unread[i];
    const auto& phase = components_.phases[index].phase;
    if (const auto* bad = terms[i].not_finite(scalars[i])) {
      // A phase with a batch of its own comes after the others have stepped.
      const bool is_first = step == 0 && !phase.independent_batch;
      throw TrialError(fmt::format(
          "step {}: {} is {}, which is not finite{}; {}", step + 1, bad->first,
          scalar_text(bad->second), phase.name == "train" ? "" : " (phase " + phase.name + ")",
          is_first ? kFiniteAtFirst : "try a lower optimizer.lr or optimizer.clip_norm"));
    }
    if (index == 0) step_records_.push_back({step, images, std::move(scalars[i])});
  }
}

std::vector<StepRecord> Trainer::take_records() {
  read();
  return std::exchange(step_records_, {});
}

void Trainer::apply(std::size_t index) {
  auto& phase = components_.phases[index];
  const torch::NoGradGuard no_grad;
  if (phase.clip_norm) clip_gradients(phase.phase.parameters, *phase.clip_norm);
  phase.optimizer->step();
  // Dropped, not filled with zeros: one pass over memory less.
  for (auto& parameter : phase.phase.parameters) parameter.mutable_grad() = Tensor();
}

void Trainer::step(std::int64_t step, const Watch& watch) {
  const auto now = progress(step);
  components_.advance(now, horizon_);
  components_.begin_training();
  seed_default_generator(stream_key(seed_, "default generator", 0, step), components_.device);

  const auto frozen = components_.frozen().buffer_values();
  const auto batch = batch_of(places_of(step), "binarisation", step);
  auto noise = draw("noise", step, components_.train->samples());
  const auto inference = components_.model->infer(batch, noise);
  std::vector<std::size_t> sharing;
  for (std::size_t i = 0; i < components_.phases.size(); ++i)
    if (!components_.phases[i].phase.independent_batch) sharing.push_back(i);
  for (const auto i : sharing) differentiate(i, inference, batch, now, i != sharing.back());
  for (const auto i : sharing) apply(i);

  const auto size = components_.data->splits.train.size();
  for (std::size_t i = 0; i < components_.phases.size(); ++i) {
    const auto& phase = components_.phases[i].phase;
    if (!phase.independent_batch) continue;
    // The CPU gathers samples, whatever the device.
    Draw places(stream_key(seed_, "places of phase " + phase.name, 0, step));
    auto chosen = places.uniform({batch.size()});
    // Between 0 and 1 there are no more than 2^23 of these numbers.
    if (size > std::int64_t{1} << 23)
      chosen = chosen.to(at::kDouble) + places.uniform({batch.size()}) / (1 << 23);
    chosen = chosen.mul(size).to(at::kLong);
    const auto other = batch_of(chosen.clamp_max(size - 1), "binarisation of " + phase.name, step);
    auto other_noise = draw("noise of phase " + phase.name, step, components_.train->samples());
    differentiate(i, components_.model->infer(other, other_noise), other, now, false);
    apply(i);
  }
  {
    const torch::NoGradGuard no_grad;
    auto stream = draw("after the step", step);
    components_.model->after_step(inference, {batch, stream, now, size, "train"});
    components_.frozen().put_back(frozen);
    // Not earlier: what an inference computes without gradients, it keeps without gradients.
    if (watch) watch(inference, batch);
  }
  if (checks_gradients_) require_finite(components_.tensors(), step);
}

}  // namespace varia::training
