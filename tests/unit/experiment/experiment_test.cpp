#include "experiment/experiment.hpp"

#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

namespace {

std::string error(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return message_of([&] { experiment_of(text, overrides); });
}

std::string tree(const std::string& text, const std::vector<std::string>& overrides) {
  return experiment_of(text, overrides).tree.canonical();
}

}  // namespace

TEST_CASE("the framework's own keys have defaults") {
  const Experiment read = experiment_of("loss: elbo");
  CHECK(read.name == "e");
  CHECK(read.seed == 0);
  CHECK(read.replicates == 1);
  CHECK(!read.trial_seed);
  CHECK(read.plugins.empty());
}

TEST_CASE("the framework's own keys are read") {
  const Experiment read =
      experiment_of("name: beta_sweep\nseed: 1e3\nreplicates: 5\nplugins: [mine.so, /there/b.so]");
  CHECK(read.name == "beta_sweep");
  CHECK(read.seed == 1000);
  CHECK(read.replicates == 5);
  CHECK(read.plugins == std::vector<std::string>{"mine.so", "/there/b.so"});
}

TEST_CASE("an unknown key of an experiment names the nearest") {
  CHECK(error("modle: mlp_vae") ==
        "e.yaml:1:1: 'modle' is not a key of an experiment. Did you mean 'model'? Known: "
        "cluster, data, extends, loss, metrics, model, name, notes, optimizer, plugins, "
        "published, relative_to, replicates, run, "
        "search, seed, sweep, tags, train, trial_seed, views.");
}

TEST_CASE("values of the framework's own keys are checked") {
  CHECK(error("[1]") == "e.yaml:1:1: expected a map of keys such as 'model', found a list of 1");
  CHECK(error("seed: -1") == "e.yaml:1:7: seed: expected a whole number of at least 0, found -1");
  CHECK(error("seed: 18446744073709551615") ==
        "e.yaml:1:7: seed: expected a whole number in [0, 9223372036854775807], found "
        "18446744073709551615");
  CHECK(error("seed: 1.5") == "e.yaml:1:7: seed: expected a whole number, found 1.5");
  CHECK(error("replicates: 0") ==
        "e.yaml:1:13: replicates: expected a whole number in [1, 1000000], found 0");
  CHECK(error("plugins: mine.so") ==
        "e.yaml:1:10: plugins: expected a list of texts such as [mine.so], found 'mine.so'");
  CHECK(error("plugins: [{a: 1}]") == "e.yaml:1:11: plugins[0]: expected a text, found a map");
  CHECK(error("trial_seed: 3\nreplicates: 2") ==
        "e.yaml:2:13: replicates: with 'trial_seed' all would be the same; remove one of them");
}

TEST_CASE("a key of a section that stands without it, and a colon without a blank, are told") {
  CHECK(error("seed: 1", {"epochs=2"}) ==
        "epochs=2 on the command line: 'epochs' is not a key of an experiment. Did you mean "
        "'train.epochs'?");
  CHECK(error("seed: 1", {"jobs=2"}).ends_with("Did you mean 'run.jobs'?"));
  CHECK(error("'replicates:2': {}")
            .find("YAML takes a blank behind the colon of a key. Did you "
                  "mean 'replicates'?") != std::string::npos);
}

TEST_CASE("all that is wrong in the framework's own keys is told at once") {
  CHECK(
      error("replicates: 0\nseed: -1\nname: a/b\nrun: {jobs: 0, retires: 1}\ncluster: 3\n",
            {"sede=1", "los.beta=2"}) ==
      "sede=1 on the command line: 'sede' is not a key of an experiment. Did you mean 'seed'? "
      "Known: cluster, data, extends, loss, metrics, model, name, notes, optimizer, plugins, "
      "published, replicates, run, search, seed, sweep, tags, train, trial_seed, views.\n"
      "los.beta=2 on the command line: 'los' is not a key of an experiment. Did you mean 'loss'? "
      "Known: cluster, data, extends, loss, metrics, model, name, notes, optimizer, plugins, "
      "published, replicates, run, search, seed, sweep, tags, train, trial_seed, views.\n"
      "e.yaml:1:13: replicates: expected a whole number in [1, 1000000], found 0\n"
      "e.yaml:2:7: seed: expected a whole number of at least 0, found -1\n"
      "e.yaml:3:7: name: expected 1 to 100 letters, digits, '_', '.' and '-', beginning with none "
      "of '.' and '-'; found 'a/b'\n"
      "e.yaml:4:13: run: jobs: expected a whole number in [1, 4096], found 0\n"
      "e.yaml:4:16: run: 'retires' is not a parameter. Did you mean 'retries'? Known: "
      "checkpoint_every, gpus, jobs, lease, log_to, on_end, retries, trial_timeout, "
      "trials_per_gpu.\n"
      "e.yaml:5:10: cluster: expected a map of parameters, found 3");
}

TEST_CASE("a name that would leave its folder, or hide, is refused") {
  for (const std::string name : {"../up", "a/b", ".hidden", "-x", "a b", ""})
    CHECK(error("name: '" + name + "'") ==
          "e.yaml:1:7: name: expected 1 to 100 letters, digits, '_', '.' and '-', beginning with "
          "none of '.' and '-'; found the text '" +
              name + "'");
  CHECK(experiment_of("name: a.b-c_1").name == "a.b-c_1");
  CHECK(error("name: " + std::string(101, 'x')).find("expected 1 to 100 letters") !=
        std::string::npos);
  CHECK(message_of([] { read_experiment_text("loss: elbo", "my sweep.yaml"); }) ==
        "my sweep.yaml: name (that of the file, as the experiment gives none): expected 1 to 100 "
        "letters, digits, '_', '.' and '-', beginning with none of '.' and '-'; found the text "
        "'my sweep'");
}

TEST_CASE("a file that extends another is laid onto it") {
  const Folder folder;
  folder.write("base.yaml",
               "name: base\nseed: 3\nplugins: [p.so]\nloss: {use: elbo, beta: 2}\n"
               "optimizer: {use: adam, lr: 1}\n");
  folder.write("middle.yaml", "extends: base.yaml\nloss: {gamma: 1}\n");
  const std::string top =
      folder.write("top.yaml", "extends: ./middle.yaml\noptimizer: {use: sgd}\nseed: 4\n");
  const Experiment read = read_experiment(top);
  CHECK(read.name == "top");
  CHECK(read.seed == 4);
  CHECK(read.plugins == std::vector<std::string>{folder.path("p.so")});
  CHECK(read.tree.find("loss")->canonical() == R"({"beta": 2, "gamma": 1, "use": "elbo"})");
  CHECK(read.tree.find("optimizer")->canonical() == R"({"use": "sgd"})");
  CHECK(read.tree.find("extends") == nullptr);
}

TEST_CASE("a value that came from a base has its place in the base") {
  const Folder folder;
  const std::string base = folder.write("base.yaml", "seed: x\n");
  CHECK(message_of([&] { read_experiment(folder.write("top.yaml", "extends: base.yaml\n")); }) ==
        base + ":1:7: seed: expected a whole number, found 'x'");
}

TEST_CASE("a base that is missing or extends itself is refused") {
  const Folder folder;
  const std::string a = folder.write("a.yaml", "extends: b.yaml\n");
  const std::string b = folder.write("b.yaml", "extends: sub/../a.yaml\n");
  CHECK(message_of([&] { read_experiment(a); }) ==
        b + ":1:10: extends: a file cannot extend itself: " + a + " -> " + b + " -> " + a);
  const std::string lone = folder.write("lone.yaml", "extends: none.yaml\n");
  CHECK(message_of([&] { read_experiment(lone); }) ==
        lone + ":1:10: extends: there is no file '" + folder.path("none.yaml") + "'");
  const std::string odd = folder.write("odd.yaml", "extends: [a]\n");
  CHECK(message_of([&] { read_experiment(odd); }) ==
        odd + ":1:10: extends: expected the path of an experiment file, found a list of 1");
  const std::string name(300, 'x');  // more than a file system takes
  const std::string longer = folder.write("longer.yaml", "extends: " + name + "\n");
  CHECK(message_of([&] { read_experiment(longer); }) ==
        longer + ":1:10: extends: there is no file '" + folder.path(name) + "'");
}

TEST_CASE("overrides set keys of sections and of the experiment") {
  CHECK(tree("loss: {use: elbo, beta: 1}", {"loss.beta=4", "name=quick", "optimizer.lr=1e-2"}) ==
        R"({"loss": {"beta": 4, "use": "elbo"}, "name": "quick", "optimizer": {"lr": 0.01}})");
  CHECK(tree("loss: elbo", {"loss={use: factor, gamma: 3}"}) ==
        R"({"loss": {"gamma": 3, "use": "factor"}})");
  CHECK(tree("loss: elbo", {"loss.beta=1", "loss.beta=2"}) ==
        R"({"loss": {"beta": 2, "use": "elbo"}})");
  CHECK(tree("loss: elbo", {"loss.beta=3", "loss.use=factor"}) ==
        R"({"loss": {"beta": 3, "use": "factor"}})");
}

TEST_CASE("an override of a swept key fixes that axis") {
  CHECK(tree("sweep: {loss.beta: [1, 2], model.latent: [2]}", {"loss.beta=4"}) ==
        R"({"loss": {"beta": 4}, "sweep": {"model.latent": [2]}})");
  CHECK(tree("sweep: {loss.beta: [1, 2]}", {"loss.beta=4"}) == R"({"loss": {"beta": 4}})");
  CHECK(tree("sweep: {zip: [{loss.gamma: [1], loss.capacity: [5]}]}", {"loss.gamma=4"}) ==
        R"({"loss": {"gamma": 4}, "sweep": {"zip": [{"loss.capacity": [5]}]}})");
  CHECK(tree("sweep: {random: {count: 8, optimizer.lr: {uniform: [0, 1]}}}", {"optimizer.lr=1"}) ==
        R"({"optimizer": {"lr": 1}})");
  CHECK(tree("sweep: {method: {a: {sweep: {loss.beta: [1, 2]}}, b:}}", {"loss.beta=4"}) ==
        R"({"loss": {"beta": 4}, "sweep": {"method": {"a": {"sweep": {}}, "b": null}}})");
}

TEST_CASE("an override takes its key out of what variants set, nested or dotted") {
  CHECK(
      tree("sweep: {kind: {a: {set: {loss.beta: 1}}, "
           "b: {set: {loss: {beta: 4}, model.latent: 2}}, c: {set: {loss: {gamma: 3, beta: 1}}}}}",
           {"loss.beta=2"}) ==
      R"({"loss": {"beta": 2}, "sweep": {"kind": {"a": {"set": {}}, )"
      R"("b": {"set": {"model.latent": 2}}, "c": {"set": {"loss": {"gamma": 3}}}}}})");
}

TEST_CASE("an override chooses a variant, sets an axis or raises a count") {
  const std::string text = "sweep: {method: {a:, b:}, random: {count: 8, loss.x: {choice: [1]}}}";
  CHECK(tree(text, {"method=b", "sweep.random.count=9", "sweep.loss.beta=[1, 2]"}) ==
        R"({"sweep": {"loss.beta": [1, 2], "method": {"b": null}, )"
        R"("random": {"count": 9, "loss.x": {"choice": [1]}}}})");
  CHECK(error(text, {"method=c"}) ==
        "method=c on the command line: 'c' is not a variant of the axis 'method'. Known: a, b.");
}

TEST_CASE("an override that sets nothing is refused") {
  CHECK(error("loss: elbo", {"loss.beta"}) ==
        "loss.beta on the command line: expected KEY=VALUE, such as loss.beta=4");
  CHECK(error("loss: elbo", {"=4"}) ==
        "=4 on the command line: expected KEY=VALUE, such as loss.beta=4");
  CHECK(error("sweep: {method: {a:}}", {"los.beta=4"}) ==
        "los.beta=4 on the command line: 'los' is not a key of an experiment. Did you mean 'loss'? "
        "Known: cluster, data, extends, loss, method, metrics, model, name, notes, optimizer, "
        "plugins, published, "
        "replicates, run, search, seed, sweep, tags, train, trial_seed, views.");
  CHECK(error("loss: elbo", {"extends=a.yaml"}) ==
        "extends=a.yaml on the command line: 'extends' is for experiment files; give keys one by "
        "one here");
  CHECK(error("loss: elbo", {"relative_to=.."}) ==
        "relative_to=.. on the command line: 'relative_to' is for experiment files; paths of the "
        "command line start in the working folder");
  CHECK(error("loss: elbo", {"loss.beta=[1"}) ==
        "loss.beta=[1 on the command line: not valid YAML: end of sequence flow not found. A { "
        "or [ of a line above, or of this one, is not closed, or a comma is missing");
  CHECK(error("loss: elbo", {"loss=a: b"}) ==
        "loss=a: b on the command line: not valid YAML: illegal map value");
  CHECK(error("loss: elbo", {"loss.beta=1\nb: 2"}) ==
        "an override on the command line holds a line break or another control character; expected "
        "KEY=VALUE on one line");
  CHECK(error("loss: elbo", {"seed=x"}) ==
        "seed=x on the command line: seed: expected a whole number, found 'x'");
}

TEST_CASE("an entry is due every so many records, and always at the last") {
  ListEntry entry;
  CHECK(entry.is_due(3, 10));
  entry.every = 5;
  CHECK(entry.is_due(5, 12));
  CHECK_FALSE(entry.is_due(6, 12));
  CHECK(entry.is_due(12, 12));
  entry.every = ListEntry::kLast;
  CHECK_FALSE(entry.is_due(5, 12));
  CHECK(entry.is_due(12, 12));
}

TEST_CASE("a value belongs to the entry with the longest name that it begins with") {
  std::vector<ListEntry> entries(3);
  entries[0].name = entries[0].use = "mig";
  entries[1].name = entries[1].use = "mig_sup";
  entries[2].name = "m";
  entries[2].use = "mig";
  CHECK(entry_of("mig", entries) == &entries[0]);
  CHECK(entry_of("mig_gap", entries) == &entries[0]);
  CHECK(entry_of("mig_sup", entries) == &entries[1]);
  CHECK(entry_of("mig_sup_gap", entries) == &entries[1]);
  CHECK(entry_of("mig_support", entries) == &entries[0]);
  CHECK(entry_of("m_gap", entries) == &entries[2]);
  CHECK(entry_of("migration", entries) == nullptr);
  CHECK(entries[2].value_name("mig") == "m");
  CHECK(entries[2].value_name("mig_gap") == "m_gap");
  CHECK(entries[2].value_name("migration") == "m_migration");
  CHECK(entries[2].value_name("gap") == "m_gap");
}
