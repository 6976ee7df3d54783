#include "host/abi_tag.hpp"

#include <torch/version.h>

#include "support/catch.hpp"
#include "test_files.hpp"
#include "varia/plugin.hpp"

using varia::host::abi_mismatch;
using varia::host::AbiTag;
using varia::host::own_abi_tag;
using varia::host::read_abi_tag;
using varia::host::rebuild_command;

TEST_CASE("the tag of this program says interface, LibTorch, compiler and library variants") {
  const auto tag = own_abi_tag();
  REQUIRE(tag.fields.size() == 5);
  CHECK(tag.value("api") == VARIA_ABI_API);
  CHECK(tag.value("torch") == TORCH_VERSION);
  CHECK(tag.value("compiler").find('-') != std::string::npos);
  CHECK_FALSE(tag.value("string").empty());
  CHECK_FALSE(tag.value("stl").empty());
}

TEST_CASE("a plugin of this build has the tag of this program, stripped or not") {
  for (const char* name : {"good.so", "stripped.so"}) {
    const auto tag = read_abi_tag(broken_plugins() / name);
    CHECK(tag.fields.size() == 5);
    CHECK(abi_mismatch(tag, own_abi_tag()).empty());
  }
}

TEST_CASE("the tag is read without opening the library") {
  CHECK(read_abi_tag(broken_plugins() / "undefined_symbol.so").value("api") == VARIA_ABI_API);
  CHECK(read_abi_tag(broken_plugins() / "wrong_torch.so").value("torch") == "9.9.9");
}

TEST_CASE("a mismatch names both sides of every field that differs and of no other") {
  const AbiTag own{{{"api", "1"}, {"torch", "1.13.0"}, {"compiler", "gcc-12"}}};
  const AbiTag same = own;
  const AbiTag two{{{"api", "1"}, {"torch", "2.6.0"}, {"compiler", "gcc-14"}}};
  const AbiTag strange{{{"api", "1"}, {"torch", "1.13.0"}, {"cuda", "14"}}};
  CHECK(abi_mismatch(same, own).empty());
  CHECK(abi_mismatch(two, own) ==
        "built for LibTorch 2.6.0, compiler gcc-14; this program has LibTorch 1.13.0, compiler "
        "gcc-12");
  CHECK(abi_mismatch(strange, own) ==
        "built for no compiler, cuda 14; this program has compiler gcc-12, no cuda");
}

TEST_CASE("the command that rebuilds a plugin names the build folder in which it lies") {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "a build/plugins");
  const auto file = folder.path() / "a build/plugins/x.so";
  CHECK(rebuild_command(file) == "cmake --build DIR --clean-first (DIR: where it was built)");
  write_file(folder.path() / "a build/CMakeCache.txt", "");
  CHECK(rebuild_command(file) ==
        "cmake --build \"" + (folder.path() / "a build").string() + "\" --clean-first");
}
