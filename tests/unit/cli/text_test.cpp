#include "cli/terminal/text.hpp"

#include "support/catch.hpp"

using namespace varia::cli;

TEST_CASE("nothing in a text moves the cursor of a terminal") {
  CHECK(printable("\x1b[2Jx\r\n\x7f") == "?[2Jx???");
  CHECK(printable("\xC2\x9B"
                  "2J") == "?2J");  // U+009B begins a command, too
  CHECK(printable("a\xE2\x80\xAE"
                  "b") == "a?b");  // U+202E: from right to left
  CHECK(printable("a\xE2\x81\xA6"
                  "b") == "a?b");  // U+2066
  CHECK(printable("\x9B"
                  "2J") ==
        "\xEF\xBF\xBD"
        "2J");  // no UTF-8
  CHECK(printable("β = 4 – ü") == "β = 4 – ü");
}

TEST_CASE("a wide character takes two columns of a terminal, a combining one none") {
  CHECK(display_width("beta") == 4);
  CHECK(display_width("β – ü") == 5);
  CHECK(display_width("\xE6\xBD\x9C\xE5\x9C\xA8") == 4);  // two ideographs
  CHECK(display_width("e\xCC\x81") == 1);                 // e and U+0301
  CHECK(display_width("\x9B") == 1);                      // no UTF-8
  CHECK(display_width("") == 0);
}

TEST_CASE("lines are broken at spaces, and a word that is too long stays whole") {
  CHECK(wrapped("one two three", 7) == "one two\nthree");
  CHECK(wrapped("one two three", 8, 2) == "one two\n  three");
  CHECK(wrapped("a unbreakable b", 5) == "a\nunbreakable\nb");
  CHECK(wrapped("  one two", 5, 2) == "  one\n  two");
  CHECK(wrapped("one\ntwo three", 100) == "one\ntwo three");
  CHECK(wrapped("\nnotes\n", 3) == "\nnotes\n");
  CHECK(wrapped("β ≥ 4", 5) == "β ≥ 4");  // columns, not bytes
  CHECK(wrapped("", 5).empty());
}

TEST_CASE("text is coloured where a style has colour") {
  CHECK(TextStyle{}.coloured(Colour::red, "failed") == "failed");
  CHECK(TextStyle{.has_colour = true}.coloured(Colour::red, "failed") == "\033[31mfailed\033[0m");
}

TEST_CASE("text is cut off between characters, where a width ends") {
  CHECK(fit("beta", 4) == "beta");
  CHECK(fit("beta", 3) == "bet");
  CHECK(fit("beta", 3, "…") == "be…");
  CHECK(fit("beta", 0, "…").empty());
  CHECK(fit("\xE6\xBD\x9C\xE5\x9C\xA8", 3) == "\xE6\xBD\x9C");
}
