#include "analysis/difference.hpp"

#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia::analysis;
using varia::contains;
namespace results = varia::results;

namespace {

const std::vector<MadeTrial> kTrials = {
    {{{"loss.beta", 1.0}}, 0, {{"test/elbo", -100.5}, {"test/kl", 20.0}}},
    {{{"loss.beta", 4.0}}, 0, {{"test/elbo", -130.25}, {"test/kl", 8.0}}},
    {{{"loss.beta", 4.0}}, 1, {{"test/elbo", std::nan("")}, {"test/kl", 8.5}}},
};

/// A merged file of one trial, of so many epochs.
results::Results one_trial(const results::TemporaryFolder& folder, const std::string& name,
                           std::int64_t epochs, double elbo) {
  const auto path = folder / ("trial_" + name);
  results::TrialFile file(results::working(path), results::header_of("a", 1, 4));
  for (std::int64_t epoch = 1; epoch <= epochs; ++epoch)
    file.append(results::record_of(epoch, elbo));
  file.publish(results::TrialState::done, "", path, true);
  results::merge(results::experiment_info(), {{"a", path}}, folder / name);
  return results::open_results(folder / name);
}

/// A merged file of trials with a picture each, which has so many channels.
results::Results with_pictures(const results::TemporaryFolder& folder, const std::string& name,
                               const std::vector<std::int64_t>& channels) {
  std::vector<results::PlannedTrial> plan;
  for (const auto count : channels) {
    const auto id = "t" + std::to_string(plan.size());
    plan.push_back({id, folder / (id + "_" + name)});
    results::TrialFile file(results::working(plan.back().path), results::header_of(id));
    file.append(results::record_of(1));
    file.add_picture("samples", {}, results::picture_of(1, 4, 5, count));
    file.publish(results::TrialState::done, "", plan.back().path, true);
  }
  results::merge(results::experiment_info(), plan, folder / name);
  return results::open_results(folder / name);
}

}  // namespace

TEST_CASE("files of the same trials have no difference, whatever lacks a value") {
  const MadeResults first(kTrials);
  const MadeResults second(kTrials);
  const auto found = difference(*first, *second);
  CHECK(found.is_none());
  CHECK(found.identical == 3);
  CHECK(found.environment.empty());
}

TEST_CASE("arrays whose common shape is too large are an error, not a crash") {
  constexpr std::int64_t kLong = std::int64_t{1} << 20;
  const std::vector<double> values(kLong, 1);
  const auto made = [&](const std::vector<std::int64_t>& shape) {
    MadeTrial trial;
    trial.matrices = {{"test/m", {shape, values}}};
    return MadeResults({trial});
  };
  const auto first = made({1, kLong});
  const auto second = made({kLong, 1});
  CHECK(contains(results::error_of([&] { difference(*first, *second); }),
                 "test/m: the shape that has room for its values"));
}

TEST_CASE("a value that differs by one bit is named with its epoch and how far it is off") {
  auto trials = kTrials;
  trials[1].metrics["test/elbo"] = std::nextafter(-130.25, 0.0);
  trials[0].metrics["test/kl"] = 20.5;
  const MadeResults first(kTrials);
  const MadeResults second(trials);
  const auto found = difference(*first, *second);
  CHECK_FALSE(found.is_none());
  CHECK(found.identical == 1);
  REQUIRE(found.results.size() == 2);
  // The first of the two epochs is 1000 higher in both, which hides the last bit.
  CHECK(found.results[0].lines ==
        std::vector<std::string>{"test/kl: from epoch 1 on, by up to 0.5"});
  CHECK(found.results[1].first == 1);
  CHECK(found.results[1].lines ==
        std::vector<std::string>{"test/elbo: from epoch 2 on, by up to 2.84e-14"});
}

TEST_CASE("a metric of one file alone is named where it has a value") {
  auto trials = kTrials;
  trials[1].metrics.erase("test/kl");
  const MadeResults first(kTrials);
  const MadeResults second(trials);
  const auto found = difference(*first, *second);
  CHECK(found.identical == 2);
  REQUIRE(found.results.size() == 1);
  CHECK(found.results[0].lines ==
        std::vector<std::string>{"test/kl: from epoch 1 on, and values of one file alone"});
}

TEST_CASE("a trial that failed in one file tells so") {
  auto trials = kTrials;
  trials[2].status = varia::results::TrialState::failed;
  const MadeResults first(kTrials);
  const MadeResults second(trials);
  const auto found = difference(*first, *second);
  REQUIRE(found.results.size() == 1);
  CHECK(found.results[0].lines[0] == "status: done and failed");
  CHECK(found.results[0].lines[1] == "error: '' and 'loss is nan'");
}

TEST_CASE("trials of one file alone are listed") {
  auto fewer = kTrials;
  fewer.pop_back();
  const MadeResults first(kTrials);
  const MadeResults second(fewer);
  const auto found = difference(*first, *second);
  CHECK(found.identical == 2);
  CHECK(found.only_first == std::vector<std::size_t>{2});
  CHECK(found.only_second.empty());
  CHECK(difference(*second, *first).only_second == std::vector<std::size_t>{2});
}

TEST_CASE("room for the values of other trials is no difference") {
  auto trials = kTrials;
  trials[0].arrays = {{"test/kl_per_dim", {1, 2}}};
  trials[0].matrices = {{"test/confusion", {{2, 2}, {1, 2, 3, 4}}}};
  trials[0].metrics["test/x"] = 5;
  const std::vector<MadeTrial> fewer(trials.begin(), trials.begin() + 2);
  // Larger arrays, and one in place of a number: the first trial's are padded.
  trials[2].arrays = {{"test/kl_per_dim", {1, 2, 3}}, {"test/x", {5, 6}}};
  trials[2].matrices = {{"test/confusion", {{3, 4}, std::vector<double>(12, 7)}}};
  const MadeResults first(trials);
  const MadeResults second(fewer);
  for (const auto& found : {difference(*first, *second), difference(*second, *first)}) {
    CHECK(found.identical == 2);
    CHECK(found.results.empty());
  }

  auto others = fewer;
  others[0].arrays = {{"test/kl_per_dim", {1, 2.5}}};
  const MadeResults third(others);
  const auto found = difference(*first, *third);
  CHECK(found.identical == 1);
  REQUIRE(found.results.size() == 1);
  CHECK(found.results[0].lines ==
        std::vector<std::string>{"test/kl_per_dim: from epoch 2 on, by up to 0.5"});
}

TEST_CASE("a grey picture that is stored in colours for those of other trials is no difference") {
  const results::TemporaryFolder folder;
  const auto grey = with_pictures(folder, "grey.h5", {1});
  const auto both = with_pictures(folder, "both.h5", {1, 3});
  REQUIRE(both.picture("samples", 0, 0).channels == 3);
  CHECK(difference(grey, both).identical == 1);
  CHECK(difference(both, grey).identical == 1);
  const auto coloured = with_pictures(folder, "coloured.h5", {3});
  const auto found = difference(grey, coloured);
  REQUIRE(found.results.size() == 1);
  CHECK(found.results[0].lines == std::vector<std::string>{"view samples: other values"});
}

TEST_CASE("what the longer of two trials has later is not said to be of one file alone") {
  const results::TemporaryFolder folder;
  const auto first = one_trial(folder, "first.h5", 2, -100);
  const auto second = one_trial(folder, "second.h5", 4, -99.5);
  const std::vector<std::string> expected = {"epochs: 2 and 4",
                                             "test/elbo: from epoch 1 on, by up to 0.5"};
  const auto found = difference(first, second);
  REQUIRE(found.results.size() == 1);
  CHECK(found.results[0].lines == expected);
}
