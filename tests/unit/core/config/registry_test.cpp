#include <algorithm>
#include <stdexcept>

#include "fixtures.hpp"
#include "support/catch.hpp"
#include "varia/host/host_key.hpp"

using namespace varia;
using namespace varia::test;

namespace {
ComponentInfo info_of(std::string kind, std::string name) {
  ComponentInfo info;
  info.kind = std::move(kind);
  info.name = std::move(name);
  info.make_params = [] { return std::make_unique<ParamSet>(); };
  return info;
}

std::string refused(const ComponentInfo& info) {
  Registry registry;
  registry.set_plugin(HostKey{}, "p", "1", "/p/libp.so");
  return message_of<PluginError>([&] { registry.add(info); });
}
}  // namespace

TEST_CASE("a component is found by kind and name, with the plugin it came from") {
  Registry registry;
  fill(registry);
  const ComponentInfo* info = registry.find("schedule", "linear");
  REQUIRE(info != nullptr);
  CHECK(info->kind == "schedule");
  CHECK(info->doc == "A straight line.");
  CHECK(info->plugin == "fakes");
  CHECK(info->version == "1.0.0");
  CHECK(info->file == "/plugins/libfakes.so");
  CHECK(info->make_plain);
  CHECK(registry.find("loss", "linear") == nullptr);
  CHECK(&registry.get("schedule", "linear", {}) == info);
}

TEST_CASE("one name may stand for components of different kinds") {
  Registry registry;
  registry.add(info_of("model", "vq"));
  registry.add(info_of("loss", "vq"));
  CHECK(registry.find("model", "vq") != registry.find("loss", "vq"));
}

TEST_CASE("components are listed by kind, then by name") {
  Registry registry;
  fill(registry);
  registry.add(info_of("model", "b"));
  registry.add(info_of("model", "a"));
  std::vector<std::string> all;
  for (const auto* info : registry.list()) all.push_back(info->kind + " " + info->name);
  CHECK(all == std::vector<std::string>{"model a", "model b", "schedule linear",
                                        "likelihood gaussian", "likelihood mixed"});
  CHECK(registry.names("model") == std::vector<std::string>{"a", "b"});
  CHECK(registry.list("view").empty());
  CHECK(registry.list("no_kind").empty());
}

TEST_CASE("an unknown name is an error with the nearest and all known ones") {
  Registry registry;
  fill(registry);
  CHECK(message_of([&] { registry.get("likelihood", "mixt", place(1, 2)); }) ==
        "a.yaml:1:2: 'mixt' is not a known likelihood. Known: gaussian, mixed."
        " A plugin of your own is listed under 'plugins'.");
  CHECK(message_of([&] { registry.get("likelihood", "mixd", place(1, 2), "model m"); }) ==
        "a.yaml:1:2: model m: 'mixd' is not a known likelihood. Did you mean 'mixed'? Known: "
        "gaussian, mixed.");
  CHECK(message_of([&] { registry.get("view", "grid", {}); }) ==
        "'grid' is not a known view. Known: none. A plugin of your own is listed under 'plugins'.");
}

TEST_CASE("two libraries that register one name are both named") {
  Registry registry;
  registry.set_plugin(HostKey{}, "first", "1", "/p/libfirst.so");
  registry.add(info_of("loss", "elbo"));
  registry.set_plugin(HostKey{}, "second", "1", "/p/libsecond.so");
  CHECK(message_of<PluginError>([&] { registry.add(info_of("loss", "elbo")); }) ==
        "/p/libsecond.so: loss 'elbo' is registered twice: by this file and by /p/libfirst.so. "
        "Rename one, or keep one of them off the search path");
  CHECK(registry.find("loss", "elbo")->plugin == "first");
}

TEST_CASE("names follow the rules") {
  const std::string rule =
      ": expected a name of lower case letters, digits and _, a letter first, at most 64";
  for (const std::string& name :
       {std::string("Elbo"), std::string("beta-tc"), std::string("1st"), std::string("_x"),
        std::string(), std::string("a.b"), std::string("a/b"), std::string("\xCE\xB2")}) {
    INFO(name);
    CHECK(refused(info_of("loss", name)) == "/p/libp.so: loss '" + name + "'" + rule);
  }
  CHECK_FALSE(refused(info_of("loss", std::string(65, 'a'))).empty());
  CHECK(refused(info_of("loss", std::string(64, 'a'))).empty());
  CHECK(refused(info_of("loss", "a_1")).empty());
}

TEST_CASE("an unknown kind names the nearest kind") {
  CHECK(refused(info_of("modl", "x")) ==
        "/p/libp.so: 'modl' is not a kind of component. Did you mean 'model'? Known: dataset, "
        "density, likelihood, loss, metric, model, optimizer, schedule, view.");
}

TEST_CASE("parameters that cannot be made are found at registration") {
  ComponentInfo info = info_of("loss", "elbo");
  info.make_params = []() -> std::unique_ptr<ParamSet> {
    struct Wrong final : ParamSet {
      Real beta{this, "beta", -1, {0, 1}, "Wrong."};
    };
    return std::make_unique<Wrong>();
  };
  CHECK(refused(info) ==
        "/p/libp.so: loss 'elbo': its parameters cannot be made: parameter 'beta': its default -1 "
        "is out of range: [0, 1]");
  info.make_params = nullptr;
  CHECK_FALSE(refused(info).empty());
}
