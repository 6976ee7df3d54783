#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <map>

#include "conformance/device_checks.hpp"
#include "conformance/fake_device.hpp"
#include "conformance/script_files.hpp"
#include "conformance/test_trial.hpp"
#include "support/catch.hpp"
#include "unit/training/support.hpp"
#include "varia/error.hpp"

// Each component is trained and evaluated once on a device that is not the CPU, beside components
// that suit it.

using namespace varia;
using namespace varia::test;

namespace {

/// With few vectors, no two codes of vq_vae are alike. Of equal ones rounding chooses the nearest.
const std::map<std::string, std::string> kParameters = {
    {"model vq_vae", "{codebook: 4}"}, {"metric factor_vae_score", "{train_votes: 50, votes: 20}"}};

std::vector<const ComponentInfo*> components(const std::string& kind) {
  auto all = registry().list(kind);
  std::erase_if(all, [](const auto* info) { return info->plugin == "tests"; });
  return all;
}

Value parameters_of(const ComponentInfo& info) {
  if (info.name == "torchscript") return yaml("{" + script_parameters() + "}");
  const auto found = kParameters.find(info.kind + " " + info.name);
  return found == kParameters.end() ? Value() : yaml(found->second);
}

/// Models that components are tried with, the usual ones first.
std::vector<const ComponentInfo*> models() {
  std::vector<const ComponentInfo*> found;
  for (const auto* name : {"mlp_vae", "joint_vae", "flow_vae", "conditional_vae", "cell_vae",
                           "self_conditional_vae", "mlp_autoencoder"})
    found.push_back(registry().find("model", name));
  return found;
}

void check_every(const std::string& kind) {
  conformance::add_fake_device();
  for (const auto* info : components(kind)) {
    // vq suits vq_vae alone, and there are no categorical images.
    if (info->name == "vq" || info->name == "categorical") continue;
    DYNAMIC_SECTION(info->name) {
      const conformance::Subject subject{registry(), *info, parameters_of(*info), models()};
      for (const auto& check : conformance::device_checks_of(kind)) {
        INFO(check.name);
        for (const auto& finding : conformance::run(check, subject)) FAIL_CHECK(finding);
      }
    }
  }
}

/// Checks the first of some trials that the components accept.
/// @returns false if they accept none
bool check_first_that_suits(const std::vector<std::string>& texts) {
  for (const auto& text : texts) {
    conformance::Findings findings;
    try {
      conformance::check_device_agrees(text, registry(), findings);
      conformance::check_steps_never_wait(text, registry(), findings);
    } catch (const ConfigError&) {
      continue;
    }
    INFO(text);
    for (const auto& finding : findings.all()) FAIL_CHECK(finding);
    return true;
  }
  return false;
}

}  // namespace

TEST_CASE("every model is trained on another device", "[slow]") { check_every("model"); }
TEST_CASE("every loss trains on another device", "[slow]") { check_every("loss"); }
TEST_CASE("every optimizer steps on another device", "[slow]") { check_every("optimizer"); }
TEST_CASE("every metric measures on another device", "[slow]") { check_every("metric"); }
TEST_CASE("every view shows what is on another device", "[slow]") { check_every("view"); }
TEST_CASE("every likelihood is trained on another device", "[slow]") { check_every("likelihood"); }

// Minutes: by hand, with VARIA_COMBINATIONS=1 in the environment.
TEST_CASE("every model with every loss and every optimizer", "[slow]") {
  if (std::getenv("VARIA_COMBINATIONS") == nullptr) return;
  conformance::add_fake_device();
  int tried = 0;
  for (const auto* model : components("model")) {
    auto use = model->name;
    if (use == "torchscript") use += ", " + script_parameters();
    if (use == "vq_vae") use += ", codebook: 4";
    for (const auto* loss : components("loss")) {
      for (const auto* optimizer : components("optimizer")) {
        std::vector<std::string> texts;
        for (const auto* data :
             {"{use: synthetic, size: 28, batch: 20, corrupt: {use: gaussian, scale: 0.3}}",
              "{use: cells, batch: 20}"})
          texts.push_back(fmt::format(
              "data: {}\nmodel: {{use: {}}}\nloss: {{use: {}}}\noptimizer: {{use: {}, lr: 1e-5}}",
              data, use, loss->name, optimizer->name));
        tried += check_first_that_suits(texts) ? 1 : 0;
      }
    }
  }
  CHECK(tried > 300);
  std::cout << tried << " combinations\n";
}
