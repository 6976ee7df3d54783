#include <ATen/Functions.h>
#include <fmt/format.h>

#include <functional>
#include <limits>

#include "conformance/check.hpp"
#include "conformance/tensor_text.hpp"
#include "conformance/test_trial.hpp"
#include "varia/density.hpp"
#include "varia/error.hpp"

namespace varia::conformance {

namespace {

std::shared_ptr<Density> fitted(const Subject& subject, const Tensor& points) {
  auto density = training::make<Density>(configure(subject), Build{});
  Draw draw(1);
  density->fit(points, draw);
  return density;
}

/// Two correlated groups. [300, 2] float32
Tensor two_groups() {
  Draw draw(7);
  const auto mixing = at::tensor({0.6F, 0.5F, -0.3F, 0.8F}).view({2, 2});
  auto points = draw.normal({300, 2}).matmul(mixing);
  points.slice(0, 0, 90).add_(4.0);
  return points;
}

void expect_numbers(const std::string& what, const Tensor& tensor, at::IntArrayRef shape,
                    Findings& findings) {
  findings.expect(
      tensor.defined() && tensor.sizes() == shape && tensor.scalar_type() == at::kDouble,
      fmt::format("{}: expected {} float64, found {} {}", what, shape_text(shape),
                  shape_text(tensor), tensor.defined() ? at::toString(tensor.scalar_type()) : ""));
}

void fits_and_samples(const Subject& subject, Findings& findings) {
  const auto points = two_groups();
  const auto first = fitted(subject, points);
  const auto second = fitted(subject, points);
  Draw one(5);
  Draw other(5);
  const auto sample = first->sample(17, one);
  expect_numbers("sample(17) of two dimensions", sample, {17, 2}, findings);
  if (!sample.defined()) return;
  findings.expect(at::equal(sample, second->sample(17, other)),
                  "the same draws give another fit or another sample");
  const auto log_prob = first->log_prob(sample.to(at::kFloat));
  expect_numbers("log_prob of 17 points", log_prob, {17}, findings);
  findings.expect(at::equal(log_prob, second->log_prob(sample.to(at::kFloat))),
                  "the same fit gives another log_prob");
  expect_numbers("sample(0)", first->sample(0, one), {0, 2}, findings);
  expect_numbers("log_prob of no points", first->log_prob(sample.slice(0, 0, 0)), {0}, findings);
}

void refuses(const Subject& subject, Findings& findings) {
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  const auto expect_error = [&](const std::string& what, const std::function<void()>& call) {
    try {
      call();
    } catch (const TrialError&) {
      return;
    }
    findings.expect(false, "it takes " + what + "; expected a TrialError");
  };
  expect_error("points with NaN", [&] {
    fitted(subject, at::tensor({1.0F, nan, 2.0F, 3.0F}).view({2, 2}));
  });
  expect_error("points that are no matrix", [&] { fitted(subject, at::tensor({1.0F, 2.0F})); });
  expect_error("no points", [&] { fitted(subject, at::zeros({0, 2})); });
  Draw draw(1);
  const auto unfitted = training::make<Density>(configure(subject), Build{});
  expect_error("log_prob() before fit()", [&] { unfitted->log_prob(at::zeros({3, 1})); });
  expect_error("sample() before fit()", [&] { unfitted->sample(3, draw); });
  const auto density = fitted(subject, two_groups());
  expect_error("points of one dimension after a fit to two", [&] {
    density->log_prob(at::zeros({3, 1}));
  });
  expect_error("log_prob() of NaN", [&] { density->log_prob(at::full({3, 2}, nan)); });
  expect_error("a sample of -1 points", [&] { density->sample(-1, draw); });
}

}  // namespace

std::vector<Check> density_checks() {
  return {{"gives the same fit and samples for the same draws, in float64", fits_and_samples},
          {"refuses what it cannot be fitted to or asked for", refuses}};
}

}  // namespace varia::conformance
