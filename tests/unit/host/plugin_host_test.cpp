#include <dlfcn.h>

#include <algorithm>

#include "host/plugin_host.hpp"
#include "support/catch.hpp"
#include "support/contains.hpp"
#include "test_files.hpp"
#include "varia/error.hpp"
#include "varia/schedule.hpp"
#include "varia/sha256.hpp"

namespace {

namespace fs = std::filesystem;
using varia::contains;
using varia::Registry;
using varia::host::PluginHost;

void copy_plugin(const std::string& name, const fs::path& to) {
  fs::copy_file(broken_plugins() / name, to);
}

}  // namespace

TEST_CASE("a good plugin registers its components with name, version and file") {
  Registry registry;
  PluginHost host(registry);
  host.load(broken_plugins() / "good.so");

  REQUIRE(host.loaded().size() == 1);
  const auto& info = *host.loaded().front();
  CHECK(info.name == "good");
  CHECK(info.version == "1.2.3");
  CHECK(info.file == broken_plugins() / "good.so");
  const auto* component = registry.find("schedule", "fixed");
  REQUIRE(component);
  CHECK(component->plugin == "good");
  CHECK(component->version == "1.2.3");
  CHECK(component->file == info.file.string());
  CHECK(component->doc == "One value for ever (this test).");
}

TEST_CASE("components work after host and registry are gone, since libraries stay open") {
  std::unique_ptr<varia::ParamSet> params;
  std::function<std::unique_ptr<varia::ParamSet>()> make_params;
  {
    Registry registry;
    PluginHost host(registry);
    host.load(broken_plugins() / "good.so");
    make_params = registry.find("schedule", "fixed")->make_params;
  }
  params = make_params();
  REQUIRE(params->parameters().size() == 1);
  CHECK(params->parameters().front()->name() == "value");
  CHECK(dlopen((broken_plugins() / "good.so").c_str(), RTLD_NOW | RTLD_NOLOAD));
}

TEST_CASE("symbols of a plugin are not seen by others") {
  Registry registry;
  PluginHost host(registry);
  host.load(broken_plugins() / "good.so");
  CHECK_FALSE(dlsym(RTLD_DEFAULT, "varia_register_plugin"));
}

TEST_CASE("a stripped plugin loads") {
  Registry registry;
  PluginHost host(registry);
  host.load(broken_plugins() / "stripped.so");
  CHECK(registry.find("schedule", "fixed"));
}

TEST_CASE("one file reached by two paths is loaded once") {
  TemporaryFolder folder;
  fs::create_symlink(broken_plugins() / "good.so", folder.path() / "again.so");
  Registry registry;
  PluginHost host(registry);
  host.load(broken_plugins() / "good.so");
  host.load(broken_plugins() / "." / "good.so");
  host.load(folder.path());
  host.load_search_path({folder.path()});
  CHECK(host.loaded().size() == 1);
  CHECK(host.failures().empty());
}

TEST_CASE("the digest of a plugin is the SHA-256 of its file") {
  TemporaryFolder folder;
  const auto file = folder.path() / "abc";
  write_file(file, "abc");
  // FIPS 180-2, appendix B.1
  CHECK(varia::library_digest(file) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // It is that of what was opened, whatever stands there later.
  const auto opened = varia::library_digest(file);
  write_file(file, "built anew");
  CHECK(varia::library_digest(file) == opened);
  fs::remove(file);
  CHECK(varia::library_digest(file) == opened);
  CHECK_THROWS_AS(varia::library_digest(folder.path() / "never_there"), varia::PluginError);
}

TEST_CASE("a folder is loaded in the order of its names, and other files are left alone") {
  TemporaryFolder folder;
  copy_plugin("good.so", folder.path() / "b.so");
  write_file(folder.path() / "README.md", "no plugin");
  write_file(folder.path() / "a.so.bak", "no plugin");
  fs::create_directory(folder.path() / "nested");
  Registry registry;
  PluginHost host(registry);
  host.load(folder.path());
  REQUIRE(host.loaded().size() == 1);
  CHECK(host.loaded().front()->file.filename() == "b.so");

  copy_plugin("duplicate.so", folder.path() / "a.so");
  Registry other;
  PluginHost second(other);
  CHECK_THROWS_AS(second.load(folder.path()), varia::PluginError);
  REQUIRE(second.loaded().size() == 1);
  CHECK(second.loaded().front()->file.filename() == "a.so");
}

TEST_CASE("a named folder without plugins, or that does not exist, is an error") {
  TemporaryFolder folder;
  Registry registry;
  PluginHost host(registry);
  CHECK_THROWS_AS(host.load(folder.path()), varia::PluginError);
  CHECK_THROWS_AS(host.load(folder.path() / "missing"), varia::PluginError);
}

TEST_CASE("a broken file of the search path stops nothing and is told with an unknown name") {
  TemporaryFolder folder;
  copy_plugin("wrong_torch.so", folder.path() / "a.so");
  copy_plugin("good.so", folder.path() / "b.so");
  Registry registry;
  PluginHost host(registry);
  host.load_search_path({folder.path(), folder.path() / "missing"});

  CHECK(host.loaded().size() == 1);
  REQUIRE(host.failures().size() == 2);
  CHECK(host.failures()[0].starts_with((folder.path() / "a.so").string()));
  CHECK(contains(host.failures()[0], "built for LibTorch 9.9.9"));
  CHECK(contains(host.failures()[1], (folder.path() / "missing").string() + ": no such"));

  CHECK(registry.find("schedule", "fixed"));
  std::string message;
  try {
    registry.get("schedule", "wrong_torch", {});
  } catch (const varia::ConfigError& error) {
    message = error.what();
  }
  CHECK(contains(message, "\nNot loaded:\n  " + (folder.path() / "a.so").string() +
                              ": built for LibTorch 9.9.9"));

  SECTION("it is an error at once where a person names it") {
    CHECK_THROWS_AS(host.load(folder.path() / "a.so"), varia::PluginError);
  }
}

TEST_CASE("two libraries of the search path with one name are an error") {
  TemporaryFolder folder;
  copy_plugin("good.so", folder.path() / "a.so");
  copy_plugin("duplicate.so", folder.path() / "b.so");
  Registry registry;
  PluginHost host(registry);
  CHECK_THROWS_AS(host.load_search_path({folder.path()}), varia::PluginError);
}
