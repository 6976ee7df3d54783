#include <elf.h>
#include <link.h>
#include <sys/stat.h>

#include <cstring>

#include "host/abi_tag.hpp"
#include "host/plugin_host.hpp"
#include "support/catch.hpp"
#include "test_files.hpp"
#include "varia/error.hpp"

namespace {

namespace fs = std::filesystem;
using varia::Registry;
using varia::host::own_abi_tag;
using varia::host::PluginHost;
using varia::host::rebuild_command;

/// The message of the PluginError that loading a file gives, without the file's name before it.
std::string refusal(const fs::path& file) {
  Registry registry;
  PluginHost host(registry);
  try {
    host.load(file);
  } catch (const varia::PluginError& error) {
    CHECK(error.file() == file.string());
    CHECK(host.loaded().empty());
    CHECK(registry.list().empty());
    const std::string message = error.what();
    const auto prefix = file.string() + ": ";
    REQUIRE(message.substr(0, prefix.size()) == prefix);
    return message.substr(prefix.size());
  }
  return "loaded";
}

std::string refusal_of(const std::string& name) { return refusal(broken_plugins() / name); }

std::string rebuild() { return "Rebuild it: " + rebuild_command(broken_plugins() / "x.so"); }
constexpr const char* kRebuildSomewhere =
    "Rebuild it: cmake --build DIR --clean-first (DIR: where it was built)";

}  // namespace

TEST_CASE("a library without a tag is no plugin") {
  CHECK(refusal_of("no_tag.so") ==
        "is a shared library, but not a Varia plugin: it has no ABI tag. Build it with "
        "varia_add_plugin(), with VARIA_PLUGIN once in its sources.");
}

TEST_CASE("a plugin for another interface, LibTorch or compiler is told both sides") {
  const auto own = own_abi_tag();
  CHECK(refusal_of("wrong_api.so") ==
        "built for plugin interface 999; this program has plugin interface " + own.value("api") +
            ". " + rebuild());
  CHECK(refusal_of("wrong_torch.so") == "built for LibTorch 9.9.9; this program has LibTorch " +
                                            own.value("torch") + ". " + rebuild());
  CHECK(refusal_of("wrong_compiler.so") == "built for compiler gcc-99; this program has compiler " +
                                               own.value("compiler") + ". " + rebuild());
}

TEST_CASE("a tag with other fields is told apart field by field") {
  const auto own = own_abi_tag();
  CHECK(refusal_of("wrong_everything.so") ==
        "built for plugin interface 1000, LibTorch 9.9.9, no compiler, no std::string, no standard "
        "library, cuda 14; this program has plugin interface " +
            own.value("api") + ", LibTorch " + own.value("torch") + ", compiler " +
            own.value("compiler") + ", std::string " + own.value("string") + ", standard library " +
            own.value("stl") + ", no cuda. " + rebuild());
}

TEST_CASE("a plugin without VARIA_PLUGIN lacks its function") {
  CHECK(refusal_of("no_entry.so") ==
        "has an ABI tag, but no symbol varia_register_plugin. Write VARIA_PLUGIN once, outside of "
        "any unnamed namespace.");
}

TEST_CASE("a plugin with an undefined symbol names it in C++") {
  CHECK(refusal_of("undefined_symbol.so") ==
        "cannot be opened: undefined symbol elsewhere::defined_nowhere(int). Name the library that "
        "defines it in varia_add_plugin(... LIBRARIES ...).");
}

TEST_CASE("what a plugin throws while it registers is reported with its name") {
  CHECK(refusal_of("throws.so") ==
        "plugin throws 1.0.0 failed while it registered its components: the table of constants is "
        "missing");
  CHECK(refusal_of("throws_a_number.so") ==
        "plugin throws_a_number 1.0.0 failed while it registered its components: it threw "
        "something that is not a std::exception.");
}

TEST_CASE("a component whose name breaks the rules is refused") {
  CHECK(refusal_of("bad_name.so") ==
        "schedule 'Fixed Schedule': expected a name of lower case letters, digits and _, a letter "
        "first, at most 64");
}

TEST_CASE("two libraries that register one name are both named, and the first one stays") {
  Registry registry;
  PluginHost host(registry);
  const auto good = broken_plugins() / "good.so";
  const auto duplicate = broken_plugins() / "duplicate.so";
  host.load(good);
  std::string message;
  try {
    host.load(duplicate);
  } catch (const varia::PluginError& error) {
    message = error.what();
  }
  CHECK(message == duplicate.string() +
                       ": schedule 'fixed' is registered twice: by this file and by " +
                       good.string() + ". Rename one, or keep one of them off the search path");
  REQUIRE(registry.list().size() == 1);
  CHECK(registry.list().front()->plugin == "good");
  CHECK(host.loaded().size() == 1);
}

TEST_CASE("files that are no libraries are refused before they are opened") {
  TemporaryFolder folder;
  const auto file = folder.path() / "x.so";

  SECTION("no file") {
    CHECK(refusal(file) == "no such file. A plugin is built before it is used.");
  }
  SECTION("an empty file") {
    write_file(file, "");
    CHECK(refusal(file) == std::string("the file is empty. ") + kRebuildSomewhere);
  }
  SECTION("text") {
    write_file(file, std::string(1000, 'a'));
    CHECK(refusal(file) == "is not a shared library of this machine (ELF, " +
                               std::to_string(8 * sizeof(void*)) + " bit).");
  }
  SECTION("a few bytes of a library") {
    write_file(file, read_file(broken_plugins() / "good.so").substr(0, 20));
    CHECK(refusal(file) == "is not a shared library of this machine (ELF, " +
                               std::to_string(8 * sizeof(void*)) + " bit).");
  }
  SECTION("a library that was cut off") {
    const auto bytes = read_file(broken_plugins() / "good.so");
    const auto expected =
        std::string("is damaged or cut off: its table of sections cannot be read. ") +
        kRebuildSomewhere;
    for (const std::size_t size : {std::size_t{64}, bytes.size() / 2, bytes.size() - 1}) {
      write_file(file, bytes.substr(0, size));
      CHECK(refusal(file) == expected);
    }
  }
  SECTION("a named pipe") {
    REQUIRE(mkfifo(file.c_str(), 0600) == 0);
    CHECK(refusal(file) == "is a named pipe; a plugin is a shared library.");
  }
  SECTION("a folder") {
    fs::create_directory(file);
    CHECK(refusal(file) == "the folder has no plugin (*.so).");
    // Within a folder of plugins it is taken for one of them.
    Registry registry;
    PluginHost host(registry);
    host.load_search_path({file.parent_path()});
    REQUIRE(host.failures().size() == 1);
    CHECK(host.failures()[0] == file.string() + ": is a folder; a plugin is a shared library.");
  }
  SECTION("a huge sparse file") {
    write_file(file, read_file(broken_plugins() / "good.so"));
    fs::resize_file(file, std::uintmax_t{1} << 40);
    CHECK(refusal(file) == "the file has 1099511627776 bytes; a plugin has at most 1073741824.");
  }
}

TEST_CASE("a library that lies about its table of names is refused without allocating its size") {
  TemporaryFolder folder;
  const auto file = folder.path() / "x.so";
  auto bytes = read_file(broken_plugins() / "good.so");
  ElfW(Ehdr) header;
  std::memcpy(&header, bytes.data(), sizeof header);
  const auto position = header.e_shoff + header.e_shstrndx * sizeof(ElfW(Shdr));
  ElfW(Shdr) names;
  std::memcpy(&names, bytes.data() + position, sizeof names);

  SECTION("a size of 64 GiB") { names.sh_size = std::uint64_t{1} << 36; }
  SECTION("a place beyond the end") { names.sh_offset = ~decltype(names.sh_offset){0} - 8; }
  std::memcpy(bytes.data() + position, &names, sizeof names);
  write_file(file, bytes);
  CHECK(refusal(file) ==
        std::string("is damaged or cut off: its table of sections cannot be read. ") +
            kRebuildSomewhere);
}

TEST_CASE("a table of sections beyond the end of the numbers is refused") {
  TemporaryFolder folder;
  const auto file = folder.path() / "x.so";
  auto bytes = read_file(broken_plugins() / "good.so");
  ElfW(Ehdr) header;
  std::memcpy(&header, bytes.data(), sizeof header);
  header.e_shoff = ~decltype(header.e_shoff){0} - 63;
  std::memcpy(bytes.data(), &header, sizeof header);
  write_file(file, bytes);
  CHECK(refusal(file) ==
        std::string("is damaged or cut off: its table of sections cannot be read. ") +
            kRebuildSomewhere);
}
