#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "conformance/check.hpp"
#include "conformance/script_files.hpp"
#include "support/catch.hpp"
#include "unit/training/support.hpp"

// What every component of every plugin must keep to; new ones are found in the registry, and the
// checks are those of framework/conformance.

using namespace varia;
using namespace varia::test;

namespace {

/// Parameters without which a component cannot be: how long a schedule takes, where files lie.
const std::map<std::string, std::string> kNeeded = {
    {"schedule linear", "{epochs: 2}"},
    {"schedule cosine", "{epochs: 2}"},
    {"schedule plateau", "{metric: validation/elbo}"},
    {"schedule staircase", "{epochs: 2}"},
    {"schedule cyclic", "{epochs: 2}"},
    {"schedule exponential", "{from: 1, to: 2, epochs: 2}"},
    {"schedule piecewise", "{points: [{epoch: 0, value: 1}]}"},
    {"dataset idx", "{images: a, test_images: b}"},
    {"dataset hdf5", "{file: a.h5}"},
    {"dataset numpy", "{file: a.npz}"},
    {"dataset table", "{file: a.csv}"},
    {"dataset anndata", "{file: a.h5ad}"},
    {"dataset images", "{folder: a}"},
    {"metric beta_vae_score", "{train_points: 500, points: 200}"},
    {"metric dci", "{rounds: 5}"},
    {"metric classification_accuracy_score", "{source: reconstructions, epochs: 1}"},
    {"metric decoder_sensitivity", "{images: 20}"},
    {"metric generation", "{images: 50, features: {use: classifier, epochs: 1}}"},
    {"metric factor_vae_score", "{train_votes: 500, votes: 200}"},
    {"loss vaegan", "{hidden: [32]}"},
};

/// Data sets of files that need not be here; tests/unit/datasets has theirs.
const std::set<std::string> kFromFiles = {
    "mnist",       "fashion_mnist", "idx",     "hdf5",     "images",        "cifar10",
    "cifar100",    "smallnorb",     "table",   "penguins", "breast_cancer", "numpy",
    "photographs", "fortunes",      "anndata", "pbmc68k",  "shapes3d"};

/// The plugins' components; those of the tests are left out.
std::vector<const ComponentInfo*> components(std::string_view kind = {}) {
  auto all = registry().list(kind);
  std::erase_if(all, [](const auto* info) { return info->plugin == "tests"; });
  return all;
}

/// Those that losses, metrics and views are tried with.
std::vector<const ComponentInfo*> models() {
  auto all = conformance::models_of_defaults(registry());
  std::erase_if(all, [](const auto* info) { return info->plugin == "tests"; });
  return all;
}

/// The parameters without which a component cannot be, or is not all that the checks ask for.
std::string needed_by(const ComponentInfo& info) {
  if (info.name == "torchscript") return "{initial: permuted, " + script_parameters() + "}";
  const auto needed = kNeeded.find(info.kind + " " + info.name);
  return needed == kNeeded.end() ? "{}" : needed->second;
}

conformance::Subject subject(const ComponentInfo& info) {
  return {registry(), info, yaml(needed_by(info)), models()};
}

void check_every(const std::string& kind) {
  const auto all = components(kind);
  CHECK_FALSE(all.empty());
  for (const auto* info : all) {
    for (const auto& check : conformance::checks_of(kind)) {
      if (check.name.starts_with("loads images") && kFromFiles.count(info->name)) continue;
      INFO(kind << " " << info->name << " " << check.name);
      for (const auto& finding : conformance::run(check, subject(*info))) FAIL_CHECK(finding);
    }
  }
}

}  // namespace

TEST_CASE("every data set keeps to the contract") { check_every("dataset"); }
TEST_CASE("every model keeps to the contract", "[slow]") { check_every("model"); }
TEST_CASE("every loss keeps to the contract") { check_every("loss"); }
TEST_CASE("every schedule keeps to the contract") { check_every("schedule"); }
TEST_CASE("every optimizer keeps to the contract") { check_every("optimizer"); }
TEST_CASE("every metric keeps to the contract") { check_every("metric"); }
TEST_CASE("every view keeps to the contract") { check_every("view"); }
TEST_CASE("every density keeps to the contract") { check_every("density"); }
TEST_CASE("every likelihood keeps to the contract") { check_every("likelihood"); }

TEST_CASE("every component names its source where it has one") {
  const std::regex source(R"(\([^()]*[A-Z][^()]* (1[789]|20)\d\d[a-z]?[^()]*\))");
  const std::set<std::string> sourced = {"model",      "loss",   "optimizer",
                                         "likelihood", "metric", "density"};
  for (const auto* info : components()) {
    INFO(info->kind << " " << info->name << ": " << info->doc);
    if (sourced.count(info->kind)) CHECK(std::regex_search(info->doc, source));
    CHECK_FALSE(info->version.empty());
    CHECK_FALSE(info->file.empty());
  }
}
