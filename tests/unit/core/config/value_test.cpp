#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "support/catch.hpp"
#include "varia/value.hpp"

using varia::Location;
using varia::Value;

namespace {
Value plain(const char* text) { return Value::scalar(text); }
Value quoted(const char* text) { return Value::scalar(text, true); }
}  // namespace

TEST_CASE("whole numbers are read in every way they are written") {
  for (const auto& [text, number] :
       {std::pair{"0", 0LL},
        {"42", 42LL},
        {"-7", -7LL},
        {"+1", 1LL},
        {"1e3", 1000LL},
        {"1E5", 100000LL},
        {"2.0", 2LL},
        {"1.5e1", 15LL},
        {"007", 7LL},
        {"-0", 0LL},
        {"9223372036854775807", std::numeric_limits<long long>::max()},
        {"-9223372036854775808", std::numeric_limits<long long>::min()},
        {"9007199254740991.0", 9007199254740991LL}}) {
    INFO(text);
    CHECK(plain(text).as_integer() == number);
  }
}

TEST_CASE("a scalar that is not a whole number is not read as one") {
  for (const char* text : {"",
                           "1.5",
                           "abc",
                           "1 ",
                           " 1",
                           "1,5",
                           "0x10",
                           "1e",
                           "--1",
                           "+-1",
                           "+",
                           "9223372036854775808",
                           "9223372036854775808.0",
                           "9007199254740993.0",
                           "1e18",
                           "1e400",
                           ".inf",
                           ".nan",
                           "true",
                           "1_000",
                           "12:30"}) {
    INFO(text);
    CHECK_FALSE(plain(text).as_integer());
  }
  CHECK_FALSE(quoted("1").as_integer());
  CHECK_FALSE(Value().as_integer());
  CHECK_FALSE(Value::list({plain("1")}).as_integer());
}

TEST_CASE("real numbers are read in every way they are written") {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const auto& [text, number] : {std::pair{"1", 1.0},
                                     {"1e-3", 1e-3},
                                     {"1E5", 1e5},
                                     {".5", 0.5},
                                     {"5.", 5.0},
                                     {"+1", 1.0},
                                     {"-2.25", -2.25},
                                     {"inf", infinity},
                                     {"-inf", -infinity},
                                     {".inf", infinity},
                                     {"-.inf", -infinity},
                                     {"1e308", 1e308},
                                     {"0.1", 0.1}}) {
    INFO(text);
    CHECK(plain(text).as_real() == number);
  }
  CHECK(std::isnan(plain(".nan").as_real().value()));
  CHECK(std::isnan(plain("nan").as_real().value()));
}

TEST_CASE("a scalar that is not a real number is not read as one") {
  for (const char* text : {"", ".", "e5", "1e", "1.2.3", "abc", "0x1p3", "infinity", "nan(1)",
                           "1e400", "1 2", "1f", "+-1", "++1", "true"}) {
    INFO(text);
    CHECK_FALSE(plain(text).as_real());
  }
  CHECK_FALSE(quoted("1.5").as_real());
}

TEST_CASE("only true and false are booleans") {
  CHECK(plain("true").as_boolean() == true);
  CHECK(plain("false").as_boolean() == false);
  for (const char* text : {"True", "yes", "no", "on", "1", "0", ""}) {
    INFO(text);
    CHECK_FALSE(plain(text).as_boolean());
  }
  CHECK_FALSE(quoted("true").as_boolean());
}

TEST_CASE("a number is printed in the shortest form that reads back") {
  CHECK(varia::number_text(1.0) == "1");
  CHECK(varia::number_text(0.1) == "0.1");
  CHECK(varia::number_text(1e-5) == "1e-05");
  CHECK(varia::number_text(-2.5) == "-2.5");
  CHECK(varia::number_text(std::numeric_limits<double>::infinity()) == ".inf");
  CHECK(varia::number_text(-std::numeric_limits<double>::infinity()) == "-.inf");
  CHECK(varia::number_text(std::nan("")) == ".nan");
  for (const double number : {1.0 / 3, 1e22, 5e-324, 1.7976931348623157e308, 0x1p60, -0.1 * 3}) {
    INFO(number);
    CHECK(Value::real(number).as_real() == number);
  }
}

TEST_CASE("equal numbers have one canonical text, however written") {
  for (const char* text : {"1", "1.0", "1e0", "+1", "10e-1", "01"})
    CHECK(plain(text).canonical() == "1");
  CHECK(Value::real(1).canonical() == "1");
  CHECK(Value::integer(1).canonical() == "1");
  CHECK(plain("1e18").canonical() == plain("1000000000000000000").canonical());
  CHECK(Value::real(1e18).canonical() == Value::integer(1000000000000000000).canonical());
  CHECK(plain("-0.0").canonical() == "0");
  CHECK(plain("0.10").canonical() == "0.1");
  CHECK(plain("1e-3").canonical() == plain("0.001").canonical());
  CHECK(plain("1").canonical() != plain("2").canonical());
  CHECK(plain("9007199254740993").canonical() == "9007199254740993");
}

TEST_CASE("the canonical text is JSON with sorted keys") {
  Value inner = Value::map();
  inner.set("z", plain("true"));
  inner.set("a", plain("relu"));
  Value map = Value::map();
  map.set("b", Value::list({plain("1.0"), Value(), quoted("1"), plain(".inf"), plain("-.inf"),
                            plain(".nan")}));
  map.set("a", inner);
  map.set("", Value::map());
  CHECK(map.canonical() ==
        R"({"": {}, "a": {"a": "relu", "z": true}, "b": [1, null, "1", ".inf", "-.inf", ".nan"]})");
  CHECK(Value::list().canonical() == "[]");
}

TEST_CASE("the canonical text escapes what JSON does not allow and keeps UTF-8") {
  CHECK(quoted("a\"b\\c\n\t\x01\x7f").canonical() == "\"a\\\"b\\\\c\\n\\t\\u0001\\u007f\"");
  CHECK(quoted("β-VAE").canonical() == "\"β-VAE\"");
}

TEST_CASE("a quoted number or boolean stays a text") {
  CHECK(quoted("1").canonical() == "\"1\"");
  CHECK(quoted("true").canonical() == "\"true\"");
  CHECK_FALSE(varia::same_content(quoted("1"), plain("1")));
}

TEST_CASE("content is compared without places, order of keys and way of writing") {
  Value a = Value::map({}, {"a.yaml", 1, 1});
  a.set("x", plain("1"));
  a.set("y", plain("relu"));
  Value b = Value::map();
  b.set("y", quoted("relu"));
  b.set("x", plain("1.0"));
  CHECK(varia::same_content(a, b));
  b.set("x", plain("2"));
  CHECK_FALSE(varia::same_content(a, b));
}

TEST_CASE("a map keeps the order in which it was written") {
  Value map;
  map.set("b", plain("1"), {"f", 1, 2});
  map.set("a", plain("2"));
  map.set("b", plain("3"), {"g", 4, 5});
  REQUIRE(map.entries().size() == 2);
  CHECK(map.entries()[0].key == "b");
  CHECK(map.entries()[0].value.text() == "3");
  CHECK(map.entries()[0].key_where.text() == "g:4:5");
  map.erase("b");
  map.erase("b");
  CHECK(map.find("b") == nullptr);
  REQUIRE(map.find("a") != nullptr);
  map.find("a")->set_where({"h", 1, 1});
  CHECK(std::as_const(map).find("a")->where().text() == "h:1:1");
  CHECK(plain("x").find("a") == nullptr);
}

TEST_CASE("an entry goes only into a map, an item only into a list") {
  Value scalar = plain("1");
  CHECK_THROWS_AS(scalar.set("a", Value()), std::logic_error);
  CHECK_THROWS_AS(scalar.push(Value()), std::logic_error);
  Value nothing;
  nothing.push(plain("1"));
  CHECK(nothing.items().size() == 1);
}

TEST_CASE("a value says what it is") {
  CHECK(Value().describe() == "nothing");
  CHECK(plain("3").describe() == "3");
  CHECK(plain("1e-3").describe() == "1e-3");
  CHECK(plain("true").describe() == "true");
  CHECK(plain("abc").describe() == "'abc'");
  CHECK(quoted("3").describe() == "the text '3'");
  CHECK(Value::list({plain("1"), plain("2")}).describe() == "a list of 2");
  CHECK(Value::list().describe() == "an empty list");
  CHECK(Value::map({{"a", Value(), {}}}).describe() == "a map");
  CHECK(Value::map().describe() == "an empty map");
}

TEST_CASE("long or unprintable text stays on one short line") {
  CHECK(plain("a\nb\x1b").describe() == "'a?b?'");
  CHECK(Value::scalar(std::string(1000, 'x')).describe() == "'" + std::string(80, 'x') + "...'");
  // 79 letters, then a letter of two bytes across the cut.
  CHECK(Value::scalar(std::string(79, 'x') + "ββ").describe() ==
        "'" + std::string(79, 'x') + "...'");
}
