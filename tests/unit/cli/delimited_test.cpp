#include "cli/terminal/delimited.hpp"

#include <limits>

#include "support/catch.hpp"

using namespace varia::cli;

TEST_CASE("cells of CSV are quoted where they need it") {
  CHECK(csv_text("loss.beta") == "loss.beta");
  CHECK(csv_text("[400, 400]") == "\"[400, 400]\"");
  CHECK(csv_text("say \"x\"") == "\"say \"\"x\"\"\"");
  CHECK(csv_text("two\nlines\r") == "two?lines?");
  CHECK(csv_text("").empty());
}

TEST_CASE("text that a spreadsheet would calculate gets an apostrophe, numbers do not") {
  CHECK(csv_text("=1+1") == "'=1+1");
  CHECK(csv_text("@SUM(A1)") == "'@SUM(A1)");
  CHECK(csv_text("+cmd|'/c calc'!A1") == "'+cmd|'/c calc'!A1");
  CHECK(csv_text("-2+3") == "'-2+3");
  CHECK(csv_text("=HYPERLINK(\"x\",1)") == "\"'=HYPERLINK(\"\"x\"\",1)\"");
  CHECK(csv_text("-0.5") == "-0.5");
  CHECK(csv_text("-1e-05") == "-1e-05");
}

TEST_CASE("numbers of CSV read back, and NaN is an empty cell") {
  CHECK(csv_number(0.1) == "0.1");
  CHECK(csv_number(-105.12345678901234) == "-105.12345678901234");
  CHECK(csv_number(std::numeric_limits<double>::quiet_NaN()).empty());
  CHECK(csv_number(-std::numeric_limits<double>::infinity()) == "-inf");
}

TEST_CASE("nothing in a text is a command of LaTeX") {
  CHECK(latex_text("test/kl_z 100%") == "test/kl\\_z 100\\%");
  CHECK(latex_text("\\input{x}") == "\\textbackslash{}input\\{x\\}");
  CHECK(latex_text("a & b # $c$ ~ ^") ==
        "a \\& b \\# \\$c\\$ \\textasciitilde{} \\textasciicircum{}");
  CHECK(latex_text("[400]") == "{[}400{]}");
  CHECK(latex_text("<|>") == "\\textless{}\\textbar{}\\textgreater{}");
}
