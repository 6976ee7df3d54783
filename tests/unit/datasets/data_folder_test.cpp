#include "varia/data_folder.hpp"
#include "fixtures.hpp"
#include "support/catch.hpp"
#include "varia/parameters.hpp"

using namespace varia;
using namespace varia::datasets::testing;
namespace fs = std::filesystem;

namespace {

/// A program for VARIA_FETCH_DATA.
fs::path script(const TemporaryFolder& folder, const std::string& body) {
  const auto path = folder / "fetch";
  write_file(path, "#!/bin/sh\n" + body + "\n");
  fs::permissions(path, fs::perms::owner_all);
  return path;
}

struct OnePath final : ParamSet {
  Text path{this, "path", kUnset, ""};
};

}  // namespace

TEST_CASE("data lies in VARIA_DATA, else in the cache of the home folder") {
  const Environment data("VARIA_DATA", "/somewhere");
  CHECK(data_folder() == "/somewhere");
  const Environment none("VARIA_DATA", nullptr);
  const Environment home("HOME", "/home/ada");
  CHECK(data_folder() == "/home/ada/.cache/varia");
  const Environment nobody("HOME", nullptr);
  CHECK(contains(message_of([] { data_folder(); }), "neither VARIA_DATA nor HOME is set"));
}

TEST_CASE("data that is there is used without running anything") {
  const TemporaryFolder folder;
  const Environment data("VARIA_DATA", folder.path().string());
  const Environment fetch("VARIA_FETCH_DATA", "/bin/false");
  fs::create_directory(folder / "digits");
  write_file(folder / "digits/images", "x");
  CHECK(require_data("digits", {"images"}) == folder / "digits");
}

TEST_CASE("data that is missing is fetched") {
  const TemporaryFolder folder;
  const Environment data("VARIA_DATA", (folder / "data").string());
  const auto program =
      script(folder, "mkdir -p \"$VARIA_DATA/$1\" && echo x >\"$VARIA_DATA/$1/images\"");
  const Environment fetch("VARIA_FETCH_DATA", program.string());
  CHECK(require_data("digits", {"images"}) == folder / "data/digits");
}

TEST_CASE("data that cannot be fetched is an error that says what is missing and why") {
  const TemporaryFolder folder;
  const Environment data("VARIA_DATA", folder.path().string());
  fs::create_directory(folder / "digits");
  write_file(folder / "digits/images", "x");
  const auto message = [] {
    return message_of([] { require_data("digits", {"images", "labels"}); });
  };

  SECTION("the program fails") {
    const Environment fetch("VARIA_FETCH_DATA", script(folder, "exit 3").string());
    CHECK(contains(message(), (folder / "digits").string() + ": data set digits: missing here: "
                                                             "labels. "));
    CHECK(contains(message(), "it ended with code 3"));
  }
  SECTION("the program is killed") {
    const Environment fetch("VARIA_FETCH_DATA", script(folder, "kill -9 $$").string());
    CHECK(contains(message(), "it ended by signal 9"));
  }
  SECTION("the program ends well without bringing the files") {
    const Environment fetch("VARIA_FETCH_DATA", script(folder, "exit 0").string());
    CHECK(contains(message(), "ended without an error, but did not bring it"));
  }
  SECTION("there is no such program") {
    const Environment fetch("VARIA_FETCH_DATA", "/nowhere/fetch-data");
    CHECK(contains(message(), "it cannot be started: No such file or directory"));
  }
}

TEST_CASE("a relative path starts at the file in which it is written") {
  const auto read = [](const std::string& path, const Location& where) {
    OnePath params;
    params.load(Value::map({{"path", Value::scalar(path, false, where), where}}), {});
    return input_path(params.path);
  };
  CHECK(read("a.idx", {"experiments/x.yaml", 3, 7}) == "experiments/a.idx");
  CHECK(read("a.idx", {"x.yaml", 3, 7}) == "a.idx");
  CHECK(read("/data/a.idx", {"experiments/x.yaml", 3, 7}) == "/data/a.idx");
  CHECK(read("a.idx", {"command line", 0, 0}) == "a.idx");
}

TEST_CASE("if VARIA_FILES_FOLDER has a copy of a file, the copy is read") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "copies/data/mine");
  write_file(folder / "copies/data/mine/a.pt", "as it was");
  const Environment copies("VARIA_FILES_FOLDER", (folder / "copies").string());
  const auto read = [](const std::string& path) {
    OnePath params;
    const Location where{"/data/experiments/x.yaml", 3, 7};
    params.load(Value::map({{"path", Value::scalar(path, false, where), where}}), {});
    CHECK(written_path(Value::scalar(path, false, where)).lexically_normal() ==
          fs::path("/data/experiments").append(path).lexically_normal());
    return input_path(params.path);
  };
  CHECK(read("../mine/a.pt") == folder / "copies/data/mine/a.pt");
  CHECK(read("/data/mine/a.pt") == folder / "copies/data/mine/a.pt");
  CHECK(read("../mine/b.pt") == "/data/experiments/../mine/b.pt");
}
