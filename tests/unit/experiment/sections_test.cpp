#include "support.hpp"
#include "support/contains.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

namespace {

std::string refusal(const std::string& text) {
  return message_of([&] { experiment_of(kBase + text); });
}

}  // namespace

TEST_CASE("tags and notes belong to every trial, and to no id and no trial's own file") {
  const auto plain = plan(kBase + "replicates: 2");
  const auto noted = plan(kBase + "replicates: 2\ntags: [paper, b.2]\nnotes: {why: 'a, b'}");
  REQUIRE(noted.trials.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(noted.trials[i].tags == std::vector<std::string>{"paper", "b.2"});
    CHECK(noted.trials[i].notes == std::map<std::string, std::string>{{"why", "a, b"}});
    CHECK(noted.trials[i].id == plain.trials[i].id);
    CHECK(noted.trials[i].yaml() == plain.trials[i].yaml());
  }
}

TEST_CASE("a sweep and the command line may set tags and notes") {
  const auto swept = plan(
      kBase +
      "notes: {why: all}\nsweep: {size: {small: {set: {model: {latent: 2}, notes: {size: tiny}}}, "
      "large: {set: {model: {latent: 9}, tags: [big]}}}}");
  REQUIRE(swept.trials.size() == 2);
  CHECK(swept.trials[0].notes ==
        std::map<std::string, std::string>{{"size", "tiny"}, {"why", "all"}});
  CHECK(swept.trials[1].notes == std::map<std::string, std::string>{{"why", "all"}});
  CHECK(swept.trials[1].tags == std::vector<std::string>{"big"});
  const auto over = plan(kBase, {"notes.why=now", "tags=[a]"});
  CHECK(over.trials[0].notes.at("why") == "now");
  CHECK(over.trials[0].tags == std::vector<std::string>{"a"});
}

TEST_CASE("tags and notes are checked, with their places") {
  CHECK(contains(refusal("tags: paper"), "tags: expected a list of words, found 'paper'"));
  CHECK(contains(refusal("tags: [two words]"), "tags: expected 1 to 100 letters"));
  CHECK(contains(refusal("tags: [a, b, a]"), "tags: 'a' is there twice"));
  // All that is wrong, not the first of it alone.
  const auto words = refusal("tags: [a b, 'ü', '']");
  for (const auto* found : {"found 'a b'", "found the text 'ü'", "found the text ''"})
    CHECK(contains(words, found));
  const auto texts = refusal("notes: {'a.b': 1, why: [1]}");
  CHECK(contains(texts, "found the text 'a.b'"));
  CHECK(contains(texts, "notes.why: expected a text"));
  CHECK(contains(refusal("notes: [a]"), "notes: expected a map of texts"));
  CHECK(contains(refusal("notes: {'a b': c}"), "notes: expected 1 to 100 letters"));
  CHECK(contains(refusal("notes: {a: [b]}"), "notes.a: expected a text of 1000 bytes at most"));
  CHECK(
      contains(refusal("notes: {a: " + std::string(1001, 'x') + "}"), "notes.a: expected a text"));
  std::string many = "tags: [t0";
  for (int i = 1; i < 33; ++i) many += ", t" + std::to_string(i);
  CHECK(contains(refusal(many + "]"), "tags: expected 32 words at most"));
  CHECK(refusal("tags: paper").find(".yaml:") != std::string::npos);
}
