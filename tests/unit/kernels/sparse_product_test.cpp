#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <limits>

#include "derivatives.hpp"
#include "support.hpp"
#include "varia/convolution_layer.hpp"
#include "varia/draw.hpp"
#include "varia/linear_layer.hpp"

namespace varia::kernels {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// Numbers of which all but a part are zero, some of them negative zeros.
std::vector<float> sparse_numbers(std::size_t count, double part, unsigned seed) {
  auto numbers = random_numbers(count, -1, 1, seed);
  const auto chances = random_numbers(count, 0, 1, seed + 1);
  for (std::size_t i = 0; i < count; ++i)
    if (chances[i] > part) numbers[i] = i % 2 == 0 ? 0.0F : -0.0F;
  return numbers;
}

/// What a sum of products is in float64, and how large its terms are.
struct Sum {
  double value = 0, magnitude = 0;
  void add(float a, float b) {
    value += double{a} * b;
    magnitude += std::abs(double{a} * b);
  }
};

struct Sizes {
  std::int64_t rows, in, out;
};

/// Around those of a block and of a tile, and small ones.
const std::vector<Sizes> kSizes = {{1, 1, 1},     {3, 17, 5},   {128, 64, 96},
                                   {129, 65, 97}, {40, 63, 40}, {260, 20, 111},
                                   {16, 130, 23}, {9, 70, 256}, {70, 9, 230}};

std::size_t at(std::int64_t row, std::int64_t columns, std::int64_t column) {
  return static_cast<std::size_t>(1 + row * columns + column);  // behind one number
}

}  // namespace

TEST_CASE("products that skip zeros of a matrix and of its transpose are those of float64") {
  for_each_instruction_set([](const Kernels& kernels) {
    for (const auto [rows, in, out] : kSizes) {
      for (const double part : {0.0, 0.2, 1.0}) {
        INFO("[" << rows << ", " << in << "] to " << out << ", part " << part);
        const auto values = sparse_numbers(at(rows, in, 0), part, 1);
        const auto weight = random_numbers(at(in, out, 0), -1, 1, 3);
        const auto outer = random_numbers(at(rows, out, 0), -1, 1, 4);
        std::vector<float> found(outer.size(), 7.0F), gradient(weight.size(), 7.0F);
        const Matrix matrix{values.data() + 1, in, false}, transposed{values.data() + 1, in, true};
        kernels.sparse_product(matrix, weight.data() + 1, found.data() + 1, rows, out, in, false);
        kernels.sparse_product(transposed, outer.data() + 1, gradient.data() + 1, in, out, rows,
                               false);
        CHECK(found.front() == 7);
        CHECK(gradient.front() == 7);
        for (std::int64_t o = 0; o < out; ++o) {
          for (std::int64_t row = 0; row < rows; ++row) {
            Sum sum;
            for (std::int64_t i = 0; i < in; ++i)
              sum.add(values[at(row, in, i)], weight[at(i, out, o)]);
            REQUIRE(agree(found[at(row, out, o)], sum.value,
                          tolerance(sum.magnitude, static_cast<std::size_t>(in))));
          }
          for (std::int64_t i = 0; i < in; ++i) {
            Sum sum;
            for (std::int64_t row = 0; row < rows; ++row)
              sum.add(values[at(row, in, i)], outer[at(row, out, o)]);
            REQUIRE(agree(gradient[at(i, out, o)], sum.value,
                          tolerance(sum.magnitude, static_cast<std::size_t>(rows))));
          }
        }
      }
    }
  });
}

TEST_CASE("a product that skips zeros takes what is no zero, however small, infinite or NaN") {
  for_each_instruction_set([](const Kernels& kernels) {
    for (const float x : {1e-40F, -1e-40F, kInfinity, -kInfinity, kNaN}) {
      INFO("value " << x);
      std::vector<float> values(64), weight(64, 2.0F), result(1), gradient(64);
      values[40] = x;
      kernels.sparse_product({values.data(), 64, false}, weight.data(), result.data(), 1, 1, 64,
                             false);
      CHECK(agree(result[0], 2 * double{x}, tolerance(std::abs(2 * double{x}))));
      kernels.sparse_product({values.data(), 64, true}, weight.data(), gradient.data(), 64, 1, 1,
                             false);
      CHECK(agree(gradient[40], 2 * double{x}, tolerance(std::abs(2 * double{x}))));
      CHECK(gradient[41] == 0);
    }
  });
}

TEST_CASE("a product that skips zeros can be added to what is there") {
  for_each_instruction_set([](const Kernels& kernels) {
    const std::vector<float> values = {0, 2, 3, 0}, matrix = {1, 10, 100, 1000};
    std::vector<float> result = {1, 2, 3, 4};
    kernels.sparse_product({values.data(), 2, false}, matrix.data(), result.data(), 2, 2, 2, true);
    CHECK(result == std::vector<float>{201, 2002, 6, 34});
  });
}

TEST_CASE("numbers other than zero are counted, and those that are not finite found") {
  for_each_instruction_set([](const Kernels& kernels) {
    for (const std::int64_t count : {0, 1, 15, 33, 200'000}) {
      const auto size = static_cast<std::size_t>(count);
      auto values = sparse_numbers(size, 0.3, 5);
      const auto expected =
          std::count_if(values.begin(), values.end(), [](float value) { return value != 0; });
      CHECK(kernels.count_nonzero(values.data(), count) == expected);
      CHECK(kernels.all_finite(values.data(), count));
      for (const float bad : {kInfinity, -kInfinity, kNaN}) {
        if (values.empty()) continue;
        values[size / 2] = bad;
        CHECK_FALSE(kernels.all_finite(values.data(), count));
      }
    }
  });
}

}  // namespace varia::kernels

namespace varia {

namespace {

/// Zeros are skipped on one thread.
class OneThread {
 public:
  OneThread() : before_(at::get_num_threads()) { at::set_num_threads(1); }
  ~OneThread() { at::set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

/// Enough rows and outputs for the zeros to be skipped, an eighth of the numbers being others.
Tensor sparse_images() { return at::relu(at::rand({70, 48}) - 0.875); }

Tensor plain_layer(const Inputs& in) { return at::relu(at::linear(in[0], in[1], in[2])); }
Tensor fast_layer(const Inputs& in) { return linear_layer(in[0], in[1], in[2], "relu"); }

}  // namespace

TEST_CASE("a layer of an input that is mostly zero equals LibTorch's") {
  const OneThread one_thread;
  seed_default_generator(6);
  const auto input = sparse_images(), weight = at::randn({130, 48}), bias = at::randn({130});
  check_same(fast_layer, plain_layer, {input, weight, bias});
  check_same(fast_layer, plain_layer, {input, column_major(weight), bias});
  check_same(fast_layer, plain_layer, {at::randn({70, 48}), column_major(weight), bias});
}

TEST_CASE("a transposed convolution of an input that is mostly zero equals LibTorch's") {
  const OneThread one_thread;
  seed_default_generator(8);
  const Convolution convolution{2, 1, 0, true};
  const auto input = at::relu(at::rand({60, 6, 4, 4}) - 0.5);  // more than go through at once
  const auto weight = 0.3 * at::randn({6, 10, 4, 4}), bias = at::randn({10});
  check_same(
      [&](const Inputs& in) { return convolution_layer(in[0], in[1], in[2], convolution, "relu"); },
      [&](const Inputs& in) {
        return at::relu(at::conv_transpose2d(in[0], in[1], in[2], 2, 1, 0));
      },
      {input, weight, bias});
}

TEST_CASE("zeros do not hide what is not finite in a transposed convolution") {
  const OneThread one_thread;
  const double infinity = std::numeric_limits<double>::infinity();
  auto weight = at::ones({2, 10, 4, 4});
  const auto bias = at::zeros({10}), input = at::zeros({3, 2, 4, 4});
  const Convolution convolution{2, 1, 0, true};
  const auto leaf = weight.clone().requires_grad_();
  const auto result = convolution_layer(input, leaf, bias, convolution, "identity");
  result.backward(at::full_like(result, infinity));
  CHECK(leaf.grad().isnan().all().item<bool>());
  weight.select(0, 1).fill_(infinity);
  CHECK(convolution_layer(input, weight, bias, convolution, "identity").isnan().all().item<bool>());
}

TEST_CASE("a column-major weight keeps its values, and its gradient is column major, too") {
  const auto weight = at::randn({3, 5}, at::requires_grad());
  const auto lying = column_major(weight);
  CHECK(lying.is_leaf());
  CHECK_FALSE(lying.requires_grad());
  CHECK(lying.equal(weight));
  CHECK(lying.t().is_contiguous());
  const auto leaf = lying.detach().requires_grad_();
  linear_layer(at::randn({2, 5}), leaf, at::zeros({3}), "relu").sum().backward();
  CHECK(leaf.grad().strides() == leaf.strides());
}

TEST_CASE("zeros do not hide a weight or a gradient that is not finite") {
  const OneThread one_thread;
  seed_default_generator(7);
  const double infinity = std::numeric_limits<double>::infinity();
  auto input = sparse_images();
  input.select(1, 3).zero_();
  auto weight = at::randn({130, 48});
  const auto bias = at::randn({130});
  const auto gradient_of = [&](double factor) {
    const auto leaf = column_major(weight).requires_grad_();
    const auto result = linear_layer(input, leaf, bias, "identity");
    auto outer = at::ones_like(result);
    outer.select(1, 5).fill_(factor);
    result.backward(outer);
    return leaf.grad();
  };
  CHECK(gradient_of(2).isfinite().all().item<bool>());
  CHECK(gradient_of(infinity).select(0, 5).isnan().any().item<bool>());
  weight.select(0, 0).select(0, 3) = infinity;
  CHECK(linear_layer(input, column_major(weight), bias, "identity")
            .select(1, 0)
            .isnan()
            .all()
            .item<bool>());
}

}  // namespace varia
