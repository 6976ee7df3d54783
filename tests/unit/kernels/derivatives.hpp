#pragma once

#include <ATen/Functions.h>
#include <torch/autograd.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "support/catch.hpp"
#include "varia/tensor.hpp"

// What runs in one pass over memory must be the formula made of LibTorch's operators: its value,
// its gradient, and the gradient of its gradient.

namespace varia {

using Inputs = std::vector<Tensor>;
using Formula = std::function<Tensor(const Inputs&)>;

struct Derivatives {
  Tensor value;
  Inputs first;   ///< of a fixed combination of the squares of the value's elements
  Inputs second;  ///< of a fixed combination of the squares of the elements of `first`
};

inline Tensor combination(const Tensor& values) {
  return (values * at::arange(1, values.numel() + 1, values.options()).sin().view(values.sizes()))
      .sum();
}

inline Derivatives derivatives(const Formula& formula, const Inputs& inputs, bool with_second) {
  Inputs leaves;
  for (const auto& input : inputs) leaves.push_back(input.clone().requires_grad_(true));
  Derivatives result;
  result.value = formula(leaves);
  if (!with_second) {
    result.first = torch::autograd::grad({combination(result.value.square())}, leaves);
    return result;
  }
  result.first = torch::autograd::grad({combination(result.value.square())}, leaves, {}, {}, true);
  auto total = at::zeros({}, inputs.front().options());
  for (const auto& gradient : result.first) total = total + combination(gradient * gradient);
  result.second = torch::autograd::grad({total}, leaves, {}, {}, false, true);
  return result;
}

/// @param expected in float64
inline double error_of(const Tensor& found, const Tensor& expected) {
  return (found.to(at::kDouble) - expected).abs().max().item<double>();
}

/// @param expected in float64
/// @param plain    in float32; where long sums lose its digits, twice its error will do
inline void check_close(const Tensor& found, const Tensor& expected, const Tensor& plain) {
  REQUIRE(found.defined() == expected.defined());
  if (!found.defined()) return;
  REQUIRE(found.sizes() == expected.sizes());
  const auto scale = expected.abs().max().item<double>() + 1;
  CHECK(error_of(found, expected) < std::max(2e-6 * scale, 2 * error_of(plain, expected)));
}

/// Float32 through `fast` against float64 through `plain`.
inline void check_same(const Formula& fast, const Formula& plain, const Inputs& inputs) {
  Inputs exact;
  for (const auto& input : inputs) exact.push_back(input.to(at::kDouble));
  for (const bool with_second : {false, true}) {
    const auto found = derivatives(fast, inputs, with_second);
    const auto expected = derivatives(plain, exact, with_second);
    const auto in_float = derivatives(plain, inputs, with_second);
    check_close(found.value, expected.value, in_float.value);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      INFO("input " << i);
      check_close(found.first[i], expected.first[i], in_float.first[i]);
      if (with_second) check_close(found.second[i], expected.second[i], in_float.second[i]);
    }
  }
}

}  // namespace varia
