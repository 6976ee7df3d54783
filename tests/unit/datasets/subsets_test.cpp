#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <sstream>

#include "fixtures.hpp"
#include "support/catch.hpp"
#include "varia/error.hpp"
#include "varia/host/splits.hpp"

// held_out, sample_size, stratify, folds and fold.

using namespace varia;
using namespace varia::datasets::testing;

namespace {

/// Image i is the number i; a label for each, or none.
class Labelled final : public Dataset {
 public:
  explicit Labelled(std::vector<std::int64_t> labels, bool with_labels = true)
      : labels_(torch::tensor(labels, torch::kLong)), with_labels_(with_labels) {}
  std::shared_ptr<const Samples> load(std::string_view split) override {
    const auto count = split == "train" ? labels_.size(0) : std::int64_t{4};
    const auto number = at::arange(count, torch::kFloat).div(1 << 16).reshape({count, 1, 1, 1});
    return std::make_shared<MemorySamples>(
        number, Annotations{.labels = with_labels_ ? labels_.slice(0, 0, count) : Tensor()});
  }
  std::string digest() override { return "labelled"; }

 private:
  Tensor labels_;
  bool with_labels_;
};

struct Params final : DatasetParams {};

using Given = std::vector<std::pair<std::string, std::string>>;

/// @param text a scalar, or "1 3" of a list
Value value_of(const std::string& key, const std::string& text) {
  const Location where{"x.yaml", 4, 2};
  if (key != "held_out") return Value::scalar(text, false, where);
  std::vector<Value> labels;
  std::istringstream words(text);
  for (std::string word; words >> word;) labels.push_back(Value::scalar(word, false, where));
  auto list = Value::list(std::move(labels));
  list.set_where(where);
  return list;
}

Splits splits_of(Dataset& data, const Given& given) {
  auto map = Value::map();
  for (const auto& [key, text] : given) map.set(key, value_of(key, text));
  Params params;
  params.load(map, {nullptr, "dataset labelled", {"x.yaml", 1, 1}, 0});
  return make_splits(data, params);
}

Given with(Given given, const Given& more) {
  given.insert(given.end(), more.begin(), more.end());
  return given;
}

/// Which images a split holds, in its order.
std::vector<std::int64_t> members(const Split& split) {
  Draw draw(1);
  const auto numbers = split.slice(0, split.size(), draw).input.reshape({-1}).mul(1 << 16);
  std::vector<std::int64_t> result;
  for (std::int64_t i = 0; i < split.size(); ++i) result.push_back(numbers[i].item<std::int64_t>());
  return result;
}

/// Images of each class: uneven ones, and one of a single image.
const std::vector<std::int64_t> kClassSizes{137, 59, 1, 203, 20};

/// The labels 0, 1, 2, ... in turn for as long as their class has images left.
std::vector<std::int64_t> uneven_labels() {
  std::vector<std::int64_t> labels;
  for (std::int64_t round = 0; round < 203; ++round)
    for (std::size_t label = 0; label < kClassSizes.size(); ++label)
      if (round < kClassSizes[label]) labels.push_back(static_cast<std::int64_t>(label));
  return labels;
}

std::vector<std::int64_t> class_counts(const Split& split) {
  std::vector<std::int64_t> counts(kClassSizes.size());
  for (std::int64_t i = 0; i < split.size(); ++i)
    ++counts[static_cast<std::size_t>(split.labels()[i].item<std::int64_t>())];
  return counts;
}

/// Every class has its share within one image.
void check_in_proportion(const Split& split, double share) {
  const auto counts = class_counts(split);
  for (std::size_t label = 0; label < counts.size(); ++label) {
    INFO(split.name() << " " << label);
    CHECK(std::abs(static_cast<double>(counts[label]) -
                   share * static_cast<double>(kClassSizes[label])) < 1.001);
  }
}

std::int64_t total() {
  return std::accumulate(kClassSizes.begin(), kClassSizes.end(), std::int64_t{0});
}

}  // namespace

TEST_CASE("a sample is a part of the training images, in order, and leaves the test images alone") {
  Labelled data(uneven_labels());
  const auto splits = splits_of(data, {{"sample_size", "0.25"}, {"limit", "200"}});
  const auto sample = members(splits.train);
  CHECK(sample.size() == 50);
  CHECK(splits.spec.size == 50);
  CHECK(std::is_sorted(sample.begin(), sample.end()));
  CHECK(std::set<std::int64_t>(sample.begin(), sample.end()).size() == 50);
  CHECK(sample.back() < 200);
  CHECK(sample.back() > 150);  // not only the first of them: 1 - (3/4)^50 is one
  CHECK(splits.test->size() == 4);
  CHECK(members(splits_of(data, {{"sample_size", "1"}}).train).size() ==
        static_cast<std::size_t>(total()));
}

TEST_CASE("a stratified sample has every class in proportion, and exactly its size") {
  Labelled data(uneven_labels());
  for (const auto* const size : {"0.5", "0.1", "0.03", "0.97"}) {
    const auto share = std::stod(size);
    const auto splits = splits_of(data, {{"sample_size", size}, {"stratify", "true"}});
    CHECK(splits.train.size() == std::llround(share * static_cast<double>(total())));
    check_in_proportion(splits.train, share);
  }
}

TEST_CASE("which images a sample or a fold holds follows from split_seed alone") {
  Labelled data(uneven_labels());
  for (const auto* const stratify : {"false", "true"}) {
    const Given sample{{"sample_size", "0.5"}, {"stratify", stratify}};
    CHECK(members(splits_of(data, sample).train) == members(splits_of(data, sample).train));
    CHECK(members(splits_of(data, with(sample, {{"split_seed", "1"}})).train) !=
          members(splits_of(data, sample).train));
    const Given folds{{"folds", "4"}, {"stratify", stratify}};
    CHECK(members(*splits_of(data, folds).validation) ==
          members(*splits_of(data, with(folds, {{"fold", "0"}})).validation));
    CHECK(members(*splits_of(data, with(folds, {{"split_seed", "1"}})).validation) !=
          members(*splits_of(data, folds).validation));
  }
}

TEST_CASE("any image of a class may be in a stratified sample") {
  Labelled data(uneven_labels());
  std::set<std::int64_t> seen;
  for (int seed = 0; seed < 40; ++seed) {
    const auto sample = members(splits_of(data, {{"sample_size", "0.5"},
                                                 {"stratify", "true"},
                                                 {"split_seed", std::to_string(seed)}})
                                    .train);
    seen.insert(sample.begin(), sample.end());
  }
  CHECK(seen.size() == static_cast<std::size_t>(total()));  // 420 / 2^40 is nothing
}

TEST_CASE("a stratified validation split and what it leaves are in proportion") {
  Labelled data(uneven_labels());
  const auto splits = splits_of(data, {{"validation", "0.2"}, {"stratify", "true"}});
  CHECK(splits.validation->size() == 84);
  CHECK(splits.train.size() == 336);
  check_in_proportion(*splits.validation, 0.2);
  check_in_proportion(splits.train, 0.8);
}

TEST_CASE("folds are disjoint, cover the sample and differ by one image at most") {
  Labelled data(uneven_labels());
  for (const auto* const stratify : {"false", "true"}) {
    const Given given{{"folds", "8"}, {"sample_size", "0.7"}, {"stratify", stratify}};
    std::multiset<std::int64_t> all;
    for (int fold = 0; fold < 8; ++fold) {
      const auto splits = splits_of(data, with(given, {{"fold", std::to_string(fold)}}));
      const auto aside = members(splits.validation.value());
      const auto kept = members(splits.train);
      CHECK((aside.size() == 36 || aside.size() == 37));  // 294 = 8 * 36 + 6
      CHECK(aside.size() + kept.size() == 294);
      CHECK(std::is_sorted(aside.begin(), aside.end()));
      CHECK(std::is_sorted(kept.begin(), kept.end()));
      std::vector<std::int64_t> both;
      std::set_intersection(aside.begin(), aside.end(), kept.begin(), kept.end(),
                            std::back_inserter(both));
      CHECK(both.empty());
      all.insert(aside.begin(), aside.end());
    }
    const auto sample =
        members(splits_of(data, {{"sample_size", "0.7"}, {"stratify", stratify}}).train);
    CHECK(std::equal(all.begin(), all.end(), sample.begin(), sample.end()));
  }
}

TEST_CASE("every class is balanced within one image between stratified folds") {
  Labelled data(uneven_labels());
  std::vector<std::vector<std::int64_t>> counts;
  for (int fold = 0; fold < 10; ++fold) {
    counts.push_back(class_counts(
        *splits_of(data, {{"folds", "10"}, {"fold", std::to_string(fold)}, {"stratify", "true"}})
             .validation));
  }
  for (std::size_t label = 0; label < kClassSizes.size(); ++label) {
    std::vector<std::int64_t> of_class;
    for (const auto& fold : counts) of_class.push_back(fold[label]);
    const auto [least, most] = std::minmax_element(of_class.begin(), of_class.end());
    CHECK(*most - *least <= 1);
    CHECK(std::accumulate(of_class.begin(), of_class.end(), std::int64_t{0}) == kClassSizes[label]);
  }
}

TEST_CASE("the labels of a sample and a fold that are resized stay with their images") {
  std::vector<std::int64_t> labels(60);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int64_t>(i);
  Labelled data(labels);
  auto map = Value::map();
  for (const auto& [key, text] : Given{{"sample_size", "0.5"}, {"folds", "3"}, {"fold", "2"}})
    map.set(key, Value::scalar(text, false, {"x.yaml", 4, 2}));
  map.set("resize", Value::list({Value::integer(2), Value::integer(2)}));
  Params params;
  params.load(map, {nullptr, "dataset labelled", {"x.yaml", 1, 1}, 0});
  const auto splits = make_splits(data, params);
  CHECK(splits.spec.event == std::vector<std::int64_t>{1, 2, 2});
  const auto plain = splits_of(data, {{"sample_size", "0.5"}, {"folds", "3"}, {"fold", "2"}});
  for (const auto* const split : {&splits.train, &*splits.validation}) {
    Draw draw(1);
    const auto batch = split->slice(0, split->size(), draw);
    CHECK(batch.input.select(3, 0)
              .select(2, 0)
              .select(1, 0)
              .mul(1 << 16)
              .to(torch::kLong)
              .equal(batch.labels));
  }
  CHECK(splits.train.labels().equal(plain.train.labels()));
  CHECK(splits.validation->labels().equal(plain.validation->labels()));
}

TEST_CASE("classes that are held out stay in the test split alone, and still count") {
  Labelled data(uneven_labels());
  const Given given = {{"held_out", "1 3"}};
  const auto splits = splits_of(data, with(given, {{"validation", "0.25"}, {"stratify", "true"}}));
  CHECK(splits.train.size() + splits.validation->size() == 137 + 1 + 20);
  for (const auto* split : {&splits.train, &*splits.validation}) {
    CHECK(class_counts(*split)[0] > 0);
    CHECK(class_counts(*split)[1] == 0);
    CHECK(class_counts(*split)[3] == 0);
  }
  CHECK(members(*splits.test) == std::vector<std::int64_t>{0, 1, 2, 3});
  CHECK(class_counts(*splits.test) == std::vector<std::int64_t>{1, 1, 1, 1, 0});
  CHECK(splits.spec.classes == 5);
  CHECK(splits.spec.held_out == std::vector<std::int64_t>{1, 3});
  // Of the first images, and then sampled.
  const auto few = splits_of(data, with(given, {{"limit", "10"}, {"sample_size", "0.5"}}));
  CHECK(few.spec.size == 3);
}

TEST_CASE("held_out is a part of a trial's identity only if it names classes") {
  Params params;
  params.load(Value::map(), {});
  CHECK(params.resolved().find("held_out") == nullptr);
  Params given;
  auto map = Value::map();
  map.set("held_out", Value::list({Value::integer(2)}));
  given.load(map, {});
  CHECK(given.resolved().find("held_out") != nullptr);
}

TEST_CASE("classes that cannot be held out are errors at their place") {
  const auto error = [](std::vector<std::int64_t> labels, const std::string& held_out,
                        bool with_labels = true) {
    Labelled data(std::move(labels), with_labels);
    return message_of<ConfigError>([&] { splits_of(data, {{"held_out", held_out}}); });
  };
  CHECK(error({0, 1, 0, 1}, "2") == "x.yaml:4:2: held_out: expected labels below 2, found 2.");
  CHECK(contains(error({0, 1, 0, 1}, "0 1"), "held_out: no other class is left to train on."));
  CHECK(contains(error({0, 1, 0, 1}, "0", false), "held_out: the data has no labels"));
}

TEST_CASE("options of parts that cannot be are errors at their place") {
  Labelled data(uneven_labels());
  const auto error = [&data](const Given& given) {
    return message_of<ConfigError>([&] { splits_of(data, given); });
  };
  CHECK(contains(error({{"fold", "1"}}), "x.yaml:4:2: dataset labelled: fold: there are no folds"));
  CHECK(contains(error({{"folds", "5"}, {"fold", "5"}}),
                 "fold: expected one of the 5 folds, 0 to 4, found 5."));
  CHECK(contains(error({{"folds", "5"}, {"validation", "0.1"}}),
                 "validation: a fold is the validation split"));
  CHECK(contains(error({{"folds", "1"}}), "folds: expected"));
  CHECK(contains(error({{"folds", "421"}}),
                 "x.yaml:4:2: folds: 420 training samples cannot be divided into 421"));
  CHECK(
      contains(error({{"sample_size", "0"}}), "sample_size: expected a part in (0, 1], found 0."));
  CHECK(contains(error({{"sample_size", "1.5"}}), "sample_size: expected"));
  CHECK(contains(error({{"sample_size", "0.001"}}),
                 "x.yaml:4:2: sample_size: 0.001 of 420 training samples leaves none"));
  Labelled unlabelled(uneven_labels(), false);
  CHECK(contains(message_of<ConfigError>([&] {
                   splits_of(unlabelled, {{"stratify", "true"}});
                 }),
                 "x.yaml:4:2: stratify: the data has no labels"));
}

TEST_CASE(
    "a fold is resolved only if there are folds, so that the resolved parameters load again") {
  Params plain;
  plain.load(Value::map(), {nullptr, "dataset labelled", {}, 0});
  CHECK(plain.resolved().find("fold") == nullptr);
  Params params;
  auto map = Value::map();
  map.set("folds", Value::integer(5));
  params.load(map, {nullptr, "dataset labelled", {}, 0});
  REQUIRE(params.resolved().find("fold") != nullptr);
  Params again;
  again.load(params.resolved(), {nullptr, "dataset labelled", {}, 0});
  CHECK(again.resolved().canonical() == params.resolved().canonical());
}
