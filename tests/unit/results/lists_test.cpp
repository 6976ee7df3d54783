#include "results/lists.hpp"

#include "support/catch.hpp"

using namespace varia::results;

TEST_CASE("an item of a list stays as it is, in quotes if it needs them") {
  CHECK(delimited_cell("=1+1", ',') == "=1+1");
  CHECK(delimited_cell("a,b", ',') == "\"a,b\"");
  CHECK(delimited_cell("a,b", '\t') == "a,b");
  CHECK(delimited_cell("a\tb", '\t') == "\"a\tb\"");
  CHECK(delimited_cell("say \"x\"", ',') == "\"say \"\"x\"\"\"");
  CHECK(delimited_cell("two\nlines", ',') == "\"two\nlines\"");
  CHECK(delimited_cell(" spaced", ',') == "\" spaced\"");
  CHECK(delimited_cell("", ',').empty());
}

TEST_CASE("a text is split at each separator, and an empty one has no items") {
  using Items = std::vector<std::string>;
  CHECK(split_at("a,b", ',') == Items{"a", "b"});
  CHECK(split_at("a,,", ',') == Items{"a", "", ""});
  CHECK(split_at("a", ',') == Items{"a"});
  CHECK(split_at("", ',').empty());
}

TEST_CASE("the text of a shape has its sizes, and that of a scalar is empty") {
  CHECK(shape_text({2, 10}) == "2,10");
  CHECK(shape_text({}).empty());
}
