#include "cluster/packing.hpp"

#include "support/catch.hpp"

using namespace varia::cluster;

TEST_CASE("trials are packed in their order, and none is lost") {
  const std::vector<std::string> trials{"a", "b", "c", "d", "e"};
  CHECK(pack(trials, 2) == Tasks{{"a", "b"}, {"c", "d"}, {"e"}});
  CHECK(pack(trials, 5) == Tasks{trials});
  CHECK(pack(trials, 100) == Tasks{trials});
  CHECK(pack(trials, 1).size() == 5);
  CHECK(pack({}, 3).empty());
}

TEST_CASE("arrays end at the site's largest size, and go on in the next one") {
  const auto arrays = split(2500, 1001);
  REQUIRE(arrays.size() == 3);
  std::int64_t next = 0;
  for (const auto& array : arrays) {
    CHECK(array.first == next);
    CHECK(array.count >= 1);
    CHECK(array.count <= 1001);
    next += array.count;
  }
  CHECK(next == 2500);
  CHECK(split(1001, 1001).size() == 1);
  CHECK(split(1002, 1001).size() == 2);
  CHECK(split(3, 1).size() == 3);
  CHECK(split(0, 1001).empty());
}
