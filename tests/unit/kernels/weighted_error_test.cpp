#include <ATen/Functions.h>

#include <limits>

#include "derivatives.hpp"
#include "support.hpp"
#include "varia/distributions.hpp"
#include "varia/draw.hpp"

namespace varia::kernels {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

double error_of(Error error, double difference) {
  return error == Error::square ? difference * difference : std::abs(difference);
}

double slope_of(Error error, double difference) {
  if (error == Error::square || std::isnan(difference)) return 2 * difference;
  return difference > 0 ? 1 : difference < 0 ? -1 : 0;
}

}  // namespace

TEST_CASE("weighted errors and their gradients are those of float64") {
  for_each_instruction_set([](const Kernels& kernels) {
    for (const auto error : {Error::square, Error::absolute}) {
      for (const std::int64_t columns : {1, 2, 7, 16, 33, 131}) {
        const std::int64_t rows = 600, value_rows = 300;
        const auto size = static_cast<std::size_t>(rows * columns);
        const auto width = static_cast<std::size_t>(columns);
        const auto mean = random_numbers(size + 1, -3, 3, 1);
        const auto value = random_numbers(size / 2 + 1, -3, 3, 2);
        const auto weight = random_numbers(width + 1, 0, 2, 3);
        const auto outer = random_numbers(601, -2, 2, 4);
        std::vector<float> found(601), to_mean(size + 1), to_weight(width + 1);
        kernels.weighted_error(error, mean.data() + 1, value.data() + 1, weight.data() + 1,
                               found.data() + 1, rows, value_rows, columns);
        kernels.weighted_error_backward(error, mean.data() + 1, value.data() + 1, weight.data() + 1,
                                        outer.data() + 1, to_mean.data() + 1, to_weight.data() + 1,
                                        rows, value_rows, columns);
        std::vector<double> sums(width), magnitudes(width);
        for (std::int64_t row = 0; row < rows; ++row) {
          double expected = 0;
          const double factor = outer[static_cast<std::size_t>(row + 1)];
          for (std::int64_t i = 0; i < columns; ++i) {
            const auto at = static_cast<std::size_t>(1 + row * columns + i);
            const auto column = static_cast<std::size_t>(i);
            const double difference =
                mean[at] - value[static_cast<std::size_t>(1 + (row % value_rows) * columns + i)];
            const double w = weight[column + 1];
            expected += w * error_of(error, difference);
            const double slope = factor * w * slope_of(error, difference);
            REQUIRE(agree(to_mean[at], slope, tolerance(std::abs(slope))));
            sums[column] += factor * error_of(error, difference);
            magnitudes[column] += std::abs(factor) * error_of(error, difference);
          }
          REQUIRE(agree(found[static_cast<std::size_t>(row + 1)], expected,
                        tolerance(expected, width)));
        }
        for (std::size_t i = 0; i < width; ++i)
          REQUIRE(agree(to_weight[i + 1], sums[i], tolerance(magnitudes[i], 600)));
      }
    }
  });
}

TEST_CASE("weighted errors of infinity and NaN are that") {
  for_each_instruction_set([](const Kernels& kernels) {
    for (const auto error : {Error::square, Error::absolute}) {
      for (const float x : {kInfinity, -kInfinity, std::nanf(""), 0.0F, 1e-40F}) {
        for (const std::int64_t columns : {1, 16}) {
          const std::vector<float> mean(16, x), value(16), one(16, 1.0F);
          std::vector<float> gradient(16);
          float found = 0;
          kernels.weighted_error(error, mean.data(), value.data(), one.data(), &found, 1, 1,
                                 columns);
          kernels.weighted_error_backward(error, mean.data(), value.data(), one.data(), one.data(),
                                          gradient.data(), nullptr, 1, 1, columns);
          const double sum = static_cast<double>(columns) * error_of(error, x);
          CHECK(agree(found, sum, tolerance(sum)));
          CHECK(agree(gradient.front(), slope_of(error, x), tolerance(1)));
        }
      }
    }
  });
}

}  // namespace varia::kernels

namespace varia {

namespace {

/// As operators make it.
template <class Family>
Formula by_density(const Tensor& value) {
  return [value](const Inputs& in) {
    return sum_event(Family(in[0], in[1]).log_density(value.to(in[0].scalar_type())));
  };
}

template <class Family>
Formula in_one_pass(const Tensor& value) {
  return [value](const Inputs& in) { return Family(in[0], in[1]).log_prob(value); };
}

template <class Family>
void check_family() {
  for (const std::int64_t samples : {1, 3}) {
    // Above the values, so that no terms nearly cancel.
    const auto mean = 1 + at::rand({samples, 4, 2, 2, 2});
    for (const auto& value : {at::rand({samples, 4, 2, 2, 2}), at::rand({1, 4, 2, 2, 2})}) {
      // A scale of all, one each, one each channel, one each image, one each number.
      const std::vector<std::vector<std::int64_t>> scales = {
          {1, 1, 1}, {2, 2, 2}, {2, 1, 1}, {4, 1, 1, 1}, mean.sizes().vec()};
      for (const auto& sizes : scales) {
        INFO("scale " << at::IntArrayRef(sizes));
        check_same(in_one_pass<Family>(value), by_density<Family>(value),
                   {mean, -0.5 * at::rand(sizes)});
      }
    }
  }
}

}  // namespace

TEST_CASE("Gaussian and Laplace log-likelihoods equal their densities, whatever shares a scale") {
  seed_default_generator(8);
  check_family<Normal>();
  check_family<Laplace>();
}

TEST_CASE("a Gaussian log-likelihood lets gradients flow to a value that requires them") {
  const auto value = at::rand({1, 2, 3}).requires_grad_();
  const Normal normal(at::zeros({1, 2, 3}), at::zeros({1, 1, 3}));
  normal.log_prob(value).sum().backward();
  CHECK(value.grad().allclose(-value.detach()));
}

}  // namespace varia
