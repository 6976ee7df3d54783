#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

namespace {
/// Line 5, from column 8 on.
std::string error(const std::string& sweep) { return plan_error(kBase + "sweep: " + sweep); }
}  // namespace

TEST_CASE("an axis of a key that no section has names the nearest section") {
  CHECK(error("{los.beta: [1]}") ==
        "e.yaml:5:9: sweep: 'los' is not a section that can be swept. Did you mean 'loss'? Known: "
        "data, loss, metrics, model, notes, optimizer, tags, train, views.");
  CHECK(error("{seed.x: [1]}").find("e.yaml:5:9: sweep: 'seed' is not a section") == 0);
}

TEST_CASE("an axis of a key that the component does not know names the nearest parameter") {
  CHECK(error("{loss.bta: [1, 2]}") ==
        "e.yaml:5:9: loss elbo: 'bta' is not a parameter. Did you mean 'beta'? Known: beta, "
        "capacity, gamma.");
}

TEST_CASE("a value of an axis that is out of range has its own place") {
  CHECK(error("{loss.beta: [1, -2]}") ==
        "e.yaml:5:24: loss elbo: beta: expected a real number in [0, 10000], found -2");
}

TEST_CASE("an axis needs values") {
  CHECK(error("{loss.beta: []}") ==
        "e.yaml:5:20: sweep: loss.beta: expected a list of values, found an empty list");
  CHECK(error("{loss.beta: 3}") ==
        "e.yaml:5:20: sweep: loss.beta: expected a list of values, found 3");
  CHECK(error("[1]") == "e.yaml:5:8: sweep: expected a map of axes, found a list of 1");
  CHECK(error("{beta: [1, 2]}") ==
        "e.yaml:5:9: sweep: 'beta' has no dot, so it names an axis of variants: expected a map of "
        "them, found a list of 2. A list of values goes with a dotted key, such as loss.beta");
}

TEST_CASE("all folds are an axis only where their number is known") {
  CHECK(error("{data.fold: all}") ==
        "e.yaml:5:20: sweep: data.fold: 'all' needs the number of folds at data.folds, 2 to 10000; "
        "found nothing");
  CHECK(plan_error(
            "data: {use: mnist, folds: 1000000}\nmodel: mlp_vae\nloss: elbo\ntrain: {epochs: 2}\n"
            "sweep: {data.fold: all}\n") ==
        "e.yaml:1:27: dataset mnist: folds: expected a whole number in [2, 10000], found 1000000\n"
        "e.yaml:5:20: sweep: data.fold: 'all' needs the number of folds at data.folds, 2 to 10000; "
        "found 1000000");
  CHECK(error("{data.batch: all}") ==
        "e.yaml:5:21: sweep: data.batch: expected a list of values, found 'all'");
}

TEST_CASE("keys of a zip group have equally many values") {
  CHECK(error("{zip: [{loss.gamma: [1, 10], loss.capacity: [5]}]}") ==
        "e.yaml:5:52: sweep: zip: loss.capacity has 1 values, but loss.gamma has 2");
  CHECK(error("{zip: {loss.gamma: [1]}}") ==
        "e.yaml:5:14: sweep: zip: expected a list of groups such as [{loss.gamma: [1, 10], "
        "loss.capacity: [5, 25]}], found a map");
  CHECK(error("{zip: [3]}") ==
        "e.yaml:5:15: sweep: zip: expected a map of keys with lists of equal length, found 3");
}

TEST_CASE("two axes that set one key are refused with both places") {
  CHECK(error("{loss.beta: [1], zip: [{loss.beta: [2]}]}") ==
        "e.yaml:5:32: sweep: 'loss.beta' is set twice, here and at e.yaml:5:9; keep one");
  CHECK(error("{loss.beta: [1], m: {a: {set: {loss: {beta: 2}}}}}") ==
        "e.yaml:5:46: sweep: 'loss.beta' is set twice, here and at e.yaml:5:9; keep one");
  CHECK(error("{m: {a: {set: {loss: {beta: 2}}, sweep: {loss.beta: [1]}}}}") ==
        "e.yaml:5:49: sweep: 'loss.beta' is set twice, here and at e.yaml:5:30; keep one");
}

TEST_CASE("variants are checked") {
  CHECK(error("{m: {}}") == "e.yaml:5:12: sweep: m: expected variants, found an empty map");
  CHECK(error("{m: {a: 3}}") ==
        "e.yaml:5:16: sweep: m.a: expected a map with 'set' and 'sweep', found 3");
  CHECK(error("{loss: {beta: [1, 2]}}") ==
        "e.yaml:5:22: sweep: loss.beta: expected a map with 'set' and 'sweep', found a list of 2. "
        "A list of values goes with a dotted key: 'loss.beta: [...]' in place of 'loss: {beta: "
        "[...]}'");
  CHECK(error("{m: {a: {sets: {}}}}") ==
        "e.yaml:5:17: sweep: m.a: 'sets' is not a key of a variant. Did you mean 'set'? Known: "
        "set, sweep.");
  CHECK(error("{m: {a: {set: 3}}}") == "e.yaml:5:22: sweep: m.a: set: expected a map, found 3");
  CHECK(error("{m: {a: {set: {los: {x: 1}}}}}") ==
        "e.yaml:5:29: sweep: 'los' is not a section that can be swept. Did you mean 'loss'? Known: "
        "data, loss, metrics, model, notes, optimizer, tags, train, views.");
  CHECK(error("{m: {a/b: {}}}") ==
        "e.yaml:5:13: sweep: variant of m: expected 1 to 100 letters, digits, '_' and '-', "
        "beginning with none of '.' and '-'; found the text 'a/b'");
  CHECK(error("{m/n: {a: {}}}") ==
        "e.yaml:5:9: sweep: name of an axis: expected 1 to 100 letters, digits, '_' and '-', "
        "beginning with none of '.' and '-'; found the text 'm/n'");
}

TEST_CASE("random axes are checked") {
  CHECK(error("{random: 3}") ==
        "e.yaml:5:17: sweep: random: expected a map such as {count: 8, optimizer.lr: {log_uniform: "
        "[1e-4, 1e-2]}}, found 3");
  CHECK(error("{random: {loss.beta: {uniform: [0, 1]}}}") ==
        "e.yaml:5:17: sweep: random: 'count' is missing; say how many points to draw");
  CHECK(error("{random: {count: 0}}") ==
        "e.yaml:5:25: sweep: random count: expected a whole number in [1, 100000], found 0");
  CHECK(error("{random: {count: 2}}") ==
        "e.yaml:5:17: sweep: random: expected 1 to 1000 keys besides 'count', found 0");
  CHECK(error("{random: {count: 2, loss.beta: 3}}") ==
        "e.yaml:5:39: sweep: random loss.beta: expected one distribution, such as {log_uniform: "
        "[1e-4, 1e-2]} (or uniform, int_uniform, choice), found 3");
  CHECK(error("{random: {count: 2, loss.beta: {loguniform: [1, 2]}}}") ==
        "e.yaml:5:40: sweep: random loss.beta: 'loguniform' is not a distribution. Did you mean "
        "'log_uniform'? Known: choice, int_uniform, log_uniform, uniform.");
  CHECK(
      error("{random: {count: 2, loss.beta: {log_uniform: [0, 2]}}}") ==
      "e.yaml:5:54: sweep: random loss.beta: expected two positive numbers, [low, high], found 0");
  CHECK(error("{random: {count: 2, loss.beta: {uniform: [2, 1]}}}") ==
        "e.yaml:5:53: sweep: random loss.beta: expected a number above 2, found 1");
  CHECK(error("{random: {count: 2, loss.beta: {uniform: [0, inf]}}}") ==
        "e.yaml:5:53: sweep: random loss.beta: expected two numbers, [low, high], found inf");
  CHECK(error("{random: {count: 2, loss.beta: {int_uniform: [1, 2.5]}}}") ==
        "e.yaml:5:57: sweep: random loss.beta: expected two whole numbers, [lowest, highest], "
        "found 2.5");
  CHECK(error("{random: {count: 2, loss.beta: {choice: []}}}") ==
        "e.yaml:5:48: sweep: random loss.beta: expected a list of values, found an empty list");
  CHECK(error("{random: {count: 7, loss.beta: {choice: [1, 2, 3]}}}") ==
        "e.yaml:5:17: sweep: random: only 3 different points were found; lower 'count' (7), or "
        "write the values as axes");
}

TEST_CASE("a sweep of too many trials is refused before it is made") {
  std::string values = "[1";
  for (int i = 2; i <= 1000; ++i) values += ", " + std::to_string(i);
  values += "]";
  CHECK(error("{loss.beta: " + values + ", model.latent: " + values + ", data.batch: " + values +
              "}") ==
        "e.yaml:5:8: sweep: more than 1000000 trials; take fewer values, or draw some of them by "
        "'random'");
  CHECK(
      error("{m: {a: {sweep: {random: {count: 100000, loss.beta: {uniform: [0, 1]}}, loss.gamma: " +
            values + "}}}}") ==
      "e.yaml:5:13: sweep: more than 1000000 trials; take fewer values, or draw some of them by "
      "'random'");
  CHECK(plan_error(kBase + "sweep: {loss.beta: " + values + "}\nreplicates: 1001\n") ==
        "e.yaml:6:13: replicates: 1000 settings with 1001 replicates are more than 1000000 trials");
}

TEST_CASE("two settings that are the same trial are refused") {
  CHECK(error("{loss.beta: [1, 2, 1.0]}") ==
        "e.yaml:5:8: sweep: two settings are the same trial: (loss.beta=1) and (loss.beta=1.0). "
        "Remove one: their values are equal, or differ only in what does not change what is learnt "
        "(metrics, views, epochs and other keys of train)");
  CHECK(error("{m: {a:, b: {set: {train: {threads: 2}}}}}") ==
        "e.yaml:5:8: sweep: two settings are the same trial: (m=a) and (m=b train.threads=2). "
        "Remove one: their values are equal, or differ only in what does not change what is learnt "
        "(metrics, views, epochs and other keys of train)");
}
