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

TEST_CASE("text is cut off between characters, where a width ends") {
  CHECK(fit("beta", 4) == "beta");
  CHECK(fit("beta", 3) == "bet");
  CHECK(fit("beta", 3, "…") == "be…");
  CHECK(fit("beta", 0, "…").empty());
  CHECK(fit("\xE6\xBD\x9C\xE5\x9C\xA8", 3) == "\xE6\xBD\x9C");
}
