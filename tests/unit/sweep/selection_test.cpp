#include "sweep/selection.hpp"
#include "support/contains.hpp"

#include "support.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::results;
using namespace varia::sweep;
using namespace varia::sweep::testing;

namespace {

using Indices = std::vector<std::size_t>;

// In order: beta 1, 2, 4 by latent 2, 10 by replicate 0, 1: twelve trials.
const std::string kSweep =
    "sweep: {loss.beta: [1, 2, 4], model.latent: [2, 10]}\n"
    "replicates: 2\n";

std::string refusal(const experiment::Plan& plan, const std::vector<std::string>& only) {
  return message_of([&] { select(plan, only); });
}

}  // namespace

TEST_CASE("without a selection every trial is chosen") {
  CHECK(select(plan_of(kSweep), {}).size() == 12);
}

TEST_CASE("a trial is chosen by its id, and by a beginning that no other has") {
  const auto plan = plan_of(kSweep);
  CHECK(select(plan, {plan.trials[5].id}) == Indices{5});
  CHECK(select(plan, {plan.trials[7].id, plan.trials[3].id}) == Indices{3, 7});
  CHECK(select(plan, {plan.trials[5].id.substr(0, 12)}) == Indices{5});
}

TEST_CASE("trials are chosen by their tags and notes") {
  const auto plan = plan_of(
      "sweep: {size: {small: {set: {model: {latent: 2}, tags: [a, b]}}, large: {set: {model: "
      "{latent: 9}, "
      "notes: {why: more}}}}}\n");
  CHECK(select(plan, {"tag=b"}) == Indices{0});
  CHECK(select(plan, {"notes.why=more"}) == Indices{1});
  CHECK(contains(refusal(plan, {"tag=c"}), "no trial has tag = c. Its values: a, b"));
}

TEST_CASE("values of one key are alternatives, of different keys all must hold") {
  const auto plan = plan_of(kSweep);
  CHECK(select(plan, {"loss.beta=2"}) == Indices{4, 5, 6, 7});
  CHECK(select(plan, {"loss.beta=2", "loss.beta=4"}) == Indices{4, 5, 6, 7, 8, 9, 10, 11});
  CHECK(select(plan, {"loss.beta=2", "model.latent=10"}) == Indices{6, 7});
  CHECK(select(plan, {"replicate=1", "model.latent=10"}) == Indices{3, 7, 11});
  CHECK(select(plan, {plan.trials[4].id, plan.trials[5].id, "replicate=1"}) == Indices{5});
}

TEST_CASE("numbers are compared as numbers, and any resolved parameter can be asked for") {
  const auto plan = plan_of(kSweep);
  CHECK(select(plan, {"loss.beta=2.0"}) == Indices{4, 5, 6, 7});
  CHECK(select(plan, {"loss.beta=0.2e1"}) == Indices{4, 5, 6, 7});
  CHECK(select(plan, {"data.batch=128"}).size() == 12);
  CHECK(select(plan, {"optimizer.use=adam"}).size() == 12);
  CHECK(select(plan, {"optimizer=adam"}).size() == 12);
}

TEST_CASE("a list is compared as YAML writes it") {
  const auto plan = plan_of("sweep: {model.hidden: [[400], [400, 400]]}\n");
  CHECK(select(plan, {"model.hidden=[400,400]"}) == Indices{1});
}

TEST_CASE("a file names trials line by line") {
  const auto plan = plan_of(kSweep);
  const experiment::testing::Folder folder;
  const auto file = folder.write(
      "ids.txt", "# two of them\n\n  " + plan.trials[2].id + " \r\n" + plan.trials[9].id + "\n");
  CHECK(select(plan, {"@" + file}) == Indices{2, 9});
  CHECK(select(plan, {"@" + file, "replicate=1"}) == Indices{9});
  CHECK(contains(refusal(plan, {"@" + folder.write("bad.txt", "replicate=0\nreplicate=7\n")}),
                 "bad.txt:2: replicate=7: no trial has replicate = 7. Its values: 0, 1"));
  CHECK(contains(refusal(plan, {"@" + folder.write("empty.txt", "# nothing\n")}),
                 "the file names no trial"));
  CHECK(contains(refusal(plan, {"@" + folder.write("nested.txt", "@" + file)}),
                 "cannot name another one"));
  CHECK_THROWS_AS(select(plan, {"@" + folder.path("missing.txt")}), StoreError);
}

TEST_CASE("what names no trial is refused with the nearest that does") {
  const auto plan = plan_of(kSweep);
  CHECK(contains(refusal(plan, {"loss.bta=2"}),
                 "no trial has a parameter 'loss.bta'. Did you mean "
                 "'loss.beta'?"));
  CHECK(
      contains(refusal(plan, {"loss.beta=3"}), "no trial has loss.beta = 3. Its values: 1, 2, 4"));
  CHECK(contains(refusal(plan, {"the best"}), "'the best' names no trial. Expected the id"));
  // A whole id is not misspelt: it was of the plan once.
  CHECK(contains(refusal(plan, {"0123456789abcdef"}), "if this one was in the plan before, they"));
  CHECK_FALSE(contains(refusal(plan, {"0123456789abcde"}), "before"));
  CHECK(contains(refusal(plan, {""}), "found empty text"));
  auto id = plan.trials[3].id;
  id.back() = id.back() == '0' ? '1' : '0';
  CHECK(contains(refusal(plan, {id}), "Did you mean '" + plan.trials[3].id + "'?"));
  CHECK(contains(refusal(plan, {"loss.beta=2", plan.trials[0].id}),
                 "no trial meets loss.beta=2 and " + plan.trials[0].id));
}

TEST_CASE("a beginning that several ids have is refused") {
  const auto plan = plan_of("replicates: 40\n");
  // More trials than digits: two ids begin alike.
  std::string shared;
  for (std::size_t i = 1; i < plan.trials.size() && shared.empty(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (plan.trials[i].id[0] == plan.trials[j].id[0]) shared = plan.trials[i].id.substr(0, 1);
  CHECK(contains(refusal(plan, {shared}), "trials have ids that begin with '" + shared + "'"));
}
