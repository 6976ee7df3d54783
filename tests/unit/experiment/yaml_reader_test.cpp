#include "experiment/yaml/yaml_reader.hpp"

#include <sys/stat.h>

#include <ctime>

#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

namespace {

Value read(const std::string& text) { return read_yaml_text(text, "e.yaml"); }
std::string error(const std::string& text) {
  return message_of([&] { read(text); });
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

/// The address sanitizer makes all of it several times slower.
#ifdef __SANITIZE_ADDRESS__
constexpr double kASecond = 5;
#else
constexpr double kASecond = 1;
#endif

/// Of the processor, so that a busy machine does not matter.
double seconds(const std::string& text, std::string& message) {
  const auto start = std::clock();
  message = error(text);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

}  // namespace

TEST_CASE("scalars, lists and maps are read in the order in which they are written") {
  CHECK(read("b: 1e-3\na: [x, 'y', {c: true}]\nd:\n").canonical() ==
        R"({"a": ["x", "y", {"c": true}], "b": 0.001, "d": null})");
  CHECK(read("b: 1\na: 2\n").entries()[0].key == "b");
}

TEST_CASE("quoted scalars stay text") {
  const Value value = read("a: '1'\nb: \"true\"\nc: 1\nd: !!str 1\n");
  CHECK(!value.find("a")->as_integer());
  CHECK(!value.find("b")->as_boolean());
  CHECK(value.find("c")->as_integer() == 1);
  CHECK(!value.find("d")->as_integer());
}

TEST_CASE("every value and key knows its place") {
  const Value value = read("a: 1\nb:\n  - x\n  - {c: 2}\nd:\ne: 3\n");
  CHECK(value.find("a")->where().text() == "e.yaml:1:4");
  CHECK(value.find("b")->items()[0].where().text() == "e.yaml:3:5");
  CHECK(value.find("b")->items()[1].find("c")->where().text() == "e.yaml:4:9");
  CHECK(value.find("b")->items()[1].entries()[0].key_where.text() == "e.yaml:4:6");
  CHECK(value.find("d")->where().text() == "e.yaml:5:1");
}

TEST_CASE("anchors, aliases and merge keys are resolved") {
  CHECK(read("a: &x {p: 1, q: 2}\nb: *x\n").find("b")->canonical() == R"({"p": 1, "q": 2})");
  SECTION("explicit keys win over merged ones, wherever they stand") {
    CHECK(read("a: &x {p: 1, q: 2}\nb: {q: 3, <<: *x}\nc: {<<: *x, q: 3}\n").canonical() ==
          R"({"a": {"p": 1, "q": 2}, "b": {"p": 1, "q": 3}, "c": {"p": 1, "q": 3}})");
  }
  SECTION("of a list of maps the earlier wins") {
    CHECK(read("a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y]}\n").find("c")->canonical() ==
          R"({"p": 1, "q": 2})");
  }
  SECTION("a quoted << is a key like others") {
    CHECK(read("a: {'<<': 1}\n").find("a")->canonical() == R"({"<<": 1})");
  }
  SECTION("an alias has the place of its anchor") {
    CHECK(read("a: &x 5\nb: *x\n").find("b")->where().text() == "e.yaml:1:4");
  }
  SECTION("an anchor given again stands for the newer value") {
    CHECK(read("a: &x 1\nb: &x 2\nc: *x\n").find("c")->as_integer() == 2);
  }
}

TEST_CASE("what is no YAML is one line with its place") {
  CHECK(
      error("a: [1, 2\nb: 3\n") ==
      "e.yaml:2:2: not valid YAML: end of sequence flow not found. A { or [ of a line above, or of "
      "this one, is not closed, or a comma is missing");
  CHECK(
      error("a:\n  b: 1\n c: 2\n") ==
      "e.yaml:3:2: not valid YAML: end of map not found. The line does not begin in the column of "
      "those that it belongs to");
  // yaml-cpp 0.8 adds the anchor's name.
  CHECK(error("a: 1\nb:\n\tc: 1\n") ==
        "e.yaml:3:3: not valid YAML: illegal map value. Line 3 is indented by a tab; YAML takes "
        "spaces");
  CHECK(error("a: *b\n").rfind("e.yaml:1:4: not valid YAML: the referenced anchor is not defined",
                               0) == 0);
  CHECK(error("a: &x [*x]\n") ==
        "e.yaml:1:8: this alias stands inside the value that it refers to");
  CHECK(error("a: 1\n---\nb: 2\n") ==
        "e.yaml:2:1: a second YAML document starts here; expected one per file");
  CHECK(error("a: !!binary abc\n") ==
        "e.yaml:1:4: the tag '!!binary' is not known; remove it (text may be marked by quotes)");
  CHECK(error("a: !mine [1]\n") ==
        "e.yaml:1:4: the tag '!mine' is not known; remove it (text may be marked by quotes)");
  CHECK(error("a: {<<: 3}\n") ==
        "e.yaml:1:5: the merge key '<<' expects a map or a list of maps, found 3");
}

TEST_CASE("a key given twice is refused with both places") {
  CHECK(error("a: 1\nb: 2\na: 3\n") == "e.yaml:3:1: the key 'a' is given twice; first at 1:1");
}

TEST_CASE("a key that is no text is refused") {
  CHECK(error("? [a]\n: 1\n") == "e.yaml:1:3: a key must be text; found a list or a map");
  CHECK(error(": 1\n") == "e.yaml:1:1: a key is missing before ':'");
  CHECK(error("~: 1\n") == "e.yaml:1:1: a key is missing before ':'");
  CHECK(error("a: &x [1]\n*x : 2\n") == "e.yaml:1:4: a key must be text; found a list of 1");
  CHECK(error("\"a\\nb\": 1\n") ==
        "e.yaml:1:1: expected a key of 1 to 200 printable bytes, found the text 'a?b'");
}

TEST_CASE("what is no experiment file is one clear line") {
  const Folder folder;
  const auto file_error = [](const std::string& path) {
    return message_of([&] { read_yaml_file(path); });
  };
  CHECK(file_error(folder.write("empty.yaml", "")) == folder.path("empty.yaml") + ": is empty");
  CHECK(file_error(folder.write("comment.yaml", "# nothing\n")) ==
        folder.path("comment.yaml") + ": is empty");
  CHECK(file_error(folder.write("binary.yaml", std::string("\x7F"
                                                           "ELF\0\0",
                                                           6))) ==
        folder.path("binary.yaml") + ": is a binary file; expected YAML, text in UTF-8");
  CHECK(file_error(folder.path("")) == folder.path("") + ": is a directory; expected a YAML file");
  CHECK(file_error(folder.path("none.yaml")) ==
        folder.path("none.yaml") + ": cannot be read: No such file or directory");
  REQUIRE(mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  CHECK(file_error(folder.path("pipe")) ==
        folder.path("pipe") + ": is not a regular file; expected a YAML file");
  CHECK(file_error(folder.write("large.yaml", std::string((2 << 20) + 1, ' '))) ==
        folder.path("large.yaml") + ": larger than 2 MB; an experiment file is a page of text");
}

TEST_CASE("a megabyte of nested aliases is an error within a second") {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; text.size() < 1'000'000; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 8; ++j) text += ", " + last;
    text += "]\n";
  }
  std::string message;
  CHECK(seconds(text, message) < kASecond);
  CHECK(message.find(": more than 100000 values, aliases expanded") != std::string::npos);
}

TEST_CASE("a long text that aliases repeat is bounded in bytes") {
  std::string text = "a: &x " + std::string(1 << 20, 'x') + "\nb: [*x";
  for (int i = 0; i < 100; ++i) text += ", *x";
  CHECK(error(text + "]\n").find(": more than 16 MB of text, aliases expanded") !=
        std::string::npos);
}

TEST_CASE("a chain of aliases, each inside the next, is bounded in depth") {
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i < 1000; ++i)
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
            "]\n";
  CHECK(error(text) == "e.yaml:64:12: more than 64 lists and maps inside each other");
}

TEST_CASE("ten thousand levels of nesting are an error within a second") {
  std::string blocks;
  for (int i = 0; i < 2000; ++i) blocks += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  const std::vector<std::string> texts{"a: " + repeated("[", 10'000),
                                       "a: " + repeated("[", 10'000) + repeated("]", 10'000),
                                       repeated("{a: ", 10'000),
                                       repeated("- ", 10'000) + "x",
                                       repeated("? ", 10'000) + "x",
                                       repeated("[\n", 10'000),
                                       repeated("[", 1'000'000),
                                       repeated("{a: ", 100'000),
                                       blocks};
  for (const std::string& text : texts) {
    std::string message;
    CHECK(seconds(text, message) < kASecond);
    const bool is_bounded =
        message.find("more than 64 lists and maps inside each other") != std::string::npos ||
        message.find("a key must be text") != std::string::npos;
    CHECK(is_bounded);
  }
}

TEST_CASE("a long list is bounded, too") {
  CHECK(error("a: [" + repeated("1, ", 100'000) + "1]\n") ==
        "e.yaml:1:299996: more than 100000 values, aliases expanded");
}

TEST_CASE("text that is not UTF-8 is refused with its place") {
  const std::string expected = ": is not UTF-8 text; save the file in that encoding";
  CHECK(error("a: 1\nb: \xFF\n") == "e.yaml:2:4" + expected);
  CHECK(error("é: \xC3\n") == "e.yaml:1:4" + expected);
  CHECK(error("a: \xED\xA0\x80\n") == "e.yaml:1:4" + expected);  // half of a surrogate pair
  CHECK(error("a: \xC0\xAF\n") == "e.yaml:1:4" + expected);      // '/' in two bytes
  CHECK(message_of([] { read_yaml_value("\xFF", Location{"x on the command line"}); }) ==
        "x on the command line" + expected);
  CHECK(read("a: \xF0\x9F\x98\x80\n").find("a")->text() == "\xF0\x9F\x98\x80");
}

TEST_CASE("a carriage return that ends no line is refused with its line") {
  const std::string expected =
      ": holds a carriage return that ends no line; save the file with the line ends LF or CRLF";
  CHECK(error("a: 1\nb: x\r") == "e.yaml:2" + expected);
  CHECK(error("a: 1\rb: 2\r") == "e.yaml:1" + expected);
  CHECK(error("a: 1\r\n\nb: x\r\r\n") == "e.yaml:3" + expected);
  CHECK(read("a: \"x\\r\"\n").find("a")->text() == "x\r");
}

TEST_CASE("a file with a byte order mark or Windows line ends is read") {
  CHECK(read("\xEF\xBB\xBF"
             "a: 1\r\nb: x\r\n")
            .canonical() == R"({"a": 1, "b": "x"})");
}
