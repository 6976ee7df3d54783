#include "analysis/sample.hpp"

#include <cmath>

#include "analysis/settings.hpp"
#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia;
using namespace varia::analysis;
using results::TrialState;

namespace {

MadeTrial fold(double beta, double number, std::int64_t replicate, double elbo,
               TrialState status = TrialState::done) {
  return {
      {{"loss.beta", beta}, {"data.fold", number}}, replicate, {{"test/elbo", elbo}}, {}, status};
}

/// The settings of beta, over folds.
std::vector<Sample> samples(const MadeResults& made) {
  std::vector<Sample> found;
  for (const auto& group : group_trials(*made, {{}, {"data.fold"}, {}}).groups)
    found.push_back(
        take_sample(*made, (*made).final_values("test/elbo"), group, expected_replicates(*made)));
  return found;
}

}  // namespace

TEST_CASE("replicates are averaged within a pooled value before values are averaged") {
  // Fold 0 has three seeds, fold 1 lost two: each fold counts once.
  const MadeResults made({fold(1, 0, 0, -100), fold(1, 0, 1, -102), fold(1, 0, 2, -104),
                          fold(1, 1, 0, -90), fold(1, 1, 1, -1, TrialState::failed),
                          fold(4, 0, 0, -200)});
  const auto sample = samples(made)[0];
  CHECK(sample.is_pooled);
  CHECK(sample.values() == std::vector<double>{-102, -90});
  CHECK(sample.holes().text() == "1 failed, 1 missing");
}

TEST_CASE("a pooled value without any seed is a hole") {
  const MadeResults made({fold(1, 0, 0, -100), fold(1, 1, 0, -1, TrialState::failed)});
  const auto values = samples(made)[0].values();
  REQUIRE(values.size() == 2);
  CHECK(values[0] == -100);
  CHECK(std::isnan(values[1]));
}

TEST_CASE("pooled values are paired by their shared seeds") {
  // Fold 0: seeds 0 and 1 are shared; fold 1: seed 1 alone; fold 2 has no partner.
  const MadeResults made({fold(1, 0, 0, -100), fold(1, 0, 1, -102), fold(1, 1, 0, -80),
                          fold(1, 1, 1, -90), fold(1, 2, 0, -70), fold(4, 0, 0, -110),
                          fold(4, 0, 1, -114), fold(4, 1, 0, -1, TrialState::failed),
                          fold(4, 1, 1, -95)});
  const auto found = samples(made);
  const auto pairs = shared_values(found[0], found[1]);
  CHECK(pairs.a == std::vector<double>{-101, -90});
  CHECK(pairs.b == std::vector<double>{-112, -95});
}

TEST_CASE("without pooled keys the seeds are the values") {
  const MadeResults made({fold(1, 0, 0, -100), fold(1, 0, 1, -102)});
  const auto group = group_trials(*made, {}).groups.front();
  const auto sample =
      take_sample(*made, (*made).final_values("test/elbo"), group, expected_replicates(*made));
  CHECK_FALSE(sample.is_pooled);
  CHECK(sample.values() == std::vector<double>{-100, -102});
}
