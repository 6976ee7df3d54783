#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "conformance/check.hpp"
#include "conformance/test_trial.hpp"
#include "varia/density.hpp"
#include "varia/error.hpp"
#include "varia/host/splits.hpp"
#include "varia/likelihood.hpp"
#include "varia/schedule.hpp"

namespace varia::conformance {

namespace {

void keeps_bounds(const Subject& subject, Findings& findings) {
  const auto config = configure(subject);
  const auto schedule = std::static_pointer_cast<Schedule>(config.info->make_plain(*config.params));
  const auto bounds = schedule->bounds();
  const Horizon horizon{5, 40};
  const Horizon longer{5, 80};
  for (std::int64_t step = 0; step < 100; ++step) {
    const Progress progress{step, static_cast<double>(step) / 5};
    const double value = schedule->value(progress, horizon);
    findings.expect(value >= bounds.min && value <= bounds.max,
                    fmt::format("step {}: {} is outside of bounds(), [{}, {}]", step, value,
                                bounds.min, bounds.max));
    findings.expect(schedule->value(progress, horizon) == value,
                    fmt::format("step {}: asked again, it gives another value", step));
    findings.expect(schedule->depends_on_run_length() || schedule->value(progress, longer) == value,
                    fmt::format("step {}: the value changes with the run's length, but "
                                "depends_on_run_length() is false",
                                step));
  }
}

/// @param where "train" or "test"
void check_samples(const Samples& samples, const Samples& again, const std::string& where,
                   Findings& findings) {
  const auto shape = samples.image_shape();
  findings.expect(samples.size() > 0 && shape.size() == 3,
                  fmt::format("{}: {} images of {}; expected at least one of [C, H, W]", where,
                              samples.size(), shape_text(shape)));
  if (samples.size() == 0 || shape.size() != 3) return;
  const auto count = std::min<std::int64_t>(samples.size(), 50);
  const auto index = at::arange(count, at::kLong);
  const auto images = samples.images(index);
  findings.expect(images.sizes() == at::IntArrayRef({count, shape[0], shape[1], shape[2]}) &&
                      images.scalar_type() == at::kFloat && images.is_contiguous(),
                  fmt::format("{}: images() of {} places gives {}; expected [B, C, H, W] float32, "
                              "contiguous",
                              where, count, shape_text(images)));
  findings.expect(images.isfinite().all().item<bool>(), where + ": a pixel is not finite");
  const bool points = shape[0] == 1 && shape[1] == 1;
  const auto low = images.min().item<double>();
  const auto high = images.max().item<double>();
  findings.expect(points || (low >= 0 && high <= 1),
                  fmt::format("{}: pixels from {} to {}; expected 0 to 1", where, low, high));
  findings.expect(at::equal(images, again.images(index)), where + ": loaded again, images differ");
  const auto labels = samples.labels();
  if (!labels.defined()) return;
  findings.expect(labels.sizes() == at::IntArrayRef({samples.size()}) &&
                      labels.scalar_type() == at::kLong && labels.min().item<std::int64_t>() >= 0,
                  fmt::format("{}: labels {}; expected [{}] int64, none negative", where,
                              shape_text(labels), samples.size()));
}

void loads(const Subject& subject, Findings& findings) {
  const auto config = configure(subject);
  const auto first = training::make<Dataset>(config, Build{});
  const auto second = training::make<Dataset>(config, Build{});
  const auto digest = first->digest();
  findings.expect(!digest.empty() && digest == second->digest(),
                  "digest() is empty, or differs when it is asked again");
  findings.expect(first->load("train") != nullptr, "there is no split 'train'");
  for (const auto* split : {"train", "test"}) {
    const auto samples = first->load(split);
    const auto again = second->load(split);
    if (samples != nullptr && again != nullptr) check_samples(*samples, *again, split, findings);
  }
  const auto splits = make_splits(*first, static_cast<const DatasetParams&>(*config.params));
  findings.expect(splits.train.size() > 0, "no image is left to train on");
}

void gives_the_mean(const Subject& subject, Findings& findings) {
  Build build;
  build.data.image = {1, 2, 3};
  const auto likelihood = training::make<Likelihood>(configure(subject), build);
  const auto mean = at::tensor({0.0F, 0.05F, 0.3F, 0.5F, 0.8F, 1.0F}).view({1, 2, 3});
  const auto output = likelihood->output_for_mean(mean);
  findings.expect(output.isfinite().all().item<bool>(), "output_for_mean() is not finite");
  const auto distribution = likelihood->distribution(output.unsqueeze(0).unsqueeze(0));
  const auto found = distribution->mean()[0][0];
  // The ends may be kept a little away from 0 and 1, where a logit is infinite.
  findings.expect(close(found, mean, 1e-4, 2e-3), "the output for a mean has another mean");
  findings.expect(close(found.flatten().slice(0, 1, 5), mean.flatten().slice(0, 1, 5), 1e-4, 1e-9),
                  "the output for a mean between 0 and 1 has another mean");
  const auto target = mean.unsqueeze(0).unsqueeze(0);
  const auto log_prob = distribution->log_prob(target);
  findings.expect(
      log_prob.sizes() == at::IntArrayRef({1, 1}) && log_prob.isfinite().all().item<bool>(),
      fmt::format("log_prob of an image is {}; expected [1, 1], finite", shape_text(log_prob)));
}

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

std::vector<Check> schedule_checks() {
  return {{"follows from the step alone, within its bounds", keeps_bounds}};
}

std::vector<Check> dataset_checks() { return {{"loads images, the same each time", loads}}; }

std::vector<Check> likelihood_checks() {
  return {{"gives the output for a mean, and finite log-probabilities", gives_the_mean}};
}

std::vector<Check> density_checks() {
  return {{"gives the same fit and samples for the same draws, in float64", fits_and_samples},
          {"refuses what it cannot be fitted to or asked for", refuses}};
}

}  // namespace varia::conformance
