#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support.hpp"
#include "support/catch.hpp"
#include "varia/draw.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

TEST_CASE("uniform numbers are Philox4x32-10's published ones for key 0 and counter 0") {
  // The first known-answer vector of Random123 1.14 (kat_vectors).
  const std::uint32_t published[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  const auto numbers = Draw(0).uniform({4});
  for (int i = 0; i < 4; ++i)
    CHECK(number(numbers[i]) == (static_cast<double>(published[i] >> 9) + 0.5) / 8388608.0);
}

TEST_CASE("a stream's key differs with every field, and not by how they are joined") {
  std::set<std::uint64_t> keys;
  for (const std::uint64_t seed : {0, 1, 2})
    for (const auto* purpose : {"", "noise", "noise1", "order of the images"})
      for (const std::int64_t epoch : {0, 1, 256})
        for (const std::int64_t step : {0, 1, 256})
          keys.insert(stream_key(seed, purpose, epoch, step));
  CHECK(keys.size() == 3 * 4 * 3 * 3);
  CHECK(stream_key(7, "noise", 1, 2) == stream_key(7, "noise", 1, 2));
}

TEST_CASE("the innermost listener is told what is drawn, on its thread and while it lives") {
  std::vector<std::pair<std::string, Tensor>> outer, inner;
  const auto into = [](auto& all) {
    return [&all](std::string_view distribution, const Tensor& numbers) {
      all.emplace_back(distribution, numbers);
    };
  };
  Draw draw(1);
  {
    const DrawListener listener(into(outer));
    const auto normal = draw.normal({2, 3});
    {
      const DrawListener nested(into(inner));
      draw.with_samples(2).uniform({4});
    }
    std::thread([&draw] { draw.uniform({1}); }).join();
    REQUIRE(outer.size() == 1);
    CHECK(outer[0].first == "normal");
    CHECK(outer[0].second.is_same(normal));
    draw.uniform({1});
  }
  draw.normal({1});
  CHECK(outer.size() == 2);
  REQUIRE(inner.size() == 1);
  CHECK(inner[0].first == "uniform");
  CHECK(inner[0].second.sizes() == at::IntArrayRef({4}));
}

TEST_CASE("one key gives one sequence of numbers, and another key another") {
  const auto sequence = [](std::uint64_t key) {
    Draw draw(key);
    return at::cat({draw.normal({5}), draw.uniform({3}), draw.normal({4}),
                    draw.permutation(6).to(at::kFloat), draw.with_samples(2).normal({2})});
  };
  CHECK(at::equal(sequence(11), sequence(11)));
  CHECK_FALSE(at::equal(sequence(11), sequence(12)));
  Draw draw(11);
  CHECK_FALSE(at::equal(draw.normal({4}), draw.normal({4})));
}

TEST_CASE("normal numbers have the moments of N(0, 1) and its distribution function") {
  Draw draw(3);
  const auto x = draw.normal({1'000'003}).to(at::kDouble);
  CHECK(x.isfinite().all().item<bool>());
  const auto n = static_cast<double>(x.numel());
  // Five standard errors of each moment.
  CHECK(number(x.mean()) == Approx(0).margin(5 / std::sqrt(n)));
  CHECK(number(x.square().mean()) == Approx(1).margin(5 * std::sqrt(2 / n)));
  CHECK(number(x.pow(3).mean()) == Approx(0).margin(5 * std::sqrt(15 / n)));
  CHECK(number(x.pow(4).mean()) == Approx(3).margin(5 * std::sqrt(96 / n)));
  CHECK(kolmogorov_distance(x, [](const Tensor& y) {
          return 0.5 * at::erfc(-y / std::sqrt(2.0));
        }) < kOnceInAMillion);
  // Neighbours come from one block: they must not know of each other.
  for (int lag = 1; lag < 5; ++lag)
    CHECK(number((x.slice(0, lag) * x.slice(0, 0, -lag)).mean()) ==
          Approx(0).margin(5 / std::sqrt(n)));
}

TEST_CASE("uniform numbers lie in the open interval and fill it evenly") {
  Draw draw(4);
  const auto x = draw.uniform({1'000'001});
  CHECK(x.min().item<float>() > 0.0F);
  CHECK(x.max().item<float>() < 1.0F);
  CHECK(x.log().isfinite().all().item<bool>());
  CHECK((-at::log1p(-x)).isfinite().all().item<bool>());
  CHECK(kolmogorov_distance(x, [](const Tensor& y) { return y; }) < kOnceInAMillion);
}

TEST_CASE("a permutation holds every number once, whatever the length") {
  Draw draw(5);
  for (const std::int64_t n : {0, 1, 2, 3, 4, 5, 17, 1000}) {
    const auto order = draw.permutation(n);
    REQUIRE(order.numel() == n);
    CHECK(at::equal(std::get<0>(order.sort()), at::arange(n, at::kLong)));
  }
}

TEST_CASE("all orders of a few numbers are equally frequent") {
  for (const std::int64_t n : {3, 4}) {
    std::map<std::vector<std::int64_t>, int> counts;
    const int trials = 24'000;
    for (int key = 0; key < trials; ++key) {
      const auto order = Draw(stream_key(0, "orders", n, key)).permutation(n);
      const auto* data = order.data_ptr<std::int64_t>();
      ++counts[{data, data + n}];
    }
    const std::size_t orders = n == 3 ? 6 : 24;
    REQUIRE(counts.size() == orders);
    const double expected = static_cast<double>(trials) / static_cast<double>(orders);
    double chi_square = 0;
    for (const auto& [order, count] : counts)
      chi_square += (count - expected) * (count - expected) / expected;
    // Exceeded once in 100,000 for 5 and for 23 degrees of freedom.
    CHECK(chi_square < (n == 3 ? 30.9 : 62.6));
  }
}

TEST_CASE("derived streams are independent of each other and of their parent") {
  const std::int64_t n = 100'000;
  Draw parent(6);
  auto first = parent.with_samples(3);
  auto second = parent.with_samples(3);
  CHECK(first.samples() == 3);
  const Tensor streams[] = {parent.normal({n}), first.normal({n}), second.normal({n})};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < i; ++j)
      CHECK(number((streams[i] * streams[j]).to(at::kDouble).mean()) ==
            Approx(0).margin(5 / std::sqrt(static_cast<double>(n))));
}

TEST_CASE("a stream's LibTorch generator and the default generator follow from the key") {
  const auto by_generator = [](std::uint64_t key) {
    Draw draw(key);
    return at::empty({8}).uniform_(0, 1, draw.generator());
  };
  CHECK(at::equal(by_generator(1), by_generator(1)));
  CHECK_FALSE(at::equal(by_generator(1), by_generator(2)));
  const auto by_default = [](std::uint64_t key) {
    seed_default_generator(key);
    return at::rand({8});
  };
  CHECK(at::equal(by_default(1), by_default(1)));
  CHECK_FALSE(at::equal(by_default(1), by_default(2)));
}
