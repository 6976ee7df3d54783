#include "host/plugin_host.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "test_files.hpp"
#include "varia/error.hpp"

namespace fs = std::filesystem;
using varia::host::default_search_path;
using varia::host::libraries_of;

TEST_CASE("the search path starts with VARIA_PLUGIN_PATH, split at colons") {
  setenv("VARIA_PLUGIN_PATH", "/one:two/three::/four.so:", 1);
  const auto path = default_search_path();
  unsetenv("VARIA_PLUGIN_PATH");
  REQUIRE(path.size() >= 3);
  CHECK(path[0] == "/one");
  CHECK(path[1] == "two/three");
  CHECK(path[2] == "/four.so");
}

TEST_CASE("where VARIA_PLUGIN_FOLDER is set, nothing else is searched") {
  setenv("VARIA_PLUGIN_PATH", "/one", 1);
  setenv("VARIA_PLUGIN_FOLDER", "/a:b", 1);
  CHECK(default_search_path() == std::vector<fs::path>{"/a:b"});
  setenv("VARIA_PLUGIN_FOLDER", "", 1);
  CHECK(default_search_path().front() == "/one");
  unsetenv("VARIA_PLUGIN_FOLDER");
  unsetenv("VARIA_PLUGIN_PATH");
}

TEST_CASE("the plugin folders beside the program are searched where they exist") {
  const auto root = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
  unsetenv("VARIA_PLUGIN_PATH");
  for (const char* name : {"plugins", "lib/varia/plugins"}) {
    const auto folder = root / name;
    const auto path = default_search_path();
    const bool searched = std::find(path.begin(), path.end(), folder) != path.end();
    CHECK(searched == fs::is_directory(folder));
  }
}

TEST_CASE("the libraries of a folder come sorted by name") {
  TemporaryFolder folder;
  for (const char* name : {"c.so", "a.so", "b.so.1", "b.so", "notes.txt"}) {
    write_file(folder.path() / name, "");
  }
  CHECK(libraries_of(folder.path()) == std::vector<fs::path>{folder.path() / "a.so",
                                                             folder.path() / "b.so",
                                                             folder.path() / "c.so"});
  CHECK_THROWS_AS(libraries_of(folder.path() / "missing"), varia::PluginError);
}
