#include "kernels/kernels.hpp"

#include <string>

#include "support.hpp"
#include "support/catch.hpp"

namespace varia::kernels {

TEST_CASE("a product is the sum of products, whichever matrix is transposed") {
  if (std::string(product_library()).empty()) return;  // LibTorch multiplies then
  for (const bool transpose_a : {false, true}) {
    for (const bool transpose_b : {false, true}) {
      for (const std::int64_t m : {1, 7, 33}) {
        for (const std::int64_t n : {1, 20, 49}) {
          for (const std::int64_t k : {1, 16, 131}) {
            const auto a = random_numbers(static_cast<std::size_t>(m * k), -1, 1, 1);
            const auto b = random_numbers(static_cast<std::size_t>(k * n), -1, 1, 2);
            std::vector<float> found(static_cast<std::size_t>(m * n), 7.0F);
            REQUIRE(multiply({a.data(), transpose_a ? m : k, transpose_a},
                             {b.data(), transpose_b ? k : n, transpose_b}, found.data(), m, n, k));
            for (std::int64_t row = 0; row < m; ++row) {
              for (std::int64_t column = 0; column < n; ++column) {
                double expected = 0, magnitude = 0;
                for (std::int64_t i = 0; i < k; ++i) {
                  const auto left =
                      static_cast<std::size_t>(transpose_a ? i * m + row : row * k + i);
                  const auto right =
                      static_cast<std::size_t>(transpose_b ? column * k + i : i * n + column);
                  expected += double{a[left]} * b[right];
                  magnitude += std::abs(double{a[left]} * b[right]);
                }
                REQUIRE(agree(found[static_cast<std::size_t>(row * n + column)], expected,
                              tolerance(magnitude, static_cast<std::size_t>(k))));
              }
            }
          }
        }
      }
    }
  }
}

TEST_CASE("a product can increase what stands there") {
  if (std::string(product_library()).empty()) return;
  const std::vector<float> a = {1, 2}, b = {3, 4};
  std::vector<float> found = {100};
  REQUIRE(multiply({a.data(), 2}, {b.data(), 1}, found.data(), 1, 1, 2, true));
  CHECK(found.front() == 111);
}

}  // namespace varia::kernels
