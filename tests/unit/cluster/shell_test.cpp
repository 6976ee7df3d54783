#include "cluster/shell.hpp"

#include <csignal>

#include "unit/cluster/cluster_fixtures.hpp"

using namespace varia::cluster;
using namespace varia::cluster::testing;

TEST_CASE("a quoted text is one word to a shell, whatever is in it") {
  for (const std::string text :
       {"plain", "",      " ",        "it's",  "''", "a\"b",        "$HOME", "`id`",
        "$(id)", "a\\b",  "a\nb",     "*",     "~",  "#no comment", "-n",    "a;b&c|d>e<f",
        "!x",    "{a,b}", "\xc3\xa9", "[abc]", "\t", "a'b'\"c\""}) {
    const auto outcome = run_command({"bash", "-c", "printf '%s|' x" + shell_quoted(text) + " y"});
    REQUIRE(outcome);
    CHECK(outcome->out == "x" + text + "|y|");
  }
}

TEST_CASE("plain names stay as they are, so that scripts can be read") {
  CHECK(shell_quoted("results/beta_sweep-2.yaml") == "results/beta_sweep-2.yaml");
  CHECK(shell_words({"apptainer", "exec", "my image.sif"}) == "apptainer exec 'my image.sif'");
  CHECK(shell_words({}).empty());
}

TEST_CASE("directives quote as sbatch reads them, and refuse what it cannot read") {
  CHECK(directive("time", "4:00:00") == "#SBATCH --time=4:00:00\n");
  CHECK(directive("requeue") == "#SBATCH --requeue\n");
  CHECK(directive("constraint", "a&b|c") == "#SBATCH --constraint=\"a&b|c\"\n");
  CHECK(directive("comment", "say \"it's\" #1 \\") ==
        "#SBATCH --comment=\"say \\\"it's\\\" #1 \\\\\"\n");
  CHECK_THROWS_AS(directive("comment", "a\nrm -rf /"), varia::ConfigError);
}

TEST_CASE("signals that this process ignores have their effect on a command") {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  const auto outcome = run_command({"sh", "-c", "kill -s PIPE $$; echo alive"});
  std::signal(SIGPIPE, before);
  REQUIRE(outcome);
  CHECK(outcome->code == 128 + SIGPIPE);
  CHECK(outcome->out.empty());
}

TEST_CASE("that the system does not tell how a command ended is an error, and no success") {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  CHECK_THROWS_WITH(run_command({"true"}), "true: how it ended cannot be told: No child processes");
  std::signal(SIGCHLD, before);
}

TEST_CASE("a command's output, errors and end are told") {
  const auto outcome = run_command({"sh", "-c", "echo 'a b'; echo wrong >&2; exit 3"});
  REQUIRE(outcome);
  CHECK(outcome->out == "a b\n");
  CHECK(outcome->err == "wrong\n");
  CHECK(outcome->code == 3);
  CHECK(run_command({"sh", "-c", "kill -9 $$"})->code == 137);
  CHECK(run_command({"sh", "-c", "yes | head -c 1000000"})->out.size() == 1'000'000);
  CHECK_FALSE(run_command({"no-such-program-anywhere"}));
}
