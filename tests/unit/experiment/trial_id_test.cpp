#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

namespace {

std::vector<std::string> sorted_ids(const std::string& text) {
  auto all = ids(plan(kBase + text));
  std::sort(all.begin(), all.end());
  return all;
}

bool keeps(const std::string& fewer, const std::string& more) {
  const auto few = sorted_ids(fewer);
  const auto many = sorted_ids(more);
  return many.size() > few.size() &&
         std::includes(many.begin(), many.end(), few.begin(), few.end());
}

std::string id(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return plan(kBase + text, overrides).trials.at(0).id;
}

}  // namespace

TEST_CASE("more replicates keep the trials that were there") {
  CHECK(keeps("sweep: {loss.beta: [1, 2]}\nreplicates: 2",
              "sweep: {loss.beta: [1, 2]}\nreplicates: 5"));
}

TEST_CASE("a higher random count keeps the trials that were there") {
  const auto sweep = [](int count) {
    return "sweep: {random: {count: " + std::to_string(count) +
           ", optimizer.lr: {log_uniform: [1e-4, 1e-2]}, model.latent: {int_uniform: [2, 50]}, "
           "loss.beta: {choice: [1, 2]}}}";
  };
  CHECK(keeps(sweep(1), sweep(2)));
  CHECK(keeps(sweep(8), sweep(13)));
  CHECK(keeps(sweep(13), sweep(100)));
}

TEST_CASE(
    "one more value, and one more axis with the default among its values, keep what was there") {
  CHECK(keeps("sweep: {loss.beta: [1, 2]}", "sweep: {loss.beta: [0, 1, 2]}"));
  CHECK(keeps("sweep: {loss.beta: [1, 2]}", "sweep: {loss.beta: [1, 2], model.latent: [10, 20]}"));
}

TEST_CASE("the order of axes, of keys and of random keys does not change ids") {
  CHECK(sorted_ids("sweep: {loss.beta: [1, 2], model.latent: [2, 3], m: {a: {set: {loss: {gamma: "
                   "1}}}, b:}}") ==
        sorted_ids("sweep: {m: {b:, a: {set: {loss: {gamma: 1}}}}, model.latent: [3, 2], "
                   "loss.beta: [2, 1]}"));
  CHECK(sorted_ids("sweep: {random: {count: 4, loss.beta: {uniform: [0, 1]}, optimizer.lr: "
                   "{uniform: [0, 1]}}}") ==
        sorted_ids("sweep: {random: {optimizer.lr: {uniform: [0, 1]}, loss.beta: {uniform: [0, "
                   "1]}, count: 4}}"));
  CHECK(sorted_ids("sweep: {loss.use: [elbo, factor], loss.gamma: [1, 2]}") ==
        sorted_ids("sweep: {loss.gamma: [1, 2], loss.use: [elbo, factor]}"));
}

TEST_CASE("how a trial is run and what is looked at does not change its id") {
  const std::string base = id("");
  CHECK(id("metrics: [nll]\nviews: [samples]\nname: other\n") == base);
  CHECK(id("", {"train.epochs=9"}) == base);
  CHECK(id("", {"train={steps: 100, evaluate_every: 10}"}) == base);
  CHECK(id("", {"train.threads=2", "train.device=cpu", "train.record_every=5",
                "train.keep=none"}) == base);
  CHECK(id("replicates: 4") == base);
}

TEST_CASE("a value that is the default, or is written another way, does not change the id") {
  const std::string base = id("");
  CHECK(id("", {"loss.beta=1"}) == base);
  CHECK(id("", {"loss.beta=1.0e0"}) == base);
  CHECK(id("", {"loss={use: elbo}"}) == base);
  CHECK(id("optimizer: {use: adam}") == base);
}

TEST_CASE("what is learnt, and from what, is the id") {
  std::vector<std::string> all{id("")};
  for (const std::string change :
       {"loss.beta=2", "model.latent=2", "data.batch=64", "optimizer.lr=1e-2", "optimizer.use=sgd",
        "loss.use=factor", "train.samples=5", "seed=1", "trial_seed=0"})
    all.push_back(id("", {change}));
  all.push_back(
      make_plan(experiment_of(kBase), fake_registry(), [](const Value&) { return "other data"; })
          .trials.at(0)
          .id);
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("the length of a run is in the id only where a schedule depends on it") {
  const std::string relative = "loss.beta={use: linear, to: 4, fraction: 0.5}";
  const std::string absolute = "loss.beta={use: linear, to: 4, epochs: 5}";
  CHECK(id("", {absolute, "train.epochs=9"}) == id("", {absolute}));
  CHECK(id("", {relative, "train.epochs=9"}) != id("", {relative}));
  CHECK(id("", {relative, "train.threads=2"}) == id("", {relative}));
  CHECK(id("", {relative, "train={steps: 2, evaluate_every: 1}"}) != id("", {relative}));
  const std::string rate = "optimizer.lr={use: linear, to: 1, fraction: 1}";
  CHECK(id("", {rate, "train.epochs=9"}) != id("", {rate}));
}

TEST_CASE(
    "a metric that ends training, or chooses parameters, is in the id with what it depends on") {
  const std::string base =
      "train: {epochs: 9, stop: {metric: validation/nll, patience: 5}}\n"
      "metrics: [{use: nll, samples: 5, every: 1}, active_units]\n";
  const auto whole = [&](const std::vector<std::string>& overrides) {
    return plan(kBase.substr(0, kBase.find("train:")) + base, overrides).trials.at(0).id;
  };
  // The noise of evaluations follows from the experiment's seed.
  const std::string fixed = "trial_seed=7";
  std::vector<std::string> all{whole({fixed}), id("", {fixed})};
  for (const std::string change :
       {"train.stop.patience=6", "train.stop.min_delta=0.1", "train.stop.restore=last",
        "train.stop.metric=validation/elbo", "train.keep=validation/elbo", "metrics.nll.samples=6",
        "metrics.nll.every=2", "seed=1"})
    all.push_back(whole({fixed, change}));
  all.push_back(id("", {fixed, "train.keep=validation/elbo"}));
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  // What decides nothing is in no id.
  for (const std::string change :
       {"train.epochs=20", "train.keep=best", "metrics.active_units.every=3"})
    CHECK(whole({fixed, change}) == whole({fixed}));
  CHECK(id("", {"train.keep=best"}) == id(""));
}

TEST_CASE("a model that starts from another one is known by that one's content, wherever it lies") {
  const Folder folder;
  const auto write = [&](const std::string& name, const std::string& bytes) {
    const std::filesystem::path path = folder.path(name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  };
  const auto one = write("sweep/models/0123456789abcdef.h5", "one");
  const auto moved = write("moved.h5", "one");
  const auto other = write("other.h5", "other");
  const auto from = [](const std::string& file, const std::string& more = "") {
    return "model.from={file: " + file + more + "}";
  };
  const std::string encoder = ", parts: [encoder]";
  CHECK(id("", {from(one)}) == id("", {from(moved)}));
  std::vector<std::string> all{id(""),
                               id("", {from(one)}),
                               id("", {from(other)}),
                               id("", {from(one, encoder)}),
                               id("", {"model.freeze=[encoder]"}),
                               id("", {from(one), "model.freeze=[encoder]"})};
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  // Named by results and trial; the beginning of the id is enough.
  const auto results = "results: " + folder.path("sweep.h5");
  CHECK(id("", {"model.from={" + results + ", trial: 0123}"}) == id("", {from(one)}));
  const auto refused = [&](const std::string& map) {
    return message_of([&] { id("", {"model.from={" + map + "}"}); });
  };
  CHECK(refused(results + ", trial: 9999").find("has an id that begins with '9999'") !=
        std::string::npos);
  write("sweep/models/0123999999999999.h5", "two");
  CHECK(refused(results + ", trial: 0123")
            .find("begin with '0123': 0123456789abcdef, "
                  "0123999999999999") != std::string::npos);
  CHECK(refused(results).find("expected 'results' and 'trial', or 'file'") != std::string::npos);
  CHECK(refused(results + ", trial: ../x").find("expected the id of a trial") != std::string::npos);
  CHECK(refused("fil: x").find("Did you mean 'file'?") != std::string::npos);
  CHECK(refused("parts: [encoder]").find("expected the path of kept parameters, found nothing") !=
        std::string::npos);
  // What was resolved is known by its digest, and may be used without its source.
  const auto trial = plan(kBase, {from(moved)}).trials.at(0);
  CHECK(plan(trial.yaml()).trials.at(0).id == trial.id);
  std::filesystem::remove(moved);
  CHECK(plan(trial.yaml()).trials.at(0).id == trial.id);
  write("moved.h5", "changed");
  CHECK(message_of([&] { plan(trial.yaml()); }).find("is another file than it was") !=
        std::string::npos);
}

TEST_CASE("ids and seeds are the same in every version") {
  CHECK(replicate_seed(0, 0) == 6306441950682824217);
  CHECK(id("") == "715f634767aaf1c8");
}
