#include <ATen/Functions.h>

#include <cmath>

#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/likelihood.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

Build build() {
  Build build;
  build.data.event = {1, 2, 3};
  return build;
}

std::shared_ptr<Likelihood> make(const std::string& text, const Build& data = build()) {
  return training::make<Likelihood>(training::configure(registry(), "likelihood", yaml(text)),
                                    data);
}

/// A likelihood of rows of so many numbers of one domain, with the mean total of `train`.
std::shared_ptr<Likelihood> of_rows(const std::string& text, Domain domain, std::int64_t size,
                                    const Tensor& train = at::ones({1, 4})) {
  const Split split("train", std::make_shared<MemorySamples>(train.to(at::kFloat)),
                    at::arange(train.size(0), at::kLong), Binarize::none);
  Build build;
  build.data.event = {size};
  build.data.blocks = {{domain, size}};
  build.train = &split;
  return make(text, build);
}

/// Numbers as one sample of one event, [1, 1, D].
Tensor row(const std::vector<double>& numbers) { return doubles(numbers).view({1, 1, -1}); }

void check_densities(const Distribution& distribution, const std::vector<double>& values,
                     const std::vector<double>& truth) {
  const auto found = distribution.log_density(row(values)).flatten();
  for (std::size_t i = 0; i < truth.size(); ++i) {
    INFO("value " << values[i]);
    CHECK(number(found[static_cast<std::int64_t>(i)]) == Approx(truth[i]).epsilon(1e-6));
  }
}

/// Gradients of the log-density with respect to the decoder's output against finite differences.
void check_gradients(const Likelihood& likelihood, const Tensor& output, const Tensor& value) {
  const auto log_prob = [&](const Tensor& x) {
    return likelihood.distribution(x)->log_prob(value).sum();
  };
  CHECK(gradient_error(log_prob, output) < 1e-5);
}

/// The mean and the variance of many draws of a distribution are its own, within five standard
/// errors.
void check_moments(const Distribution& distribution) {
  Draw draw(5, 20'000);
  const auto drawn = distribution.rsample(draw).value.to(at::kDouble);
  const auto error = 5 * (distribution.variance() / 20'000).sqrt() + 1e-9;
  CHECK((drawn.mean(0, true) - distribution.mean()).abs().le(error).all().item<bool>());
  CHECK(close(drawn.var(0, true, true),
              distribution.variance().to(at::kDouble).expand_as(drawn[0].unsqueeze(0)), 0.15,
              1e-3));
}

}  // namespace

TEST_CASE("the output for a mean gives that mean where a sigmoid makes the mean") {
  const auto mean = at::tensor({0.0F, 0.05F, 0.3F, 0.5F, 0.8F, 1.0F}).view({1, 2, 3});
  const auto check = [&](const std::string& text) {
    INFO(text);
    const auto likelihood = make(text);
    const auto output = likelihood->output_for_mean(mean);
    CHECK(output.isfinite().all().item<bool>());
    const auto found = likelihood->distribution(output.unsqueeze(0).unsqueeze(0))->mean();
    // The ends may be kept a little away from 0 and 1, where a logit is infinite.
    CHECK(close(found[0][0], mean, 1e-4, 2e-3));
    CHECK(close(found[0][0].flatten().slice(0, 1, 5), mean.flatten().slice(0, 1, 5), 1e-4));
  };
  check("{use: gaussian, mean: sigmoid}");
  check("{use: laplace, mean: sigmoid}");
}

TEST_CASE(
    "where a discretized logistic starts at the mean of black and white pixels, none costs much") {
  const auto likelihood = make("{use: discretized_logistic}");
  for (const double white : {0.001, 0.01, 0.1, 0.3, 0.5, 0.8, 0.99}) {
    const auto start =
        likelihood->output_for_mean(at::full({1, 1, 1}, white)).unsqueeze(0).unsqueeze(0);
    const auto nats = [&](double pixel) {
      return -number(likelihood->distribution(start)->log_prob(at::full({1, 1, 1, 1, 1}, pixel)));
    };
    INFO(white);
    // The entropy of the pixels is at most ln 2.
    CHECK(white * nats(1) + (1 - white) * nats(0) < 16);
  }
}

TEST_CASE("a likelihood's scale is the standard deviation, or the scale of a Laplace") {
  const auto output = at::full({1, 1, 1, 2, 3}, 0.2);
  CHECK(close(make("{use: gaussian, scale: 0.5}")->distribution(output)->variance(),
              at::full({1}, 0.25)));
  CHECK(close(make("{use: laplace, scale: 0.5}")->distribution(output)->variance(),
              at::full({1}, 0.5)));
}

TEST_CASE("a scale is trained where that is asked for, with its gradient the textbook's") {
  CHECK(make("{use: gaussian}")->parameters().empty());
  CHECK(make("{use: gaussian}")->buffers().size() == 1);
  for (const auto* learned : {"shared", "per_feature"}) {
    const auto made = make("{use: gaussian, scale: 0.5, learned: " + std::string(learned) + "}");
    REQUIRE(made->parameters().size() == 1);
    auto parameter = made->parameters()[0];
    REQUIRE(parameter.numel() == (learned == std::string("shared") ? 1 : 6));
    const auto distance = at::arange(6, at::kFloat).view({1, 1, 1, 2, 3}) / 10;
    made->distribution(at::zeros({1, 1, 1, 2, 3}))->log_prob(distance).sum().backward();
    // d ln N / d ln s = (x / s)^2 - 1
    const auto truth = (distance / 0.5).square() - 1;
    CHECK(close(parameter.grad().sum(), truth.sum()));
    if (parameter.numel() == 6) CHECK(close(parameter.grad(), truth[0][0]));
  }
}

// The truth of the next tests is SciPy's, in float64, with the call beside it.

TEST_CASE("poisson is scipy.stats.poisson, up to counts of a million") {
  const auto likelihood = of_rows("{use: poisson}", Domain::count, 4);
  const auto at_mean = [&](double mean) {
    return likelihood->distribution(at::full({1, 1, 4}, std::log(mean), at::kDouble));
  };
  // poisson.logpmf([0, 1, 7, 1e6], m)
  check_densities(*at_mean(12.5), {0, 1, 7, 1e6},
                  {-12.5, -9.974271355691744, -3.3450608509076254, -10289802.240349913});
  check_densities(*at_mean(1e6), {0, 1, 7, 1e6},
                  {-1000000.0, -999986.184489442, -999911.8165874553, -7.826693896204233});
  CHECK(close(at_mean(12.5)->mean(), at::full({1, 1, 4}, 12.5, at::kDouble)));
  check_moments(*at_mean(12.5));
  check_gradients(*likelihood, row({0.1, -2, 3, 5}), row({0, 2, 30, 1000}));
}

TEST_CASE("negative_binomial is scipy.stats.nbinom, at dispersions from 1e-8 to 1e8") {
  const std::vector<double> values = {0, 1, 7, 1e6};
  // nbinom.logpmf([0, 1, 7, 1e6], r, r / (r + m))
  const auto check = [&](const std::string& r, double mean, const std::vector<double>& truth) {
    INFO("dispersion " << r << ", mean " << mean);
    const auto likelihood =
        of_rows("{use: negative_binomial, learned: no, dispersion: " + r + "}", Domain::count, 4);
    likelihood->to(at::kDouble);
    likelihood->buffers()[0].fill_(std::log(std::stod(r)));
    const auto made = likelihood->distribution(at::full({1, 1, 4}, std::log(mean), at::kDouble));
    check_densities(*made, values, truth);
    CHECK(close(made->mean(), at::full({1, 1, 4}, mean, at::kDouble)));
  };
  check("1e-8", 1,
        {-1.8420680753952364e-07, -18.420680938159176, -20.366591122714485, -32.24619134060307});
  check("1e-8", 1e6,
        {-3.223619130191665e-07, -18.42068106631429, -20.366591190869663, -32.23619148880818});
  check("0.5", 1,
        {-0.5493061443340549, -1.6479184330021641, -4.9507239683225865, -405473.1375346544});
  check("3", 1e6,
        {-38.15070380787499, -37.052094519202385, -34.56720586938738, -14.21282237179371});
  check("1e8", 1e6, {-995033.0853168092, -995019.2797568032, -994944.9715563641, -7.8316690903157});
}

TEST_CASE("draws and gradients of negative binomials are those of their densities") {
  for (const auto* learned : {"no", "decoder"}) {
    const auto likelihood =
        of_rows("{use: negative_binomial, dispersion: 2, learned: " + std::string(learned) + "}",
                Domain::count, 2);
    const bool decoder = likelihood->output_shape({2})[0] == 4;
    CHECK(decoder == (learned == std::string("decoder")));
    const auto output = decoder ? row({1, 2.5, 0.3, -0.5}) : row({1, 2.5});
    check_moments(*likelihood->distribution(output));
    check_gradients(*likelihood, output, row({0, 20}));
  }
  const auto inflated =
      of_rows("{use: zero_inflated_negative_binomial, learned: no}", Domain::count, 2);
  const auto output = row({1, 2.5, -0.5, 0.7});
  check_moments(*inflated->distribution(output));
  check_gradients(*inflated, output, row({0, 20}));
}

TEST_CASE("a zero-inflated negative binomial is the mixture of its two parts") {
  const auto plain =
      of_rows("{use: negative_binomial, learned: no, dispersion: 2}", Domain::count, 3);
  const auto inflated = of_rows(
      "{use: zero_inflated_negative_binomial, learned: no, dispersion: 2}", Domain::count, 3);
  const auto value = row({0, 1, 30});
  const auto mean = row({0.5, 0.5, 2});
  const auto of_plain = plain->distribution(mean)->log_density(value).exp();
  const double p = 1 / (1 + std::exp(0.8));
  const auto truth = (p * value.eq(0).to(at::kDouble) + (1 - p) * of_plain).log();
  const auto output = at::cat({mean, at::full_like(mean, -0.8)}, 2);
  CHECK(close(inflated->distribution(output)->log_density(value), truth, 1e-9));
}

TEST_CASE("the probabilities of every count sum to one") {
  const auto counts = at::arange(4000, at::kDouble).view({1, 4000, 1});
  const auto sum = [&](const std::string& text, const std::vector<double>& output) {
    const auto made = of_rows(text, Domain::count, 1)->distribution(row(output));
    return number(made->log_density(counts).exp().sum());
  };
  CHECK(sum("{use: poisson}", {3}) == Approx(1));
  CHECK(sum("{use: negative_binomial, learned: no}", {3}) == Approx(1));
  CHECK(sum("{use: zero_inflated_negative_binomial, learned: no}", {3, -1}) == Approx(1));
}

TEST_CASE("with mean: share the total of each sample falls on its numbers") {
  const auto train = at::full({2, 4}, 5.0);
  const auto likelihood = of_rows("{use: poisson, mean: share}", Domain::count, 4, train);
  const auto output = row({0, 1, 2, -1});
  const auto value = row({1, 2, 40, 0});
  const auto rate = output.softmax(-1) * 43;
  const auto plain = of_rows("{use: poisson}", Domain::count, 4)->distribution(rate.log());
  CHECK(close(likelihood->distribution(output)->log_density(value), plain->log_density(value)));
  CHECK(close(likelihood->distribution(output)->mean(), output.softmax(-1) * 20));
  check_gradients(*likelihood, output, value);
}

TEST_CASE("with mean: share the total of what was observed falls on that alone") {
  const auto train = at::full({2, 4}, 5.0);
  const auto output = row({0, 1, 2, -1});
  const auto value = row({1, 2, 0, 7});
  auto mask = at::ones({1, 4}, at::kBool);
  mask[0][2] = false;
  const auto share = output.softmax(-1);
  const auto observed = share / (share.sum() - share[0][0][2]);  // among the three that are known
  for (const std::string name :
       {"poisson", "negative_binomial", "zero_inflated_negative_binomial"}) {
    INFO(name);
    const bool is_mixture = name.starts_with("zero");
    const auto full = [&](const Tensor& numbers) {
      return is_mixture ? at::cat({numbers, at::zeros_like(numbers)}, -1) : numbers;
    };
    const auto taken = of_rows("{use: " + name + ", mean: share}", Domain::count, 4, train)
                           ->distribution(full(output));
    const auto plain =
        of_rows("{use: " + name + "}", Domain::count, 4)->distribution(full((observed * 10).log()));
    CHECK(
        close(taken->log_prob_of_observed(value, mask), plain->log_prob_of_observed(value, mask)));
    CHECK(close(taken->mean_given(value, mask), plain->mean()));
    // Without missing ones, the mean of a sample has its total.
    const double kept = is_mixture ? 0.5 : 1;
    CHECK(number(taken->mean_given(value, {}).sum()) == Approx(10 * kept));
    CHECK(number(taken->mean().sum()) == Approx(20 * kept));
    CHECK(close(plain->mean_given(value, mask), plain->mean()));
  }
  // If nothing is known of a sample, its total is that of the mean one, and gradients are finite.
  const auto free = output.clone().set_requires_grad(true);
  const auto made =
      of_rows("{use: poisson, mean: share}", Domain::count, 4, train)->distribution(free);
  const auto none = at::zeros({1, 4}, at::kBool);
  CHECK(close(made->mean_given(at::zeros_like(value), none).detach(), share * 20));
  made->log_prob_of_observed(at::zeros_like(value), none).sum().backward();
  CHECK(at::equal(free.grad(), at::zeros_like(free)));
}

TEST_CASE("multinomial is scipy.stats.multinomial") {
  const auto train = at::tensor({1.0F, 2.0F, 3.0F, 4.0F}).unsqueeze(0);
  const auto likelihood = of_rows("{use: multinomial}", Domain::count, 4, train);
  const auto output = (row({0.1, 0.2, 0.3, 0.4}) * 7).log();
  const auto made = likelihood->distribution(output);
  // multinomial.logpmf([3, 0, 2, 5], 10, [.1, .2, .3, .4])
  CHECK(number(made->log_prob(row({3, 0, 2, 5}))) == Approx(-6.065140366499312));
  CHECK(close(made->mean(), row({1, 2, 3, 4})));
  check_moments(*made);
  check_gradients(*likelihood, output, row({3, 0, 2, 5}));
}

TEST_CASE("student_t is scipy.stats.t, from half a degree of freedom to 1e8") {
  const auto check = [](const std::string& degrees, const std::vector<double>& truth) {
    const auto likelihood = of_rows(
        "{use: student_t, learned: no, scale: 2, degrees: " + degrees + "}", Domain::real, 4);
    check_densities(*likelihood->distribution(at::full({1, 1, 4}, 0.5, at::kDouble)),
                    {0, 1, -3, 1e3}, truth);
    check_gradients(*likelihood, row({0.5, 0.2, 0.1, 3}), row({0, 1, -3, 1e3}));
  };
  // t.logpdf([0, 1, -3, 1e3], df, loc=.5, scale=2)
  check("0.5",
        {-2.0920173832137423, -2.0920173832137423, -3.4763874010874907, -11.844703953461801});
  check("4", {-1.7127368999115844, -1.7127368999115844, -3.0952382719533436, -29.27882043738387});
  check("1e8", {-1.6433357165673539, -1.6433357165673539, -3.143335708129854, -124720.96599964361});
}

TEST_CASE("draws of a Student's t have its mean and variance") {
  const auto likelihood = of_rows("{use: student_t, scale: 2, degrees: 12}", Domain::real, 2);
  check_moments(*likelihood->distribution(row({-1, 3})));
}

TEST_CASE("beta is scipy.stats.beta") {
  const auto likelihood = of_rows("{use: beta, learned: no, precision: 10}", Domain::unit, 4);
  const auto output = at::full({1, 1, 4}, std::log(0.3 / 0.7), at::kDouble);
  // beta.logpdf([.01, .3, .9, .998], 3, 7)
  check_densities(
      *likelihood->distribution(output), {0.01, 0.3, 0.9, 0.998},
      {-3.741213299585767, 0.9814338152271569, -8.496802501768503, -31.762223508363064});
  check_moments(*likelihood->distribution(output));
  check_gradients(*likelihood, output, row({0.01, 0.3, 0.9, 0.998}));
}

TEST_CASE(
    "the probabilities of all levels of a discretized logistic sum to one, and give its mean") {
  for (const auto* parts : {"1", "3"}) {
    const auto likelihood =
        of_rows("{use: discretized_logistic, levels: 32, parts: " + std::string(parts) + "}",
                Domain::unit, 2);
    Draw draw(3);
    const auto output = 2 * draw.normal({1, 1, 6 * std::stoi(parts)}).to(at::kDouble);
    const auto made = likelihood->distribution(output);
    const auto levels = (at::arange(32, at::kDouble) / 31).view({1, 32, 1}).expand({1, 32, 2});
    const auto probability = made->log_density(levels).exp();
    CHECK(close(probability.sum(1), at::ones({1, 2}, at::kDouble), 1e-9));
    CHECK(close((probability * levels).sum(1), made->mean()[0], 1e-9));
    check_gradients(*likelihood, output, row({3.0 / 31, 1}));
  }
}

TEST_CASE("a narrow discretized logistic gives no level a probability of zero") {
  const auto likelihood = of_rows("{use: discretized_logistic}", Domain::unit, 2);
  const auto output = at::tensor({0.0F, 0.0F, 10.0F, -10.0F, -20.0F, -20.0F}).view({1, 1, 6});
  const auto value = at::tensor({0.0F, 1.0F}).view({1, 1, 2});
  CHECK(likelihood->distribution(output)->log_prob(value).isfinite().all().item<bool>());
}

TEST_CASE("a wide discretized logistic has in float32 what it has in float64, and its gradients") {
  const auto likelihood = of_rows("{use: discretized_logistic}", Domain::unit, 1);
  const auto value = at::full({1, 1, 1}, 100.0 / 255, at::kDouble);
  for (const double log_scale : {-5.0, 0.0, 5.0, 9.0, 12.0, 20.0, 40.0, 100.0, 1e4}) {
    INFO(log_scale);
    const auto gradient_of = [&](at::ScalarType type) {
      auto output = at::tensor({0.0, 0.4, log_scale}, at::kDouble).to(type).view({1, 1, 3});
      output.requires_grad_();
      const auto log_prob = likelihood->distribution(output)->log_prob(value.to(type));
      log_prob.sum().backward();
      return std::pair(number(log_prob), output.grad().to(at::kDouble));
    };
    const auto [truth, slopes] = gradient_of(at::kDouble);
    const auto [found, found_slopes] = gradient_of(at::kFloat);
    CHECK(found == Approx(truth).epsilon(1e-5));
    CHECK(close(found_slopes, slopes, 1e-4, 1e-6));
  }
}

TEST_CASE("a categorical likelihood is one softmax for each block") {
  Build build;
  build.data.event = {5};
  build.data.blocks = {{Domain::categorical, 2}, {Domain::categorical, 3}};
  const auto likelihood = make("{use: categorical}", build);
  const auto output = row({0.3, -1, 2, 0, 1});
  const auto value = row({0, 1, 1, 0, 0});
  const double first = std::exp(-1) / (std::exp(0.3) + std::exp(-1));
  const double second = std::exp(2) / (std::exp(2) + 1 + std::exp(1));
  CHECK(number(likelihood->distribution(output)->log_prob(value)) ==
        Approx(std::log(first) + std::log(second)));
  check_gradients(*likelihood, output, value);
}

TEST_CASE("mixed is the sum of the likelihoods of its blocks, of what was observed") {
  Build build;
  build.data.event = {4};
  build.data.blocks = {{Domain::real, 1}, {Domain::categorical, 2}, {Domain::count, 1}};
  const auto likelihood =
      make("{use: mixed, real: {use: gaussian, learned: decoder}, count: poisson}", build);
  CHECK(likelihood->output_shape({4}) == std::vector<std::int64_t>{5});
  const auto output = row({0.5, 0.2, 1, -1, 2});
  const auto value = row({2, 0, 1, 3});
  const double scale = 1e-3 + std::exp(0.2);
  const double normal =
      -0.5 * std::pow(1.5 / scale, 2) - std::log(scale) - 0.5 * std::log(2 * M_PI);
  const double category = std::log(std::exp(-1) / (std::exp(1) + std::exp(-1)));
  const double poisson = 3 * 2 - std::exp(2) - std::log(6);
  const auto made = likelihood->distribution(output);
  CHECK(number(made->log_prob(value)) == Approx(normal + category + poisson));
  auto mask = at::ones({1, 4}, at::kBool);
  mask[0][0] = false;
  CHECK(number(made->log_prob_of_observed(value, mask)) == Approx(category + poisson));
  check_gradients(*likelihood, output, value);
}

TEST_CASE("a likelihood of other numbers than the data's is refused with those that fit") {
  CHECK_THROWS_WITH(
      of_rows("{use: mixed, real: bernoulli}", Domain::real, 4),
      Catch::Matchers::ContainsSubstring(
          "bernoulli is one of numbers in [0, 1], and the data are real numbers. Those that fit: "
          "gaussian, laplace, mixed, student_t."));
}
