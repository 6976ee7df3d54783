#include "varia/host/splits.hpp"

#include <cmath>

#include "fixtures.hpp"
#include "support/catch.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::datasets::testing;
using Catch::Approx;

namespace {

/// Images whose pixels are all the number of the image, with labels 0, 1, 2, 0, 1, ...
class Numbers final : public Dataset {
 public:
  Numbers(std::int64_t train, std::int64_t test) : train_(train), test_(test) {}
  std::shared_ptr<const Samples> load(std::string_view split) override {
    const auto count = split == "train" ? train_ : test_;
    if (count == 0) return nullptr;
    const auto number = at::arange(count, torch::kLong);
    return std::make_shared<MemorySamples>(
        number.to(torch::kUInt8).reshape({count, 1, 1, 1}).expand({count, 1, 4, 4}).contiguous(),
        Annotations{.labels = number.remainder(3)});
  }
  std::string digest() override { return "numbers"; }

 private:
  std::int64_t train_;
  std::int64_t test_;
};

struct Params final : DatasetParams {};

Value options(const std::vector<std::pair<std::string, std::string>>& given) {
  auto map = Value::map();
  for (const auto& [key, text] : given) map.set(key, Value::scalar(text, false, {"x.yaml", 4, 2}));
  return map;
}

Splits splits_of(std::int64_t train, std::int64_t test, const Value& given) {
  Params params;
  params.load(given, {nullptr, "dataset numbers", {"x.yaml", 1, 1}, 0});
  Numbers data(train, test);
  return make_splits(data, params);
}

/// Which images a split holds.
std::vector<std::int64_t> members(const Split& split) {
  Draw draw(1);
  const auto images = split.slice(0, split.size(), draw).input;
  const auto numbers = images.select(3, 0).select(2, 0).select(1, 0).mul(255).round();
  std::vector<std::int64_t> result;
  for (std::int64_t i = 0; i < split.size(); ++i) result.push_back(numbers[i].item<std::int64_t>());
  return result;
}

}  // namespace

TEST_CASE("without options the splits are those of the data set") {
  const auto splits = splits_of(5, 3, Value::map());
  CHECK(members(splits.train) == std::vector<std::int64_t>{0, 1, 2, 3, 4});
  CHECK(members(splits.test.value()) == std::vector<std::int64_t>{0, 1, 2});
  CHECK_FALSE(splits.validation.has_value());
  CHECK(splits.spec.event == std::vector<std::int64_t>{1, 4, 4});
  CHECK(splits.spec.classes == 3);
  CHECK(splits.spec.size == 5);
  CHECK_FALSE(splits_of(5, 0, Value::map()).test.has_value());
}

TEST_CASE("limit keeps the first images of each split and does not change the classes") {
  const auto splits = splits_of(9, 9, options({{"limit", "2"}}));
  CHECK(members(splits.train) == std::vector<std::int64_t>{0, 1});
  CHECK(members(*splits.test) == std::vector<std::int64_t>{0, 1});
  CHECK(splits.spec.classes == 3);
  CHECK(members(splits_of(2, 1, options({{"limit", "50"}})).train).size() == 2);
}

TEST_CASE("validation divides what limit leaves, in order, the same way for every trial") {
  const auto given = options({{"validation", "0.25"}, {"limit", "40"}, {"split_seed", "7"}});
  const auto splits = splits_of(100, 0, given);
  const auto aside = members(splits.validation.value());
  const auto kept = members(splits.train);
  CHECK(aside.size() == 10);
  CHECK(kept.size() == 30);
  CHECK(std::is_sorted(aside.begin(), aside.end()));
  CHECK(std::is_sorted(kept.begin(), kept.end()));
  std::vector<std::int64_t> all;
  std::merge(aside.begin(), aside.end(), kept.begin(), kept.end(), std::back_inserter(all));
  for (std::size_t i = 0; i < 40; ++i) CHECK(all[i] == static_cast<std::int64_t>(i));

  CHECK(members(*splits_of(100, 0, given).validation) == aside);
  const auto other = options({{"validation", "0.25"}, {"limit", "40"}, {"split_seed", "8"}});
  CHECK(members(*splits_of(100, 0, other).validation) != aside);
}

TEST_CASE("a validation part that leaves nothing is an error at its place in the file") {
  const auto message = message_of<ConfigError>([] {
    splits_of(3, 0, options({{"validation", "0.1"}}));
  });
  CHECK(contains(message, "x.yaml:4:2: validation: 0.1 of 3 training samples"));
  CHECK(contains(message_of<ConfigError>([] {
                   splits_of(1, 0, options({{"validation", "0.9"}}));
                 }),
                 "leaves none for training"));
  CHECK(contains(message_of([] { splits_of(0, 3, Value::map()); }), "has no training samples"));
}

TEST_CASE("resize needs a height and a width, and memory enough") {
  auto three = Value::map();
  three.set("resize", Value::list({Value::integer(1), Value::integer(2), Value::integer(3)}));
  CHECK(contains(message_of<ConfigError>([&] { splits_of(3, 0, three); }),
                 "expected [height, width]"));

  auto smaller = Value::map();
  smaller.set("resize", Value::list({Value::integer(2), Value::integer(8)}));
  const auto splits = splits_of(20, 7, smaller);
  CHECK(splits.spec.event == std::vector<std::int64_t>{1, 2, 8});
  CHECK(members(splits.train).back() == 19);
  CHECK(members(*splits.test) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6});
}

namespace {

/// Points of any values, with labels.
class Points final : public Dataset {
 public:
  Points(Tensor values, Tensor labels) : values_(std::move(values)), labels_(std::move(labels)) {}
  std::shared_ptr<const Samples> load(std::string_view split) override {
    const auto half = values_.size(0) / 2;
    const auto part = [&](const Tensor& all) {
      return split == "train" ? all.slice(0, 0, half) : all.slice(0, half);
    };
    return std::make_shared<MemorySamples>(part(values_).view({-1, 1, 1, 1}),
                                           Annotations{.labels = part(labels_)});
  }
  std::string digest() override { return "points"; }

 private:
  Tensor values_;
  Tensor labels_;
};

Splits splits_of(const std::vector<float>& values, const std::vector<std::int64_t>& labels,
                 const Value& given) {
  Params params;
  params.load(given, {nullptr, "dataset points", {"x.yaml", 1, 1}, 0});
  Points data(at::tensor(values), at::tensor(labels, at::kLong));
  return make_splits(data, params);
}

}  // namespace

TEST_CASE("labels with gaps are an error, unless the number of classes is given") {
  const std::vector<float> values{0, 0, 0, 0};
  const auto none = Value::map();
  CHECK(message_of([&] {
          splits_of(values, {0, 999'999, 0, 0}, none);
        }) ==
        "the labels go up to 999999, but no sample has the label 1: only 2 different ones occur. "
        "Number them without gaps, or, if there are so many classes, set 'classes: 1000000'.");
  CHECK(contains(message_of([&] { splits_of(values, {1, 2, 1, 2}, none); }), "has the label 0"));
  CHECK(contains(message_of([&] { splits_of(values, {0, -1, 0, 0}, none); }), "found -1"));
  // The test images count.
  CHECK(splits_of(values, {0, 2, 1, 0}, none).spec.classes == 3);
  CHECK(splits_of(values, {0, 2, 0, 0}, options({{"classes", "10"}})).spec.classes == 10);
  CHECK(contains(message_of<ConfigError>([&] {
                   splits_of(values, {0, 2, 0, 0}, options({{"classes", "2"}}));
                 }),
                 "x.yaml:4:2: classes: expected at least 3, since there is the label 2."));
}

TEST_CASE("a split knows the bounds of its values") {
  const auto splits = splits_of({0, -3, 0.5, 8, 0, 0}, {0, 0, 0, 0, 0, 0}, Value::map());
  CHECK(splits.train.bounds().min == -3);
  CHECK(splits.train.bounds().max == 0.5);
  CHECK(splits.test->bounds().max == 8);
  CHECK(splits_of(5, 0, Value::map()).train.bounds().max == 1);
  const auto nan = splits_of({0, NAN, 1, 0}, {0, 0, 0, 0}, Value::map());
  CHECK(std::isnan(nan.train.bounds().min));
}

TEST_CASE("options that take values for brightness refuse others") {
  const auto error = [](const Value& given) {
    return message_of<ConfigError>([&] { splits_of({0, 1, 0, 255}, {0, 0, 0, 0}, given); });
  };
  CHECK(error(options({{"binarize", "dynamic"}})) ==
        "x.yaml:4:2: binarize: expected pixels from 0 to 1, found 0 to 255 in the test split.");
  CHECK(contains(error(options({{"corrupt", "mask"}})), "corrupt: expected pixels from 0 to 1"));
  auto larger = Value::map();
  larger.set("resize", Value::list({Value::integer(2), Value::integer(2)}));
  CHECK(contains(error(larger), "resize: expected pixels from 0 to 1, found 0 to 255"));
}

TEST_CASE("training and test images of different sizes are an error that has both") {
  class Uneven final : public Dataset {
   public:
    std::shared_ptr<const Samples> load(std::string_view split) override {
      return std::make_shared<MemorySamples>(at::zeros({2, 1, split == "train" ? 4 : 6, 5}));
    }
    std::string digest() override { return "uneven"; }
  };
  Uneven data;
  Params params;
  params.load(Value::map(), {});
  CHECK(message_of([&] { make_splits(data, params); }) ==
        "the training samples are of [1, 4, 5] and the test samples of [1, 6, 5]; expected one "
        "shape.");
}

TEST_CASE("a batch carries images, target, labels and places") {
  const auto splits = splits_of(10, 0, Value::map());
  Draw draw(1);
  const auto batch = splits.train.batch(torch::tensor({8, 2}, torch::kLong), draw);
  CHECK(batch.size() == 2);
  CHECK(batch.input[0][0][0][0].item<float>() == Approx(8.0 / 255));
  CHECK(batch.target.equal(batch.input));
  CHECK(batch.labels.equal(torch::tensor({2, 2}, torch::kLong)));
  CHECK(batch.index.equal(torch::tensor({8, 2}, torch::kLong)));
  CHECK_FALSE(batch.factors.defined());
  CHECK_THROWS_AS(splits.train.slice(5, 11, draw), Error);
  CHECK_THROWS_AS(splits.train.slice(-1, 2, draw), Error);
  CHECK(splits.train.slice(3, 3, draw).size() == 0);
}

TEST_CASE("the mean image is the mean over the split") {
  const auto splits = splits_of(100, 0, Value::map());
  CHECK(splits.train.mean().sizes() == at::IntArrayRef({1, 4, 4}));
  CHECK(splits.train.mean().allclose(at::full({1, 4, 4}, 49.5F / 255)));
}

TEST_CASE("threshold cuts at one half") {
  const auto splits = splits_of(200, 0, options({{"binarize", "threshold"}}));
  Draw draw(1);
  const auto images = splits.train.slice(0, 200, draw).input;
  CHECK(images.slice(0, 0, 128).sum().item<float>() == 0);
  CHECK(images.slice(0, 128, 200).eq(1).all().item<bool>());
  CHECK(splits.train.mean()[0][0][0].item<float>() == Approx(0.36F));
}

TEST_CASE("dynamic binarisation draws ones as often as a pixel is bright") {
  const auto image = torch::tensor({0.0F, 0.3F, 0.8F, 1.0F}).reshape({1, 1, 2, 2});
  const auto samples = std::make_shared<MemorySamples>(image);
  const Split split("train", samples, at::zeros({20'000}, torch::kLong), Binarize::dynamic);
  Draw draw(3);
  const auto images = split.slice(0, split.size(), draw).input.reshape({-1, 4});
  CHECK((images.eq(0) | images.eq(1)).all().item<bool>());
  const auto mean = images.mean(0);
  CHECK(mean[0].item<float>() == 0);
  CHECK(mean[1].item<float>() == Approx(0.3).margin(0.015));  // more than 4 standard errors
  CHECK(mean[2].item<float>() == Approx(0.8).margin(0.015));
  CHECK(mean[3].item<float>() == 1);

  Draw same(3);
  CHECK(split.slice(0, split.size(), same).input.reshape({-1, 4}).equal(images));
  CHECK_FALSE(split.slice(0, split.size(), same).input.reshape({-1, 4}).equal(images));
}

TEST_CASE("fixed binarisation draws each image once, wherever it is") {
  const auto grey = at::full({500, 1, 4, 4}, 0.3);
  const auto samples = std::make_shared<MemorySamples>(grey.to(torch::kFloat));
  const auto all = at::arange(500, at::kLong);
  const Split train("train", samples, all, Binarize::fixed);
  Draw draw(1);
  const auto images = train.slice(0, 500, draw).input;
  CHECK((images.eq(0) | images.eq(1)).all().item<bool>());
  CHECK(images.mean().item<float>() == Approx(0.3).margin(0.02));
  CHECK_FALSE(images[0].equal(images[1]));
  CHECK(train.mean().allclose(images.mean(0)));

  Draw other(2);
  CHECK(train.slice(0, 500, other).input.equal(images));
  const Split validation("validation", samples, all.slice(0, 100, 200), Binarize::fixed);
  CHECK(validation.slice(10, 20, other).input.equal(images.slice(0, 110, 120)));
  const Split test("test", samples, all, Binarize::fixed);
  CHECK_FALSE(test.slice(0, 500, other).input.equal(images));
}

namespace {

/// Rows [D] of one block of real numbers and one of categories; NaN is missing.
class Rows final : public Dataset {
 public:
  std::shared_ptr<const Samples> load(std::string_view split) override {
    if (split != "train") return nullptr;
    return std::make_shared<MemorySamples>(
        torch::tensor({{-3.0F, NAN, 1.0F, 0.0F}, {5.0F, NAN, NAN, NAN}, {1.0F, NAN, 0.0F, 1.0F}}),
        Annotations{.blocks = {{Domain::real, 2}, {Domain::categorical, 2}},
                    .features = {"height", "weight", "colour red", "colour blue"},
                    .has_missing = true,
                    .covariates = torch::tensor({{0.0F}, {1.0F}, {0.5F}}),
                    .covariate_names = {"site"}});
  }
  std::string digest() override { return "rows"; }
};

Splits splits_of_rows() {
  Params params;
  params.load(Value::map(), {});
  Rows rows;
  return make_splits(rows, params);
}

}  // namespace

TEST_CASE("pictures with missing values are not resized") {
  class Gaps final : public Dataset {
   public:
    std::shared_ptr<const Samples> load(std::string_view split) override {
      if (split != "train") return nullptr;
      const auto pictures = at::full({2, 1, 4, 4}, NAN);
      return std::make_shared<MemorySamples>(pictures, Annotations{.has_missing = true});
    }
    std::string digest() override { return "gaps"; }
  } gaps;
  Value given = Value::map();
  given.set("resize", Value::list({Value::integer(2), Value::integer(2)}));
  Params params;
  params.load(given, {});
  CHECK(contains(message_of<ConfigError>([&] { make_splits(gaps, params); }),
                 "resize: the images have missing values"));
}

TEST_CASE("what was not observed is 0 in a batch and false in its mask") {
  const auto splits = splits_of_rows();
  Draw draw(1);
  const auto batch = splits.train.batch(torch::tensor({1, 0}, torch::kLong), draw);
  CHECK(batch.input.equal(torch::tensor({{5.0F, 0.0F, 0.0F, 0.0F}, {-3.0F, 0.0F, 1.0F, 0.0F}})));
  CHECK(batch.target.equal(batch.input));
  CHECK(batch.mask.equal(torch::tensor({{true, false, false, false}, {true, false, true, true}})));
  CHECK(batch.covariates.equal(torch::tensor({{1.0F}, {0.0F}})));
  CHECK_FALSE(splits_of(10, 0, Value::map()).train.slice(0, 2, draw).mask.defined());
}

TEST_CASE("mean and bounds of a split are those of what was observed") {
  const auto splits = splits_of_rows();
  CHECK(splits.train.mean().allclose(torch::tensor({1.0F, 0.0F, 0.5F, 0.5F})));
  CHECK(splits.train.bounds().min == -3);
  CHECK(splits.train.bounds().max == 5);
}

TEST_CASE("a model is told the blocks, features and covariates of its data") {
  const auto spec = splits_of_rows().spec;
  CHECK(spec.event == std::vector<std::int64_t>{4});
  CHECK((spec.blocks == std::vector<DataBlock>{{Domain::real, 2}, {Domain::categorical, 2}}));
  CHECK(spec.features.back() == "colour blue");
  CHECK(spec.covariates == std::vector<std::string>{"site"});
  CHECK_FALSE(spec.is_picture());
  const auto pictures = splits_of(10, 0, Value::map()).spec;
  CHECK((pictures.blocks == std::vector<DataBlock>{{Domain::unit, 16}}));
  CHECK(pictures.is_picture());
}

TEST_CASE("numbers are given back in the units of the file") {
  const Units none;
  CHECK(none.of(torch::tensor({0.5F})).equal(torch::tensor({0.5}, torch::kDouble)));
  // Pixels, also once they were resized.
  auto smaller = Value::map();
  smaller.set("resize", Value::list({Value::integer(2), Value::integer(2)}));
  for (const auto& given : {Value::map(), smaller}) {
    const auto splits = splits_of(10, 0, given);
    const auto& units = splits.train.annotations().units;
    CHECK(units.of(torch::tensor({0.0F, 1.0F})).equal(torch::tensor({0, 255}, torch::kDouble)));
  }
}

TEST_CASE("rows of numbers are not resized") {
  Params params;
  auto given = Value::map();
  given.set("resize", Value::list({Value::integer(2), Value::integer(2)}));
  params.load(given, {});
  Rows rows;
  CHECK_THROWS_WITH(make_splits(rows, params),
                    Catch::Matchers::ContainsSubstring(
                        "resize: the samples are not pictures: expected [C, H, W], found [4]."));
}
