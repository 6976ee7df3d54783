#include "kernels/kernels.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "support.hpp"
#include "support/catch.hpp"

namespace varia::kernels {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kDenormal = 1e-40F;

/// Lengths around those of a vector register, and one that is none.
const std::vector<std::int64_t> kLengths = {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 100, 784};

std::vector<float> with_first(std::vector<float> values) {
  values.insert(values.begin(), 0.0F);
  return values;
}

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

TEST_CASE("the exponential is within two units in the last place wherever it is not zero") {
  for_each_instruction_set([](const Kernels& kernels) {
    std::vector<float> log_var;
    for (double x = -105; x < 90; x += 0.00373) log_var.push_back(static_cast<float>(2 * x));
    for (const float x : {kInfinity, -kInfinity, kNaN, 0.0F, -0.0F, kDenormal, 1e30F, -1e30F})
      log_var.push_back(x);
    const auto count = static_cast<std::int64_t>(log_var.size());
    const std::vector<float> zero(log_var.size()), one(log_var.size(), 1.0F);
    std::vector<float> found(log_var.size());
    kernels.normal_draw({zero.data(), count}, {log_var.data(), count}, one.data(), found.data(), 1,
                        count);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto expected = std::exp(0.5 * static_cast<double>(log_var[i]));
      const bool overflows = expected > std::numeric_limits<float>::max();
      INFO("log-variance " << log_var[i]);
      REQUIRE(agree(found[i], overflows ? kInfinity : expected, tolerance(expected)));
    }
  });
}

TEST_CASE("the Bernoulli log-likelihood and its gradient are those of float64") {
  for_each_instruction_set([](const Kernels& kernels) {
    for (const auto columns : kLengths) {
      const std::int64_t rows = 6, value_rows = 3;
      const auto size = static_cast<std::size_t>(rows * columns);
      const auto logits = with_first(random_numbers(size, -30, 30, 1));
      const auto value = with_first(random_numbers(size / 2, 0, 1, 2));
      const auto outer = random_numbers(6, -2, 2, 3);
      std::vector<float> found(7), gradient(size + 1);
      kernels.bernoulli_log_prob(logits.data() + 1, value.data() + 1, found.data() + 1, rows,
                                 value_rows, columns);
      kernels.bernoulli_log_prob_backward(logits.data() + 1, value.data() + 1, outer.data(),
                                          gradient.data() + 1, rows, value_rows, columns);
      for (std::int64_t row = 0; row < rows; ++row) {
        double expected = 0, magnitude = 0;
        for (std::int64_t i = 0; i < columns; ++i) {
          const auto at = static_cast<std::size_t>(1 + row * columns + i);
          const double x = logits[at];
          const double t = value[static_cast<std::size_t>(1 + (row % value_rows) * columns + i)];
          expected += t * x - softplus(x);
          magnitude += std::abs(t * x) + softplus(x);
          const double factor = outer[static_cast<std::size_t>(row)];
          REQUIRE(agree(gradient[at], factor * (t - sigmoid(x)),
                        tolerance(std::abs(factor) * (t + sigmoid(x)))));
        }
        REQUIRE(agree(found[static_cast<std::size_t>(row + 1)], expected,
                      tolerance(magnitude, static_cast<std::size_t>(columns))));
      }
    }
  });
}

TEST_CASE("the Bernoulli log-likelihood of extreme logits is that of float64") {
  const std::vector<float> extreme = {kInfinity,  -kInfinity, kNaN,   kDenormal,
                                      -kDenormal, 1e4F,       -1e4F,  3e38F,
                                      -3e38F,     0.0F,       -90.0F, -103.0F};
  for_each_instruction_set([&](const Kernels& kernels) {
    for (const float x : extreme) {
      for (const float t : {0.0F, 1.0F, 0.25F, kDenormal}) {
        INFO("logit " << x << ", value " << t);
        // Both the vector and the remainder behind it.
        for (const std::int64_t columns : {1, 16}) {
          const std::vector<float> logits(16, x), value(16, t), outer(1, 1.0F);
          float found = 0;
          std::vector<float> gradient(16);
          kernels.bernoulli_log_prob(logits.data(), value.data(), &found, 1, 1, columns);
          kernels.bernoulli_log_prob_backward(logits.data(), value.data(), outer.data(),
                                              gradient.data(), 1, 1, columns);
          const double term = double{t} * x - softplus(x);
          const double sum = static_cast<double>(columns) * term;
          const bool overflows = std::abs(sum) > std::numeric_limits<float>::max();
          if (!overflows || std::isinf(sum))
            REQUIRE(agree(
                found, sum,
                tolerance(static_cast<double>(columns) * (std::abs(double{t} * x) + softplus(x)),
                          static_cast<std::size_t>(columns))));
          for (std::int64_t i = 0; i < columns; ++i)
            REQUIRE(agree(gradient[static_cast<std::size_t>(i)], t - sigmoid(x),
                          tolerance(t + sigmoid(x))));
        }
      }
    }
  });
}

TEST_CASE("KL divergence, draw and their gradients are those of float64, rows being apart") {
  for_each_instruction_set([](const Kernels& kernels) {
    for (const auto columns : kLengths) {
      const std::int64_t rows = 3;
      const auto stride = 2 * columns + 1;
      const auto size = static_cast<std::size_t>(rows * columns);
      const auto both =
          with_first(random_numbers(static_cast<std::size_t>(rows * stride), -3, 3, 4));
      const Rows mean{both.data() + 1, stride}, log_var{both.data() + 1 + columns, stride};
      const auto noise = random_numbers(size, -3, 3, 5);
      const auto outer = random_numbers(size, -2, 2, 6);
      std::vector<float> kl(size), to_mean(size), to_log_var(size), draw(size), draw_gradient(size);
      kernels.kl_to_unit_normal(mean, log_var, kl.data(), rows, columns);
      kernels.kl_to_unit_normal_backward(mean, log_var, outer.data(), to_mean.data(),
                                         to_log_var.data(), rows, columns);
      kernels.normal_draw(mean, log_var, noise.data(), draw.data(), rows, columns);
      kernels.normal_draw_backward(log_var, noise.data(), outer.data(), draw_gradient.data(), rows,
                                   columns);
      for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t column = 0; column < columns; ++column) {
          const auto i = static_cast<std::size_t>(row * columns + column);
          const double m = mean.data[row * stride + column];
          const double v = log_var.data[row * stride + column];
          const double e = noise[i], g = outer[i], scale = std::exp(0.5 * v);
          REQUIRE(agree(kl[i], 0.5 * (m * m + std::exp(v) - 1 - v),
                        tolerance(0.5 * (m * m + std::exp(v) + 1 + std::abs(v)))));
          REQUIRE(agree(to_mean[i], g * m, tolerance(std::abs(g * m))));
          REQUIRE(agree(to_log_var[i], 0.5 * g * (std::exp(v) - 1),
                        tolerance(0.5 * std::abs(g) * (std::exp(v) + 1))));
          REQUIRE(agree(draw[i], m + scale * e, tolerance(std::abs(m) + scale * std::abs(e))));
          REQUIRE(agree(draw_gradient[i], 0.5 * g * e * scale, tolerance(std::abs(g * e) * scale)));
        }
      }
    }
  });
}

TEST_CASE("bias and activation are exact, forward and backward, and let NaN pass") {
  const auto activated = [](Activation activation, float x) {
    if (activation == Activation::relu) return x <= 0 ? 0.0F : x;
    if (activation == Activation::leaky_relu) return x <= 0 ? kLeak * x : x;
    return x;
  };
  const auto slope = [](Activation activation, float value) {
    if (activation == Activation::relu) return value <= 0 ? 0.0F : 1.0F;
    if (activation == Activation::leaky_relu) return value <= 0 ? kLeak : 1.0F;
    return 1.0F;
  };
  for_each_instruction_set([&](const Kernels& kernels) {
    for (const auto activation : {Activation::identity, Activation::relu, Activation::leaky_relu}) {
      for (const auto columns : kLengths) {
        const std::int64_t rows = 5;
        const auto size = static_cast<std::size_t>(rows * columns);
        auto input = with_first(random_numbers(size, -2, 2, 7));
        if (size > 4) {
          input[1] = kNaN;
          input[2] = -kInfinity;
          input[3] = kInfinity;
        }
        const auto bias = with_first(random_numbers(static_cast<std::size_t>(columns), -1, 1, 8));
        const auto outer = with_first(random_numbers(size, -1, 1, 9));
        auto values = input;
        auto in_place = outer;
        std::vector<float> gradient(size + 1);
        std::vector<float> sums(static_cast<std::size_t>(columns) + 1, kNaN);
        kernels.add_bias_and_activate(activation, values.data() + 1, bias.data() + 1, rows,
                                      columns);
        kernels.add_bias_and_activate_backward(activation, values.data() + 1, outer.data() + 1,
                                               gradient.data() + 1, sums.data() + 1, rows, columns);
        kernels.add_bias_and_activate_backward(activation, values.data() + 1, in_place.data() + 1,
                                               in_place.data() + 1, sums.data() + 1, rows, columns);
        for (std::int64_t column = 0; column < columns; ++column) {
          double sum = 0, magnitude = 0;
          for (std::int64_t row = 0; row < rows; ++row) {
            const auto i = static_cast<std::size_t>(1 + row * columns + column);
            const float expected =
                activated(activation, input[i] + bias[static_cast<std::size_t>(column + 1)]);
            REQUIRE(agree(values[i], expected, 0));
            REQUIRE(gradient[i] == slope(activation, values[i]) * outer[i]);
            REQUIRE(in_place[i] == gradient[i]);
            sum += gradient[i];
            magnitude += std::abs(gradient[i]);
          }
          REQUIRE(agree(sums[static_cast<std::size_t>(column + 1)], sum, tolerance(magnitude, 5)));
        }
      }
    }
  });
}

TEST_CASE("sums are those of float64, and those of infinity and NaN are that") {
  for_each_instruction_set([](const Kernels& kernels) {
    for (const auto count : kLengths) {
      const auto values = with_first(random_numbers(static_cast<std::size_t>(count), -1, 1, 10));
      double expected = 0;
      for (const float value : values) expected += value;
      REQUIRE(kernels.sum(values.data() + 1, count) == Catch::Approx(expected).margin(1e-12));
    }
    const std::vector<float> infinite = {1, kInfinity, 3}, undefined = {1, kNaN, 3};
    REQUIRE(kernels.sum(infinite.data(), 3) == kInfinity);
    REQUIRE(std::isnan(kernels.sum(undefined.data(), 3)));
  });
}

TEST_CASE("five steps of Adam are those of float64") {
  AdamFactors factors{};
  factors.beta1 = 0.9F;
  factors.beta2 = 0.999F;
  factors.epsilon = 1e-8F;
  factors.shrink = 0.99F;
  factors.decay = 0.1F;
  for_each_instruction_set([&](const Kernels& kernels) {
    for (const auto count : kLengths) {
      const auto size = static_cast<std::size_t>(count);
      auto parameter = with_first(random_numbers(size, -1, 1, 11));
      std::vector<float> mean(size + 1), square(size + 1);
      std::vector<double> p(parameter.begin(), parameter.end()), m(size + 1), s(size + 1);
      for (int step = 1; step <= 5; ++step) {
        const auto gradient =
            with_first(random_numbers(size, -1, 1, 20U + static_cast<unsigned>(step)));
        factors.step_size = static_cast<float>(1e-2 / (1 - std::pow(double{factors.beta1}, step)));
        factors.root_correction =
            static_cast<float>(1 / std::sqrt(1 - std::pow(double{factors.beta2}, step)));
        kernels.adam_step(parameter.data() + 1, gradient.data() + 1, mean.data() + 1,
                          square.data() + 1, count, factors);
        for (std::size_t i = 1; i <= size; ++i) {
          const double g = gradient[i] + double{factors.decay} * p[i];
          m[i] = factors.beta1 * m[i] + (1 - double{factors.beta1}) * g;
          s[i] = factors.beta2 * s[i] + (1 - double{factors.beta2}) * g * g;
          p[i] = factors.shrink * p[i] -
                 factors.step_size * m[i] /
                     (std::sqrt(s[i]) * factors.root_correction + factors.epsilon);
        }
      }
      for (std::size_t i = 1; i <= size; ++i) {
        REQUIRE(agree(parameter[i], p[i], tolerance(1.0, 5)));
        REQUIRE(agree(mean[i], m[i], tolerance(1.0, 5)));
        REQUIRE(agree(square[i], s[i], tolerance(1e-2, 5)));
      }
    }
  });
}

TEST_CASE("scattering patches is the transpose of gathering them, and gathering copies pixels") {
  for_each_instruction_set([](const Kernels& kernels) {
    for (const Patches& patches :
         {Patches{5, 4, 3, 3, 2, 3, 2, 1}, Patches{4, 4, 1, 3, 3, 4, 1, 1},
          Patches{3, 3, 2, 5, 5, 1, 1, 1}, Patches{2, 2, 1, 1, 1, 5, 2, 2}}) {
      const std::int64_t count = 2;
      const auto rows_size =
          static_cast<std::size_t>(count * patches.map_size() * patches.patch_size());
      const auto images =
          random_numbers(static_cast<std::size_t>(count * patches.image_size()), -1, 1, 1);
      const auto weights = random_numbers(rows_size, -1, 1, 2);
      std::vector<float> rows(rows_size, kNaN), back(images.size(), kNaN);
      kernels.gather_patches(patches, images.data(), rows.data(), count);
      kernels.scatter_patches(patches, weights.data(), back.data(), count);
      double in_rows = 0, in_images = 0;
      for (std::size_t i = 0; i < rows_size; ++i) in_rows += double{rows[i]} * weights[i];
      for (std::size_t i = 0; i < images.size(); ++i) in_images += double{images[i]} * back[i];
      CHECK(in_rows == Catch::Approx(in_images).margin(1e-5));

      std::size_t at = 0;
      for (std::int64_t n = 0; n < count; ++n)
        for (std::int64_t y = 0; y < patches.map_height; ++y)
          for (std::int64_t x = 0; x < patches.map_width; ++x)
            for (std::int64_t ky = 0; ky < patches.kernel; ++ky)
              for (std::int64_t kx = 0; kx < patches.kernel; ++kx)
                for (std::int64_t c = 0; c < patches.channels; ++c, ++at) {
                  const auto row = y * patches.stride - patches.padding + ky;
                  const auto column = x * patches.stride - patches.padding + kx;
                  const bool inside = row >= 0 && row < patches.image_height && column >= 0 &&
                                      column < patches.image_width;
                  const auto pixel =
                      ((n * patches.image_height + row) * patches.image_width + column) *
                          patches.channels +
                      c;
                  REQUIRE(rows[at] == (inside ? images[static_cast<std::size_t>(pixel)] : 0.0F));
                }
    }
  });
}

}  // namespace varia::kernels
