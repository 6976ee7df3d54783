#include "pictures/image.hpp"

#include "support/catch.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

TEST_CASE("a picture is enlarged to squares") {
  const Image grey{2, 2, 1, {1, 2, 3, 4}};
  CHECK(enlarge(grey, 1) == grey);
  CHECK(enlarge(grey, 2) == Image{4, 4, 1, {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}});
  const Image colour{1, 2, 3, {1, 2, 3, 4, 5, 6}};
  CHECK(enlarge(colour, 2) ==
        Image{2, 4, 3, {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6, 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}});
}

TEST_CASE("a picture that would be too large is refused before it is made") {
  const Image grey{1, 2, 1, {1, 2}};
  CHECK_THROWS_AS(enlarge(grey, kMaxSide), Error);
  CHECK_THROWS_AS(enlarge(grey, std::int64_t{1} << 62), Error);
  CHECK_THROWS_AS(check_size(kMaxSide, kMaxSide), Error);
  CHECK_NOTHROW(check_size(8192, 8192));
}

TEST_CASE("a picture is pasted at its place") {
  Image target{3, 3, 1, std::vector<std::uint8_t>(9, 0)};
  paste({2, 2, 1, {1, 2, 3, 4}}, target, 1, 1);
  CHECK(target.pixels == std::vector<std::uint8_t>{0, 0, 0, 0, 1, 2, 0, 3, 4});
}

}  // namespace varia::pictures
