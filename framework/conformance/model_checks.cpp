#include <fmt/format.h>

#include "conformance/check.hpp"
#include "conformance/test_trial.hpp"
#include "training/checkpoint/component_state.hpp"
#include "varia/likelihood.hpp"

namespace varia::conformance {

namespace {

/// Whether a likelihood takes more than one number for each number of a picture.
bool takes_more_numbers(const Registry& registry, const ComponentInfo& likelihood) {
  Build build;
  build.data.event = {1, 28, 28};
  build.data.blocks = {{Domain::unit, build.data.event_size()}};
  const auto section = Value::map({{"use", Value::text(likelihood.name), {}}});
  const auto made =
      training::make<Likelihood>(training::configure(registry, Likelihood::kKind, section), build);
  return made->output_shape(build.data.event) != build.data.event;
}

/// Calls `check(trial, expect)` for every likelihood of pictures, or once if the model takes none;
/// `expect` names the likelihood.
template <class Function>
void for_every_likelihood(const Subject& subject, Findings& findings, const Function& check) {
  const auto check_with = [&](const Subject& with, const std::string& prefix) {
    check("model: " + with.section(),
          [&](bool holds, const std::string& what) { findings.expect(holds, prefix + what); });
  };
  if (!takes_likelihood(subject.info)) return check_with(subject, "");
  for (const auto* likelihood : subject.registry.list("likelihood")) {
    if (!likelihood->serves(Domain::unit)) continue;
    auto with = subject;
    with.parameters.set("likelihood", Value::text(likelihood->name));
    try {
      check_with(with, "with likelihood " + likelihood->name + ": ");
    } catch (const ConfigError&) {
      // A decoder that is made elsewhere cannot give more numbers than it does.
      if (!takes_more_numbers(subject.registry, *likelihood)) throw;
    }
  }
}

Batch first_images(const TestTrial& trial, std::int64_t count) {
  Draw draw(1);
  return trial.components.data->splits.train.slice(0, count, draw);
}

Tensor loss_of(TestTrial& trial, const Batch& batch, std::int64_t samples, std::uint64_t key) {
  Draw noise(key, samples);
  const auto inference = trial.components.model->infer(batch, noise);
  Draw draw(key + 1);
  return trial.components.loss->evaluate(inference, {batch, draw, {}, 60, "train"}).objective;
}

std::vector<std::int64_t> shape_of(std::vector<std::int64_t> front, const Latent& latent) {
  front.insert(front.end(), latent.event.begin(), latent.event.end());
  return front;
}

template <class Expect>
void check_shape(const std::string& what, const Tensor& tensor, at::IntArrayRef shape,
                 const Expect& expect) {
  expect(tensor.defined() && tensor.sizes() == shape,
         fmt::format("{}: expected {}, found {}", what, shape_text(shape), shape_text(tensor)));
}

/// @returns the values by name
template <class Expect>
LatentValues check_blocks(const Inference& inference, const std::vector<Latent>& latents,
                          const Expect& expect) {
  LatentValues values;
  for (std::size_t i = 0; i < latents.size(); ++i) {
    const auto& block = inference.blocks[i];
    expect(block.name == latents[i].name,
           fmt::format("latents() names block {} '{}', encode() '{}'", i, latents[i].name,
                       block.name));
    check_shape("the value of " + block.name, block.value, shape_of({3, 5}, latents[i]), expect);
    values[block.name] = block.value;
    if (!inference.kl(i).defined()) continue;
    check_shape("the KL divergence of " + block.name + " per image", inference.kl_per_sample(i),
                {5}, expect);
    if (!block.posterior) continue;
    expect(block.posterior->family() == latents[i].family,
           fmt::format("latents() says that {} is {}, its posterior is {}", block.name,
                       latents[i].family, block.posterior->family()));
  }
  return values;
}

void infers_shapes(const Subject& subject, Findings& findings) {
  for_every_likelihood(subject, findings, [&](const std::string& text, const auto& expect) {
    TestTrial trial(text, subject.registry);
    auto& model = *trial.components.model;
    const auto batch = first_images(trial, 5);
    Draw draw(2, 3);
    const auto inference = model.infer(batch, draw);
    const auto latents = model.latents();
    expect(inference.blocks.size() == latents.size(),
           fmt::format("latents() names {} blocks, encode() gives {}", latents.size(),
                       inference.blocks.size()));
    if (inference.blocks.size() != latents.size()) return;
    auto values = check_blocks(inference, latents, expect);
    if (!inference.likelihood) return;
    check_shape("log_likelihood()", inference.log_likelihood(), {3, 5}, expect);
    check_shape("log_weight()", inference.log_weight(), {3, 5}, expect);
    check_shape("the likelihood's mean", inference.likelihood->mean(), {3, 5, 1, 28, 28}, expect);
    model.eval();
    Draw again(2, 3);
    const auto evaluated = model.infer(batch, again);
    for (const auto& block : evaluated.blocks) values[block.name] = block.value;
    expect(close(model.decode(values)->mean(), evaluated.likelihood->mean(), 1e-5, 1e-6),
           "decode() of the values of encode() gives another mean than infer()");
    // A split may end with a batch of one image.
    Draw single(5);
    check_shape("log_likelihood() of one image",
                model.infer(first_images(trial, 1), single).log_likelihood(), {1, 1}, expect);
    Draw prior(4);
    const auto sampled = model.sample_prior(7, {}, prior);
    for (const auto& latent : latents) {
      const auto found = sampled.find(latent.name);
      expect(found != sampled.end(), "sample_prior() leaves out " + latent.name);
      if (found != sampled.end())
        check_shape("sample_prior(7) of " + latent.name, found->second, shape_of({1, 7}, latent),
                    expect);
    }
  });
}

void has_gradients(const Subject& subject, Findings& findings) {
  for_every_likelihood(subject, findings, [&](const std::string& text, const auto& expect) {
    TestTrial trial(text, subject.registry);
    loss_of(trial, first_images(trial, 20), 3, 5).backward();
    for (const auto& item : trial.components.model->named_parameters()) {
      const auto& gradient = item.value().grad();
      expect(gradient.defined(), item.key() + " has no gradient: nothing that is trained uses it");
      if (!gradient.defined()) continue;
      expect(gradient.isfinite().all().item<bool>(),
             "the gradient of " + item.key() + " is not finite");
      expect(gradient.abs().max().item<float>() > 0,
             "the gradient of " + item.key() + " is 0 everywhere");
    }
  });
}

void learns(const Subject& subject, Findings& findings) {
  for_every_likelihood(subject, findings, [&](const std::string& text, const auto& expect) {
    TestTrial trial(text, subject.registry);
    const auto batch = first_images(trial, 20);
    const auto mean_loss = [&] {
      const at::NoGradGuard no_grad;
      return loss_of(trial, batch, 20, 6).template item<double>();
    };
    const double before = mean_loss();
    auto& phase = trial.components.phases.front();
    for (std::uint64_t step = 0; step < 30; ++step) {
      loss_of(trial, batch, 1, 100 + step).backward();
      const at::NoGradGuard no_grad;
      phase.optimizer->step();
      for (auto& parameter : phase.phase.parameters) parameter.mutable_grad() = Tensor();
    }
    const double after = mean_loss();
    expect(after < before, fmt::format("the loss was {} before and {} after", before, after));
  });
}

void is_its_tensors(const Subject& subject, Findings& findings) {
  for_every_likelihood(subject, findings, [&](const std::string& text, const auto& expect) {
    TestTrial one(text, subject.registry, 1);
    TestTrial same(text, subject.registry, 1);
    TestTrial other(text, subject.registry, 2);
    expect(same_bits(one.snapshot(), same.snapshot()), "one seed gives two initialisations");
    expect(!same_bits(one.snapshot(), other.snapshot()), "two seeds give one initialisation");
    const auto batch = first_images(one, 8);
    const auto output = [&](TestTrial& trial) {
      const at::NoGradGuard no_grad;
      trial.components.model->eval();
      return loss_of(trial, batch, 2, 7);
    };
    const auto first = output(one);
    const bool is_repeated = at::equal(output(one), first);
    expect(is_repeated, another_text("output"));
    if (!is_repeated) return;  // what follows would name another cause
    expect(!at::equal(first, output(other)),
           "its output does not depend on its parameters: are they registered?");
    training::restore({one.components.tensors(), training::state_of(other.components).optimizers},
                      other.components);
    expect(
        at::equal(first, output(other)),
        "its output depends on more than its parameters and buffers: a tensor is not registered");
  });
}

void resumes(const Subject& subject, Findings& findings) {
  check_resumes("model: " + of_pictures(subject).section(), subject.registry, findings);
}

}  // namespace

std::vector<Check> model_checks() {
  return {{"infers the shapes of K samples of B images, and generates as many", infers_shapes},
          {"has a gradient for every parameter, finite and not zero", has_gradients},
          {"has a lower loss after thirty steps on one batch", learns},
          {"follows from its seed and its registered tensors alone", is_its_tensors},
          {"resumes from a checkpoint with the same bits", resumes}};
}

}  // namespace varia::conformance
