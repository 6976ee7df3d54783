#include "support/catch.hpp"
#include "varia/value.hpp"

using varia::nearest_name;
using varia::suggestion;

TEST_CASE("the nearest name is one edit or one swap away") {
  const std::vector<std::string> known{"gamma", "beta", "capacity"};
  CHECK(nearest_name("bta", known) == "beta");
  CHECK(nearest_name("betaa", known) == "beta");
  CHECK(nearest_name("bets", known) == "beta");
  CHECK(nearest_name("ebta", known) == "beta");
  CHECK(nearest_name("capactiy", known) == "capacity");
  CHECK(nearest_name("Gamma", known) == "gamma");
}

TEST_CASE("a third of the letters may differ, and no more") {
  CHECK(nearest_name("abcdef", {"abcdXY"}) == "abcdXY");
  CHECK(nearest_name("abcdef", {"abcXYZ"}).empty());
  CHECK(nearest_name("ab", {"xy"}).empty());
}

TEST_CASE("a name that shares nothing is not near") {
  CHECK(nearest_name("c", {"z"}).empty());
  CHECK(nearest_name("", {"z"}).empty());
  CHECK(nearest_name("z", {""}).empty());
  CHECK(nearest_name("zz", {"z"}) == "z");
}

TEST_CASE("a part of a name means the shortest name that has it") {
  CHECK(nearest_name("mlp", {"conv_vae", "deep_mlp_vae", "mlp_vae"}) == "mlp_vae");
  CHECK(nearest_name("vae", {"mlp_vae", "iaf_vae"}) == "iaf_vae");
  CHECK(nearest_name("ml", {"mlp_vae"}).empty());
}

TEST_CASE("of equally near names the first by name is taken") {
  CHECK(nearest_name("bat", {"rat", "cat", "hat"}) == "cat");
  CHECK(nearest_name("bat", {"hat", "rat", "batt"}) == "batt");
}

TEST_CASE("very long names are near to nothing") {
  const std::string name(201, 'x');
  CHECK(nearest_name(name, {name}).empty());
  CHECK(nearest_name("x", {name}).empty());
  const std::string longest(200, 'x');
  CHECK(nearest_name(longest, {longest}) == longest);
}

TEST_CASE("a suggestion lists the known names in order") {
  CHECK(suggestion("bta", {"gamma", "beta", "capacity"}) ==
        "Did you mean 'beta'? Known: beta, capacity, gamma.");
  CHECK(suggestion("width", {"beta"}) == "Known: beta.");
  CHECK(suggestion("width", {}) == "Known: none.");
  std::vector<std::string> many(100, "x");
  many.emplace_back("beta");
  CHECK(suggestion("bta", many) == "Did you mean 'beta'?");
}
