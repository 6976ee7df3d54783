#include "training/warm_start.hpp"

#include <map>

#include "results/tensors.hpp"
#include "support/catch.hpp"
#include "trial_runs.hpp"

using namespace varia;
using namespace varia::test;
using namespace varia::training;

namespace {

std::string text(const std::string& model, const std::string& more = "") {
  return "data: {use: synthetic, batch: 16, validation: 0.2}\n"
         "model: {use: mlp_vae, hidden: [12], latent: 3" +
         model +
         "}\nloss: {use: elbo}\noptimizer: {use: adam, lr: 1e-2}\n"
         "train: {epochs: 2, threads: 1}\n" +
         more;
}

std::map<std::string, std::vector<std::byte>> tensors_of(const std::filesystem::path& file) {
  std::map<std::string, std::vector<std::byte>> tensors;
  for (auto& tensor : results::load_tensors(file.string()))
    tensors[tensor.name] = std::move(tensor.bytes);
  return tensors;
}

std::string from(const std::filesystem::path& file, const std::string& more = "") {
  return ", from: {file: " + file.string() + more + "}";
}

std::string error_of(const std::string& experiment) {
  try {
    const TrialRuns runs(experiment);
    DataCache cache(registry());
    std::set<std::string> measured;
    try_trial(runs.trial, registry(), cache, measured);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

bool is_of(const std::string& name, const std::string& part) {
  return name.starts_with("model." + part + ".");
}

}  // namespace

TEST_CASE("a frozen encoder keeps the bits of its source, and the rest is trained") {
  const Whole source(text(""));
  const auto before = tensors_of(source.runs.parameters());
  // With layers whose state evaluation does not change, and training would.
  for (const std::string layers : {"", ", layers: {normalisation: batch, dropout: 0.3}"}) {
    const Whole first(text(layers));
    const Whole tuned(text(layers + from(first.runs.parameters()) + ", freeze: [encoder]"));
    const auto given = tensors_of(first.runs.parameters());
    const auto after = tensors_of(tuned.runs.parameters());
    REQUIRE(given.size() == after.size());
    int frozen = 0;
    int trained = 0;
    for (const auto& [name, bytes] : given) {
      if (is_of(name, "encoder")) {
        INFO(name);
        const bool is_same = after.at(name) == bytes;
        CHECK(is_same);
        ++frozen;
      } else if (is_of(name, "decoder")) {
        trained += after.at(name) != bytes ? 1 : 0;
      }
    }
    CHECK(frozen >= 4);
    CHECK(trained >= 4);
  }
}

TEST_CASE("a frozen part evaluates in training, whoever looked at the model before") {
  const Run run(text(", layers: {normalisation: batch, dropout: 0.3}, freeze: [encoder]"));
  auto& model = *run.components.model;
  for (const bool was_training : {true, false}) {
    model.train(was_training);  // as views do that try the model
    run.components.begin_training();
    CHECK(model.is_training());
    for (const auto& module : model.named_modules()) {
      INFO(module.key());
      CHECK(module.value()->is_training() != module.key().starts_with("encoder"));
    }
  }
}

TEST_CASE("a part of the source is taken, and the rest follows from the seed") {
  const Whole source(text(""));
  const auto started = [](const std::string& experiment) {
    const TrialRuns runs(experiment);
    DataCache cache(registry());
    const TrialComponents components(runs.trial, registry(), cache);
    warm_start(runs.trial, components);
    std::map<std::string, Tensor> tensors;
    for (const auto& [name, tensor] : components.tensors()) tensors[name] = tensor.detach().clone();
    return tensors;
  };
  const auto fresh = started(text(""));
  const auto whole = started(text(from(source.runs.parameters())));
  const auto part = started(text(from(source.runs.parameters(), ", parts: [encoder]")));
  for (const auto& [name, tensor] : part) {
    INFO(name);
    CHECK(tensor.equal(is_of(name, "encoder") ? whole.at(name) : fresh.at(name)));
  }
  CHECK_FALSE(part.at("model.encoder.weight0").equal(fresh.at("model.encoder.weight0")));
}

TEST_CASE("a trial that starts from another one resumes with the same bits") {
  const Whole source(text(""));
  const auto tuned = text(from(source.runs.parameters()) + ", freeze: [encoder]");
  const Whole whole(tuned);
  TrialRuns runs(tuned);
  runs.run_step_by_step();
  check_same(whole, runs);
}

TEST_CASE("what does not fit is listed, and nothing is trained") {
  const Whole source(text(""));
  const auto file = source.runs.parameters();
  CHECK(error_of(text(from(file))).empty());
  auto wider = text(from(file));
  wider.replace(wider.find("[12]"), 4, "[16]");
  const auto message = error_of(wider);
  CHECK(message.find("encoder.weight0 is [12, ") != std::string::npos);
  CHECK(message.find("decoder.") != std::string::npos);
  CHECK(message.find("Name what is to be taken by 'parts'") != std::string::npos);
  CHECK(error_of(text(from(file, ", parts: [encodre]"))).find("Did you mean 'encoder'") !=
        std::string::npos);
  CHECK(error_of(text(", freeze: [encodr]"))
            .find("the model has no part 'encodr'. Did you mean "
                  "'encoder'?") != std::string::npos);
  // All parts that the model has not, each with its place.
  const auto both = error_of(text(", freeze: [encodr, decodr]"));
  CHECK(both.find("no part 'encodr'") != std::string::npos);
  CHECK(both.find(": model: freeze: the model has no part 'decodr'") != std::string::npos);
  CHECK(error_of(text(from("nowhere.h5"))).find("there is no file") != std::string::npos);
  const auto broken = source.runs.folder() / "broken.h5";
  write_file(broken, "no HDF5");
  CHECK(error_of(text(from(broken))).find("model: from: file: ") != std::string::npos);
}
