#include "analysis/replicates.hpp"

#include <cmath>

#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia;
using namespace varia::analysis;
using results::TrialState;

namespace {

const double kNaN = results::kNaN;

Replicates gather(const MadeResults& made, const std::vector<std::size_t>& trials) {
  return gather_replicates(*made, (*made).final_values("test/elbo"), trials,
                           expected_replicates(*made));
}

MadeTrial fold(double beta, double number, std::int64_t replicate, double elbo,
               TrialState status = TrialState::done) {
  return {
      {{"loss.beta", beta}, {"data.fold", number}}, replicate, {{"test/elbo", elbo}}, {}, status};
}

/// The settings of beta, over folds.
std::vector<Sample> samples(const MadeResults& made) {
  std::vector<Sample> found;
  for (const auto& group : group_trials(*made, {}, {"data.fold"}, {}).groups)
    found.push_back(
        take_sample(*made, (*made).final_values("test/elbo"), group, expected_replicates(*made)));
  return found;
}

}  // namespace

TEST_CASE("missing values of a setting are told apart by their reason") {
  const MadeResults made({{{{"b", 1.0}}, 0, {{"test/elbo", -100}}},
                          {{{"b", 1.0}}, 1, {{"test/elbo", -90}}, {}, TrialState::failed},
                          {{{"b", 1.0}}, 2, {{"test/elbo", -80}}, {}, TrialState::partial},
                          {{{"b", 1.0}}, 3, {{"test/elbo", kNaN}}},
                          {{{"b", 4.0}}, 4, {{"test/elbo", -120}}}});
  const auto found = gather(made, {0, 1, 2, 3});
  CHECK(found.missing.failed == 1);
  CHECK(found.missing.partial == 1);
  CHECK(found.missing.without_value == 1);
  CHECK(found.missing.absent == 1);
  CHECK(found.missing.total() == 4);
  CHECK(found.missing.text() == "1 failed, 1 partial, 1 missing, 1 without a value");
  REQUIRE(found.list.size() == 4);
  CHECK(found.list[0].value == -100);
  for (std::size_t i = 1; i < 4; ++i) CHECK(std::isnan(found.list[i].value));
}

TEST_CASE("two trials of one seed are counted") {
  const MadeResults made(
      {{{{"b", 1.0}}, 0, {{"test/elbo", -100}}}, {{{"b", 1.0}}, 0, {{"test/elbo", -102}}}});
  const auto found = gather(made, {0, 1});
  CHECK(found.repeated == 1);
  CHECK(found.values() == std::vector<double>{-101});
}

TEST_CASE("seeds are paired by their values, not by their numbers") {
  const MadeResults made({{{{"b", 1.0}}, 0, {{"test/elbo", -1}}, {}, TrialState::done, "", 70},
                          {{{"b", 1.0}}, 1, {{"test/elbo", -2}}, {}, TrialState::done, "", 71},
                          {{{"b", 4.0}}, 0, {{"test/elbo", -3}}, {}, TrialState::done, "", 71},
                          {{{"b", 4.0}}, 1, {{"test/elbo", -4}}, {}, TrialState::done, "", 99}});
  const auto shared = shared_seeds(gather(made, {0, 1}), gather(made, {2, 3}));
  CHECK(shared.a == std::vector<double>{-2});
  CHECK(shared.b == std::vector<double>{-3});
}

TEST_CASE("replicates are averaged within a pooled value before values are averaged") {
  // Fold 0 has three seeds, fold 1 lost two: each fold counts once.
  const MadeResults made({fold(1, 0, 0, -100), fold(1, 0, 1, -102), fold(1, 0, 2, -104),
                          fold(1, 1, 0, -90), fold(1, 1, 1, -1, TrialState::failed),
                          fold(4, 0, 0, -200)});
  const auto sample = samples(made)[0];
  CHECK(sample.is_pooled);
  CHECK(sample.values() == std::vector<double>{-102, -90});
  CHECK(sample.missing().text() == "1 failed, 1 missing");
}

TEST_CASE("a pooled value without any seed is missing") {
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
  const auto group = group_trials(*made, {}, {}, {}).groups.front();
  const auto sample =
      take_sample(*made, (*made).final_values("test/elbo"), group, expected_replicates(*made));
  CHECK_FALSE(sample.is_pooled);
  CHECK(sample.values() == std::vector<double>{-100, -102});
}
