#include "cli/terminal/table.hpp"

#include <algorithm>
#include <sstream>

#include "support/catch.hpp"

using namespace varia::cli;

namespace {

/// A trial with a setting, a reason and three numbers of falling importance.
Table example() {
  Table table({"trial", {"settings", 1}, {"elbo", 0}, {"kl", 3}, {"loss", 3}, {"n", 2}});
  table.add({"b94294fe", "beta=1", "-115.32", "24.077", "115.32", "3"});
  table.add({"3c446c36", "beta=4", "-135.46", "7.9233", "159.23", "3"});
  return table;
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, display_width(line));
  return widest;
}

}  // namespace

TEST_CASE("a table that fits has all columns, numbers to the right") {
  const std::string all =
      "trial     settings     elbo      kl    loss  n\n"
      "b94294fe  beta=1    -115.32  24.077  115.32  3\n"
      "3c446c36  beta=4    -135.46  7.9233  159.23  3\n";
  CHECK(example().text() == all);
  CHECK(example().text({.width = 46}) == all);
}

TEST_CASE("columns are left out by rank, the last ones first, and named") {
  CHECK(example().text({.width = 45}) ==
        "trial     settings     elbo      kl  n\n"
        "b94294fe  beta=1    -115.32  24.077  3\n"
        "3c446c36  beta=4    -135.46  7.9233  3\n"
        "not shown, for lack of width: loss (--wide\n"
        "  shows all)\n");
  CHECK(example().text({.width = 36}).find("of width: kl,\n  loss") != std::string::npos);
  const auto narrow = example().text({.width = 20});
  CHECK(narrow.starts_with("trial        elbo\n"));
  CHECK(narrow.find("settings, kl,") != std::string::npos);
  // What has the rank 0 stays.
  CHECK(example().text({.width = 1}).starts_with("trial        elbo\n"));
}

TEST_CASE("a long text is wrapped at words before a column is left out") {
  Table table({"trial", "status", "reason"});
  table.add({"b94294fe", "done", ""});
  table.add({"3c446c36", "failed", "the loss is not finite at the second step of the first epoch"});
  CHECK(table.text({.width = 44}) ==
        "trial     status  reason\n"
        "b94294fe  done\n"
        "3c446c36  failed  the loss is not finite at\n"
        "                  the second step of the\n"
        "                  first epoch\n");
}

TEST_CASE("of two long texts both are wrapped") {
  Table table({"trial", "settings", "reason"});
  table.add({"b94294fe", "model.latent=10 loss.beta=4 optimizer.lr=0.001",
             "the process that trained it was ended by the signal 11"});
  const auto text = table.text({.width = 70});
  CHECK(widest_line(text) <= 70);
  CHECK(text.find("not shown") == std::string::npos);
}

TEST_CASE("names are bold and states have colours where there is colour") {
  Table table({"trial", "status"});
  table.add({"done", "failed"});
  CHECK(table.text({.has_colour = true}) ==
        "\033[1mtrial\033[0m  \033[1mstatus\033[0m\ndone   \033[31mfailed\033[0m\n");
}

TEST_CASE("of each group the first rows are shown, and how many more there are") {
  Table table({"trial"}, 1, "--json has all");
  table.add({"a"}, "failed");
  table.add({"b"}, "failed");
  table.add({"c"}, "done");
  CHECK(table.text() == "trial\na\nc\n... and 1 more failed (--json has all)\n");
}
