#include "analysis/replicates.hpp"

#include <cmath>

#include "analysis/settings.hpp"
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

}  // namespace

TEST_CASE("holes of a setting are told apart by their reason") {
  const MadeResults made({{{{"b", 1.0}}, 0, {{"test/elbo", -100}}},
                          {{{"b", 1.0}}, 1, {{"test/elbo", -90}}, {}, TrialState::failed},
                          {{{"b", 1.0}}, 2, {{"test/elbo", -80}}, {}, TrialState::partial},
                          {{{"b", 1.0}}, 3, {{"test/elbo", kNaN}}},
                          {{{"b", 4.0}}, 4, {{"test/elbo", -120}}}});
  const auto found = gather(made, {0, 1, 2, 3});
  CHECK(found.holes.failed == 1);
  CHECK(found.holes.partial == 1);
  CHECK(found.holes.without_value == 1);
  CHECK(found.holes.missing == 1);
  CHECK(found.holes.total() == 4);
  CHECK(found.holes.text() == "1 failed, 1 partial, 1 missing, 1 without a value");
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
