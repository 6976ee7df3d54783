#include "sweep/supervisor.hpp"

#include "support/catch.hpp"

using varia::sweep::TimeLimit;
using namespace std::chrono_literals;

TEST_CASE("a trial is started only where its first checkpoint fits in before the end") {
  const TimeLimit::Time end{1'000'000s};
  TimeLimit limit(end);
  CHECK(limit.allows_start(end - 1001ms));
  CHECK_FALSE(limit.allows_start(end - 1s));
  limit.note_start(10s);
  limit.note_start(3s);  // a quicker one changes nothing
  CHECK(limit.allows_start(end - 21001ms));
  CHECK_FALSE(limit.allows_start(end - 21s));
  CHECK_FALSE(limit.allows_start(end + 1h));
}

TEST_CASE("without an end every trial is started") {
  TimeLimit limit(std::nullopt);
  limit.note_start(1h);
  CHECK(limit.allows_start(TimeLimit::Time::max() - 3h));
}
