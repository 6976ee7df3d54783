#include "experiment/yaml/yaml_writer.hpp"

#include "experiment/yaml/yaml_reader.hpp"
#include "support.hpp"

using namespace varia;
using namespace varia::experiment;

TEST_CASE("YAML is written as people write it") {
  Value loss = Value::map({});
  loss.set("use", Value::text("elbo"));
  loss.set("beta", Value::real(1e-3));
  loss.set("hidden", Value::list({Value::integer(400), Value::integer(400)}));
  Value tree = Value::map({});
  tree.set("name", Value::text("beta_sweep"));
  tree.set("loss", loss);
  tree.set("views", Value::list({loss}));
  tree.set("none", Value::list());
  CHECK(write_yaml(tree) ==
        "name: beta_sweep\n"
        "loss:\n"
        "  use: elbo\n"
        "  beta: 0.001\n"
        "  hidden: [400, 400]\n"
        "views:\n"
        "  - use: elbo\n"
        "    beta: 0.001\n"
        "    hidden: [400, 400]\n"
        "none: []\n");
  CHECK(flow_text(loss) == "{use: elbo, beta: 0.001, hidden: [400, 400]}");
  CHECK(flow_text(Value::integer(3)) == "3");
}

TEST_CASE("what was written reads back as the same content") {
  Value tree = Value::map({});
  for (const char* text :
       {"1e-3", "true", "null", "~",  "",   "a: b", "- a",  "# a", "a\nb", "'",  "\"",
        "0x10", ".inf", "*a",   "&a", "<<", "é",    "a\tb", "[a]", "{a}",  " a "}) {
    tree.set(std::string("of ") + text, Value::text(text));
  }
  for (const char* text : {"a\rb",
                           "a\r",
                           "\r",
                           "a\r\n",
                           "\n",
                           "\na",
                           "a\n\n",
                           "\ta",
                           "a\t",
                           "\x01",
                           "\x7F",
                           "\xC2\x85",
                           "a\xE2\x80\xA8",
                           "\xEF\xBB\xBF"
                           "a",
                           "---",
                           "...",
                           "--- a",
                           "%a",
                           "@a",
                           "`a",
                           "a #b",
                           "a:",
                           "? a",
                           "!a",
                           "|",
                           ">",
                           ",a",
                           "a, b",
                           "=",
                           "-",
                           "?",
                           ":",
                           "a\\"})
    tree.set("number " + std::to_string(tree.entries().size()), Value::text(text));
  // Keys hold no control characters, so those names go.
  tree.erase("of a\nb");
  tree.erase("of a\tb");
  tree.set("lines", Value::text("a\nb\tc"));
  tree.set("<<", Value::integer(1));
  tree.set("number", Value::real(0.1));
  tree.set("infinite", Value::scalar(".inf"));
  tree.set("list", Value::list({Value::list({Value::text("1")}), Value::map({})}));
  CHECK(read_yaml_text(write_yaml(tree), "written").canonical() == tree.canonical());
  CHECK(read_yaml_text("a: " + flow_text(tree), "written").find("a")->canonical() ==
        tree.canonical());
}
