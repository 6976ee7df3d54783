#include <cmath>

#include "fixtures.hpp"
#include "support/catch.hpp"
#include "varia/host/splits.hpp"

using namespace varia;
using Catch::Approx;

namespace {

using Kind = Corruption::Kind;

constexpr double kPi = 3.14159265358979323846;
constexpr std::int64_t kMany = 400'000;

/// What becomes of many pixels of one value.
Tensor corrupted(const Corruption& corruption, double pixel) {
  Draw draw(5);
  return corruption.apply(at::full({kMany, 1, 1, 1}, pixel, torch::kFloat), draw)
      .to(torch::kDouble);
}

double mean_of(const Tensor& values) { return values.mean().item<double>(); }
double variance_of(const Tensor& values) { return values.var().item<double>(); }

/// Grey images 4x4 with labels.
class Grey final : public Dataset {
 public:
  std::shared_ptr<const Samples> load(std::string_view split) override {
    if (split != "train") return nullptr;
    return std::make_shared<MemorySamples>(
        at::arange(30 * 16).remainder(256).to(torch::kUInt8).reshape({30, 1, 4, 4}));
  }
  std::string digest() override { return "grey"; }
};

struct Params final : DatasetParams {};

Value option(const std::string& use, const std::string& key, double amount) {
  auto map = Value::map();
  map.set("use", Value::text(use));
  map.set(key, Value::real(amount));
  return map;
}

Splits splits_of(const Value& corrupt, const std::string& binarize = "none") {
  auto map = Value::map();
  if (!corrupt.is_null()) map.set("corrupt", corrupt);
  map.set("binarize", Value::text(binarize));
  Params params;
  params.load(map, {nullptr, "dataset grey", {}, 0});
  Grey data;
  return make_splits(data, params);
}

Batch batch_of(const Splits& splits, std::uint64_t key = 3) {
  Draw draw(key);
  return splits.train.slice(0, splits.train.size(), draw);
}

}  // namespace

// Bounds of at least five standard errors.
TEST_CASE("gaussian noise has the given deviation, and is cut off at black and white") {
  const auto grey = corrupted({Kind::gaussian, 0.05}, 0.5);
  CHECK(mean_of(grey) == Approx(0.5).margin(0.0005));
  CHECK(std::sqrt(variance_of(grey)) == Approx(0.05).epsilon(0.01));
  // max(0, s n) of a standard normal n: mean s / sqrt(2 pi), second moment s^2 / 2.
  const auto black = corrupted({Kind::gaussian, 0.2}, 0.0);
  CHECK(mean_of(black) == Approx(0.2 / std::sqrt(2 * kPi)).epsilon(0.015));
  CHECK(mean_of(black.square()) == Approx(0.02).epsilon(0.02));
  const auto white = corrupted({Kind::gaussian, 0.2}, 1.0);
  CHECK(mean_of(white) == Approx(1 - 0.2 / std::sqrt(2 * kPi)).epsilon(0.015));
  const auto strong = corrupted({Kind::gaussian, 3}, 0.5);
  CHECK(strong.min().item<double>() == 0);
  CHECK(strong.max().item<double>() == 1);
}

TEST_CASE("a mask makes the given part of the pixels black and leaves the others") {
  const auto values = corrupted({Kind::mask, 0.3}, 0.75);
  CHECK((values.eq(0) | values.eq(0.75)).all().item<bool>());
  CHECK(mean_of(values.eq(0).to(torch::kDouble)) == Approx(0.3).margin(0.004));
  CHECK(corrupted({Kind::mask, 0}, 0.75).eq(0.75).all().item<bool>());
  CHECK(corrupted({Kind::mask, 1}, 0.75).eq(0).all().item<bool>());
}

TEST_CASE("salt and pepper make the given part of the pixels black or white, as often") {
  const auto values = corrupted({Kind::salt_pepper, 0.4}, 0.25);
  CHECK((values.eq(0) | values.eq(1) | values.eq(0.25)).all().item<bool>());
  CHECK(mean_of(values.eq(0).to(torch::kDouble)) == Approx(0.2).margin(0.004));
  CHECK(mean_of(values.eq(1).to(torch::kDouble)) == Approx(0.2).margin(0.004));
  CHECK(corrupted({Kind::salt_pepper, 0}, 0.25).eq(0.25).all().item<bool>());
  CHECK(corrupted({Kind::salt_pepper, 1}, 0.25).ne(0.25).all().item<bool>());
}

TEST_CASE("pixels are corrupted independently of each other") {
  Draw draw(7);
  const auto images = Corruption{Kind::mask, 0.5}.apply(at::ones({20'000, 3, 2, 1}), draw);
  const auto pairs = images.reshape({20'000, 6}).sub(0.5);
  const auto correlation = pairs.t().mm(pairs).div(20'000.0 / 4);
  CHECK((correlation - at::eye(6)).abs().max().item<double>() < 0.035);  // five errors of 1/sqrt(n)
}

TEST_CASE("the target stays clean, whatever the encoder sees") {
  const auto plain = batch_of(splits_of({}));
  CHECK(plain.target.is_same(plain.input));
  for (const auto& corrupt : {option("gaussian", "scale", 0.3), option("mask", "probability", 0.5),
                              option("salt_pepper", "probability", 0.5)}) {
    const auto splits = splits_of(corrupt);
    const auto batch = batch_of(splits);
    CHECK(batch.target.equal(plain.input));
    CHECK_FALSE(batch.input.equal(plain.input));
    CHECK(splits.train.mean().equal(splits_of({}).train.mean()));
    CHECK(batch_of(splits).input.equal(batch.input));
    CHECK_FALSE(batch_of(splits, 4).input.equal(batch.input));
  }
}

TEST_CASE("images are binarised first: the same ones with corruption and without") {
  const auto plain = batch_of(splits_of({}, "dynamic"));
  const auto batch = batch_of(splits_of(option("mask", "probability", 0.5), "dynamic"));
  CHECK((plain.target.eq(0) | plain.target.eq(1)).all().item<bool>());
  CHECK(batch.target.equal(plain.target));
  CHECK(batch.input.le(batch.target).all().item<bool>());
}

TEST_CASE("without corruption nothing is drawn for it") {
  const auto splits = splits_of({});
  Draw draw(9);
  splits.train.slice(0, 5, draw);
  Draw fresh(9);
  CHECK(draw.uniform({8}).equal(fresh.uniform({8})));
}
