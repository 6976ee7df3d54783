#include "experiment/yaml/dotted_key.hpp"

#include "experiment/yaml/yaml_reader.hpp"
#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using varia::experiment::testing::message_of;

namespace {

Assignment assignment(const std::string& key, const std::string& value) {
  const Location where{key + "=" + value + " on the command line"};
  return {key, split_key(key, where), read_yaml_value(value, where), where};
}

/// The tree after one assignment.
std::string assigned(const std::string& tree, const std::string& key, const std::string& value) {
  Value all = read_yaml_text(tree, "e.yaml");
  assign(all, assignment(key, value));
  return all.canonical();
}

std::string merged(const std::string& base, const std::string& over) {
  Value tree = read_yaml_text(base, "base.yaml");
  merge(tree, read_yaml_text(over, "e.yaml"));
  return tree.canonical();
}

}  // namespace

TEST_CASE("a dotted key replaces what stands there and makes the maps on its way") {
  CHECK(assigned("loss: {use: elbo, beta: 1}", "loss.beta", "4") ==
        R"({"loss": {"beta": 4, "use": "elbo"}})");
  CHECK(assigned("loss: {use: elbo}", "optimizer.lr", "1e-2") ==
        R"({"loss": {"use": "elbo"}, "optimizer": {"lr": 0.01}})");
  CHECK(assigned("model: mlp_vae", "model.latent", "2") ==
        R"({"model": {"latent": 2, "use": "mlp_vae"}})");
  CHECK(assigned("model: {prior: {use: a, x: 1}}", "model.prior", "{use: b}") ==
        R"({"model": {"prior": {"use": "b"}}})");
  CHECK(assigned("loss: {beta: 4}", "loss.beta.to", "3") == R"({"loss": {"beta": {"to": 3}}})");
}

TEST_CASE("another use drops the parameters of the one before, the same use keeps them") {
  CHECK(assigned("loss: {use: elbo, beta: 1}", "loss.use", "factor") ==
        R"({"loss": {"use": "factor"}})");
  CHECK(assigned("loss: {use: elbo, beta: 1}", "loss.use", "elbo") ==
        R"({"loss": {"beta": 1, "use": "elbo"}})");
}

TEST_CASE("an entry of metrics or views goes by its name") {
  CHECK(assigned("views: [samples, {use: samples, as: more, rows: 2}]", "views.more.rows", "4") ==
        R"({"views": ["samples", {"as": "more", "rows": 4, "use": "samples"}]})");
  CHECK(assigned("metrics: [nll]", "metrics.nll.samples", "5") ==
        R"({"metrics": [{"samples": 5, "use": "nll"}]})");
  CHECK(message_of([] { assigned("metrics: [nll, fid]", "metrics.nl.samples", "5"); }) ==
        "metrics.nl.samples=5 on the command line: metrics.nl.samples: metrics has no entry 'nl'. "
        "Did you mean 'nll'? Known: fid, nll.");
}

TEST_CASE("a dotted key cannot go into another list") {
  CHECK(message_of([] { assigned("model: {hidden: [400]}", "model.hidden.0", "5"); }) ==
        "model.hidden.0=5 on the command line: model.hidden.0: 'hidden' is a list; a dotted key "
        "cannot go into it. Give the whole list");
}

TEST_CASE("a key with an empty part is refused") {
  for (const std::string key : {"loss..beta", ".beta", "loss."})
    CHECK(message_of([&] { split_key(key, {"here"}); }) ==
          "here: '" + key +
              "' is not a key; expected names with single dots between them, such as loss.beta");
}

TEST_CASE("the order of assignments does not matter once they are sorted") {
  std::vector<Assignment> assignments{
      assignment("loss.prior.use", "gmm"), assignment("loss.beta", "3"),
      assignment("loss.use", "factor"),    assignment("loss.prior.components", "10"),
      assignment("loss", "elbo"),          assignment("loss.prior", "{use: unit, x: 1}")};
  std::sort(assignments.begin(), assignments.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  do {
    auto sorted = assignments;
    sort_for_assigning(sorted);
    Value tree = Value::map({});
    for (const auto& each : sorted) assign(tree, each);
    CHECK(tree.canonical() ==
          R"({"loss": {"beta": 3, "prior": {"components": 10, "use": "gmm"}, "use": "factor"}})");
  } while (std::next_permutation(assignments.begin(), assignments.end(),
                                 [](const auto& a, const auto& b) { return a.key < b.key; }));
}

TEST_CASE("maps merge key by key, anything else is replaced") {
  CHECK(merged("{a: {x: 1, y: 2}, l: [1, 2]}", "{a: {y: 3, z: 4}, l: [5]}") ==
        R"({"a": {"x": 1, "y": 3, "z": 4}, "l": [5]})");
  CHECK(merged("{a: {x: 1}}", "{a: 3}") == R"({"a": 3})");
  CHECK(merged("{a: {x: 1}}", "a:\nb: 1") == R"({"a": null, "b": 1})");
}

TEST_CASE("a map with another use replaces the map of its base") {
  CHECK(merged("loss: {use: elbo, beta: 2}", "loss: {use: factor}") ==
        R"({"loss": {"use": "factor"}})");
  CHECK(merged("loss: {use: elbo, beta: 2}", "loss: {use: elbo, gamma: 3}") ==
        R"({"loss": {"beta": 2, "gamma": 3, "use": "elbo"}})");
  CHECK(merged("optimizer: {lr: 1}", "optimizer: {use: sgd}") ==
        R"({"optimizer": {"use": "sgd"}})");
}
