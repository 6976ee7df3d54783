#include "pages/report/html.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"

using namespace varia::report;

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
