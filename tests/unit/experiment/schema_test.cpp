#include "experiment/schema.hpp"

#include "experiment/sections.hpp"
#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

// What the schema takes and refuses is tried in a language server: tests/end_to_end/schema_test.py.

TEST_CASE("the schema has every key of an experiment file with a description") {
  const auto schema = experiment_schema(fake_registry());
  const auto& keys = *schema.find("properties");
  for (const auto& key : experiment_keys()) {
    INFO(key);
    REQUIRE(keys.find(key) != nullptr);
    CHECK(keys.find(key)->find("description") != nullptr);
  }
  CHECK(keys.entries().size() == experiment_keys().size() + 1);  // relative_to
}

TEST_CASE("every reference of the schema leads to a definition") {
  const auto schema = experiment_schema(fake_registry());
  const auto& definitions = *schema.find("definitions");
  const auto text = schema.canonical();
  const std::string mark = "\"#/definitions/";
  std::size_t count = 0;
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const auto begin = at + mark.size();
    const auto name = text.substr(begin, text.find('"', begin) - begin);
    INFO(name);
    CHECK(definitions.find(name) != nullptr);
    ++count;
  }
  CHECK(count > 30);
}

TEST_CASE("keys that may be given on the command line are those of the components in the file") {
  const auto tree = experiment_of(kBase).tree;
  const auto keys = override_keys(fake_registry(), tree);
  for (const char* key : {"data.batch", "model.latent", "model.likelihood",
                          "model.likelihood.scale", "loss.beta", "loss.beta.epochs", "train.epochs",
                          "train.stop.metric", "run.jobs", "seed", "replicates"}) {
    INFO(key);
    CHECK(keys.find(key) != nullptr);
  }
  CHECK(keys.find("loss.capacity") != nullptr);
  CHECK(override_keys(fake_registry(), experiment_of("loss: factor").tree).find("loss.capacity") ==
        nullptr);
}
