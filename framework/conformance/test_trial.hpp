#pragma once

#include <ATen/Functions.h>

#include <string>
#include <utility>
#include <vector>

#include "conformance/check.hpp"
#include "experiment/trial.hpp"
#include "training/components.hpp"
#include "training/trainer.hpp"

namespace varia::conformance {

/// "[3, 5]"
inline std::string shape_text(at::IntArrayRef shape) { return c10::str(shape); }
inline std::string shape_text(const Tensor& tensor) {
  return tensor.defined() ? shape_text(tensor.sizes()) : "an undefined tensor";
}

/// True if the two agree to `relative` of the larger magnitude, or to `absolute`.
inline bool close(const Tensor& a, const Tensor& b, double relative, double absolute) {
  const auto x = a.detach().to(at::kDouble);
  const auto y = b.detach().to(at::kDouble);
  return ((x - y).abs() <= absolute + relative * at::maximum(x.abs(), y.abs())).all().item<bool>();
}

/// What is said of a component that gives another `output` if nothing that it is given has changed.
inline std::string another_text(const std::string& output) {
  return "the same batch and draw give another " + output +
         ": it draws randomness of its own, or keeps state";
}

/// Makes a trial of the given sections.
/// @param text YAML, a map of `model` with `use`, and of what is not to be the default: 60 images
/// of
///             28 x 28 pixels in batches of 20, elbo, adam, no metrics and views
/// @throws ConfigError
experiment::Trial make_trial(const std::string& text, const Registry& registry,
                             std::int64_t seed = 1);

/// A trial whose steps can be taken one by one.
struct TestTrial {
  /// @throws ConfigError if the components do not suit each other
  TestTrial(const std::string& text, const Registry& registry, std::int64_t seed = 1);
  experiment::Trial trial;
  training::DataCache cache;
  training::TrialComponents components;
  training::Trainer trainer;

  /// Takes a step. @returns what is recorded of it
  training::Scalars step(std::int64_t number);
  /// Parameters and buffers as they are now, copied.
  std::vector<std::pair<std::string, Tensor>> snapshot() const;
};

bool same_bits(const std::vector<std::pair<std::string, Tensor>>& a,
               const std::vector<std::pair<std::string, Tensor>>& b);
/// NaN is the same as NaN.
bool same_bits(const std::vector<double>& a, const std::vector<double>& b);

/// The component under test with its parameters.
training::ConfiguredComponent configure(const Subject& subject);

bool takes_likelihood(const ComponentInfo& model);

/// A model with a likelihood of pictures, if it takes one: its default may be of other data.
Subject of_pictures(const Subject& model);

/// Takes a few steps, writes a checkpoint and takes a few more: once without a break, once in new
/// components that are restored from the checkpoint. What a component keeps besides its parameters,
/// its buffers and an optimizer's state is lost with a break, so that the later steps differ.
/// @param text a trial, as make_trial reads it
void check_resumes(const std::string& text, const Registry& registry, Findings& findings);

}  // namespace varia::conformance
