#include "pages/report/blocks.hpp"

#include <cmath>
#include <limits>

#include "support/catch.hpp"
#include "unit/pages/report_fixtures.hpp"

using namespace varia::report;

TEST_CASE("base64 is that of RFC 4648") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64(std::string("\0\xFF\x10", 3)) == "AP8Q");
}

TEST_CASE("numbers come back from their blocks") {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> numbers = {0, -1.5, 1e300, 123456789.123, kNaN, 3};
  Blocks blocks;
  const auto exact = blocks.add_double(numbers);
  const auto rounded = blocks.add_single({0.1, kNaN, -118.25});
  const auto bytes = blocks.add_bytes({0, 7, 255});
  CHECK(exact["type"] == "f64");
  const auto back = numbers_of<double>(blocks, exact);
  REQUIRE(back.size() == numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    CHECK((back[i] == numbers[i] || (std::isnan(back[i]) && std::isnan(numbers[i]))));
  const auto single = numbers_of<float>(blocks, rounded);
  CHECK(rounded["type"] == "f32");
  CHECK(single[0] == 0.1F);
  CHECK(std::isnan(single[1]));
  CHECK(single[2] == -118.25F);
  CHECK(numbers_of<std::uint8_t>(blocks, bytes) == std::vector<std::uint8_t>{0, 7, 255});
}

TEST_CASE("no numbers make an empty block") {
  Blocks blocks;
  CHECK(numbers_of<double>(blocks, blocks.add_double({})).empty());
}

TEST_CASE("text in HTML stays text") {
  CHECK(escape_html("<script>alert('1 & \"2\"')</script>") ==
        "&lt;script&gt;alert(&#39;1 &amp; &quot;2&quot;&#39;)&lt;/script&gt;");
  CHECK(escape_html("loss.beta=4 \xC3\xA9") == "loss.beta=4 \xC3\xA9");
}

TEST_CASE("nothing in JSON can end the script that it stands in") {
  const nlohmann::json document = {{"</script><!--", "<script>"}};
  const auto text = script_json(document);
  CHECK(text.find('<') == std::string::npos);
  CHECK(nlohmann::json::parse(text) == document);
}

TEST_CASE("what JSON cannot say is replaced") {
  CHECK(script_json(std::numeric_limits<double>::quiet_NaN()) == "null");
  CHECK(script_json("a\xFF") == "\"a\xEF\xBF\xBD\"");
}
