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

/// @param values [B, E...]; what is missing is NaN
void check_blocks(std::vector<DataBlock> blocks, const Tensor& values, const std::string& where,
                  Findings& findings) {
  const auto numbers = values.flatten(1);
  if (blocks.empty()) blocks = {{Domain::unit, numbers.size(1)}};
  std::int64_t begin = 0;
  for (const auto& block : blocks) {
    const auto part = numbers.slice(1, begin, begin + block.size);
    findings.expect(
        is_of(block.domain, part, true),
        fmt::format("{}: numbers {} to {} of a sample are from {} to {}; expected {}", where, begin,
                    begin + block.size - 1, part.nan_to_num(INFINITY).min().item<double>(),
                    part.nan_to_num(-INFINITY).max().item<double>(), domain_text(block.domain)));
    begin += block.size;
  }
  findings.expect(begin == numbers.size(1),
                  fmt::format("{}: the blocks have {} numbers together; expected {}", where, begin,
                              numbers.size(1)));
}

/// @param where "train" or "test"
void check_samples(const Samples& samples, const Samples& again, const std::string& where,
                   Findings& findings) {
  const auto event = samples.event();
  const bool good = samples.size() > 0 && (event.size() == 1 || event.size() == 3);
  findings.expect(
      good, fmt::format("{}: {} samples of {}; expected at least one of [C, H, W] or [D]", where,
                        samples.size(), shape_text(event)));
  if (!good) return;
  const auto count = std::min<std::int64_t>(samples.size(), 50);
  const auto index = at::arange(count, at::kLong);
  const auto values = samples.gather(index, at::kCPU);
  auto sizes = event;
  sizes.insert(sizes.begin(), count);
  findings.expect(
      values.sizes() == sizes && values.scalar_type() == at::kFloat && values.is_contiguous(),
      fmt::format("{}: gather() of {} places gives {}; expected {} float32, contiguous", where,
                  count, shape_text(values), shape_text(sizes)));
  const auto& annotations = samples.annotations();
  const auto observed =
      annotations.has_missing ? values.masked_select(values.isnan().logical_not()) : values;
  findings.expect(observed.isfinite().all().item<bool>(), where + ": a value is not finite");
  check_blocks(annotations.blocks, values, where, findings);
  findings.expect(at::allclose(values, again.gather(index, at::kCPU), 0, 0, /*equal_nan=*/true),
                  where + ": loaded again, samples differ");
  const auto& labels = annotations.labels;
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
  findings.expect(splits.train.size() > 0, "no sample is left to train on");
}

/// Data of one domain, all of whose samples are alike.
struct Alike {
  Domain domain;
  std::vector<DataBlock> blocks;
  Tensor mean;   // [E...]
  Tensor value;  // [E...], a sample

  static Alike of(Domain domain) {
    const auto one_block = [&](const Tensor& mean, const Tensor& value) {
      return Alike{domain, {{domain, mean.numel()}}, mean, value};
    };
    switch (domain) {
      case Domain::unit: {
        const auto mean = at::tensor({0.0F, 0.05F, 0.3F, 0.5F, 0.8F, 1.0F}).view({1, 2, 3});
        return one_block(mean, mean);
      }
      case Domain::real: {
        const auto mean = at::tensor({-2.0F, 0.05F, 0.3F, 0.5F, 3.0F, 10.0F});
        return one_block(mean, mean);
      }
      case Domain::count: {
        const auto mean = at::tensor({0.3F, 1.0F, 2.0F, 5.0F, 20.0F, 100.0F});
        return one_block(mean, mean.round());
      }
      case Domain::categorical:
        break;
    }
    return {domain,
            {{domain, 2}, {domain, 4}},
            at::tensor({0.3F, 0.7F, 0.1F, 0.2F, 0.3F, 0.4F}),
            at::tensor({1.0F, 0.0F, 0.0F, 0.0F, 1.0F, 0.0F})};
  }
};

void gives_the_mean(const Subject& subject, Findings& findings) {
  const auto& domains = subject.info.domains;
  const auto data = Alike::of(domains.empty() ? Domain::unit : domains.front());
  const Split train("train", std::make_shared<MemorySamples>(data.mean.unsqueeze(0)),
                    at::zeros({1}, at::kLong), Binarize::none);
  Build build;
  build.data.event = data.mean.sizes().vec();
  build.data.blocks = data.blocks;
  build.train = &train;
  const auto likelihood = training::make<Likelihood>(configure(subject), build);
  const auto output = likelihood->output_for_mean(data.mean);
  findings.expect(output.sizes() == likelihood->output_shape(build.data.event) &&
                      output.isfinite().all().item<bool>(),
                  fmt::format("output_for_mean() is {}; expected {}, finite", shape_text(output),
                              shape_text(likelihood->output_shape(build.data.event))));
  const auto distribution = likelihood->distribution(output.unsqueeze(0).unsqueeze(0));
  const auto found = distribution->mean()[0][0];
  // The ends may be kept a little away from 0 and 1, where a logit is infinite.
  findings.expect(close(found, data.mean, 1e-4, 2e-3), "the output for a mean has another mean");
  findings.expect(
      close(found.flatten().slice(0, 1, 5), data.mean.flatten().slice(0, 1, 5), 1e-4, 1e-9),
      "the output for a mean between 0 and 1 has another mean");
  const auto log_prob = distribution->log_prob(data.value.unsqueeze(0).unsqueeze(0));
  findings.expect(
      log_prob.sizes() == at::IntArrayRef({1, 1}) && log_prob.isfinite().all().item<bool>(),
      fmt::format("log_prob of a sample is {}; expected [1, 1], finite", shape_text(log_prob)));
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
