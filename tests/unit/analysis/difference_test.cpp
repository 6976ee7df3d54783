#include "analysis/difference.hpp"

#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia::analysis;

namespace {

const std::vector<MadeTrial> kTrials = {
    {{{"loss.beta", 1.0}}, 0, {{"test/elbo", -100.5}, {"test/kl", 20.0}}},
    {{{"loss.beta", 4.0}}, 0, {{"test/elbo", -130.25}, {"test/kl", 8.0}}},
    {{{"loss.beta", 4.0}}, 1, {{"test/elbo", std::nan("")}, {"test/kl", 8.5}}},
};

}  // namespace

TEST_CASE("files of the same trials have no difference, whatever lacks a value") {
  const MadeResults first(kTrials);
  const MadeResults second(kTrials);
  const auto found = difference(*first, *second);
  CHECK(found.is_none());
  CHECK(found.identical == 3);
  CHECK(found.environment.empty());
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
