#include "images/image_list.hpp"

#include <sys/stat.h>

#include "fixtures.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;
namespace fs = std::filesystem;

namespace {

/// Empty files at these paths, and the folders in which they lie.
void touch(const TemporaryFolder& folder, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    fs::create_directories((folder / name).parent_path());
    write_file(folder / name, "");
  }
}

std::vector<std::string> names_of(const ImageList& list) {
  std::vector<std::string> names;
  for (const auto& file : list.files) names.push_back(file.name);
  return names;
}

std::vector<std::int64_t> labels_of(const ImageList& list) {
  std::vector<std::int64_t> labels;
  for (const auto& file : list.files) labels.push_back(file.label);
  return labels;
}

using Names = std::vector<std::string>;
using Labels = std::vector<std::int64_t>;

std::string folder_error(const fs::path& folder) {
  return message_of([&] { list_folder(folder); });
}

}  // namespace

TEST_CASE("a folder of images is sorted by name; hidden files and other files are left out") {
  const TemporaryFolder folder;
  touch(folder, {"b.png", "a.JPEG", "c.webp", "d.bmp", ".hidden.png", "README.txt", "labels.csv"});
  const auto list = list_folder(folder.path());
  CHECK(names_of(list) == Names{"a.JPEG", "b.png", "c.webp", "d.bmp"});
  CHECK(list.files[1].path == folder / "b.png");
  CHECK(list.train == 4);
  CHECK(list.classes.empty());
  CHECK(labels_of(list) == Labels{-1, -1, -1, -1});
}

TEST_CASE("subfolders are the classes, which take turns") {
  const TemporaryFolder folder;
  touch(folder, {"dog/1.png", "cat/1.png", "cat/2.png", "cat/3.png", "dog/2.png"});
  const auto list = list_folder(folder.path());
  CHECK(list.classes == Names{"cat", "dog"});
  CHECK(names_of(list) == Names{"cat/1.png", "dog/1.png", "cat/2.png", "dog/2.png", "cat/3.png"});
  CHECK(labels_of(list) == Labels{0, 1, 0, 1, 0});
}

TEST_CASE("train and test are the splits, and the test images have the training images' classes") {
  const TemporaryFolder folder;
  touch(folder, {"train/a/1.png", "train/b/1.png", "test/b/2.png"});
  const auto list = list_folder(folder.path());
  CHECK(list.train == 2);
  CHECK(names_of(list) == Names{"train/a/1.png", "train/b/1.png", "test/b/2.png"});
  CHECK(labels_of(list) == Labels{0, 1, 1});
  touch(folder, {"test/c/1.png"});
  CHECK(contains(folder_error(folder.path()), "test/c: is a class without training images."));
}

TEST_CASE("a class may be of trains") {
  const TemporaryFolder folder;
  touch(folder, {"car/1.png", "train/1.png"});
  CHECK(list_folder(folder.path()).classes == Names{"car", "train"});
}

TEST_CASE("a folder whose structure is not clear is one clear error") {
  const TemporaryFolder folder;
  const auto root = folder.path().string();
  SECTION("empty") { CHECK(contains(folder_error(folder.path()), root + ": has no images (.png")); }
  SECTION("not there") {
    CHECK(folder_error(folder / "no") == root + "/no: cannot be read: No such file or directory.");
  }
  SECTION("a file") {
    touch(folder, {"a.png"});
    CHECK(folder_error(folder / "a.png") == root + "/a.png: cannot be read: Not a directory.");
  }
  SECTION("an empty class") {
    touch(folder, {"a/1.png", "b/notes.txt"});
    CHECK(contains(folder_error(folder.path()), root + "/b: has no images"));
  }
  SECTION("images beside folders") {
    touch(folder, {"a/1.png", "1.png"});
    CHECK(contains(folder_error(folder.path()), "has both images (1.png) and folders (a)"));
  }
  SECTION("folders in a class") {
    touch(folder, {"a/x/1.png"});
    CHECK(
        contains(folder_error(folder.path()), root + "/a/x: is a folder in the folder of a class"));
  }
  SECTION("a validation folder") {
    touch(folder, {"train/1.png", "val/1.png"});
    CHECK(contains(folder_error(folder.path()), "has the folders train and val"));
  }
  SECTION("classes in one split alone") {
    touch(folder, {"train/1.png", "test/a/1.png"});
    CHECK(contains(folder_error(folder.path()), "is a class without training images"));
    fs::remove_all(folder / "test/a");
    touch(folder, {"test/1.png", "train/b/1.png"});
    fs::remove(folder / "train/1.png");
    CHECK(contains(folder_error(folder.path()), "in both train and test, or in neither"));
  }
  SECTION("images of another format") {
    touch(folder, {"a.png", "b.TIFF"});
    CHECK(contains(folder_error(folder.path()), "b.TIFF: is not of a format that can be read"));
  }
}

TEST_CASE("symbolic links are followed, and one that leads nowhere or in a circle is an error") {
  const TemporaryFolder folder;
  touch(folder, {"there/1.png"});
  fs::create_directory(folder / "images");
  SECTION("to an image") {
    fs::create_symlink(folder / "there/1.png", folder / "images/a.png");
    CHECK(names_of(list_folder(folder / "images")) == Names{"a.png"});
  }
  SECTION("to a class") {
    fs::create_symlink(folder / "there", folder / "images/a");
    CHECK(names_of(list_folder(folder / "images")) == Names{"a/1.png"});
  }
  SECTION("nowhere") {
    fs::create_symlink("nowhere", folder / "images/a.png");
    CHECK(contains(folder_error(folder / "images"), "a.png: cannot be read: "));
  }
  SECTION("to itself") {
    fs::create_symlink("loop", folder / "images/loop");
    CHECK(contains(folder_error(folder / "images"), "Too many levels of symbolic links"));
  }
  SECTION("to the folder in which it is") {
    fs::create_symlink(".", folder / "images/loop");
    CHECK(contains(folder_error(folder / "images"), "is a folder in the folder of a class"));
  }
}

TEST_CASE("a list names images in its order, with classes or without") {
  const TemporaryFolder folder;
  const auto lists = [&](const std::string& train, const std::string& test = "") {
    write_file(folder / "train.txt", train);
    write_file(folder / "test.txt", test);
    return read_lists(folder / "train.txt", test.empty() ? fs::path() : folder / "test.txt");
  };
  const auto plain = lists("x/b c.png\r\n\n/abs/a.png\n");
  CHECK(names_of(plain) == Names{"x/b c.png", "/abs/a.png"});
  CHECK(plain.files[0].path == folder / "x/b c.png");
  CHECK(plain.files[1].path == "/abs/a.png");
  CHECK(labels_of(plain) == Labels{-1, -1});

  const auto named = lists("a\tdog\nb\tcat\nc\tdog\n", "d\tdog\n");
  CHECK(labels_of(named) == Labels{1, 0, 1, 1});
  CHECK(named.train == 3);
  CHECK(named.classes == Names{"cat", "dog"});
  const auto numbered = lists("a\t10\nb\t2\n", "c\t10\n");
  CHECK(labels_of(numbered) == Labels{10, 2, 10});
  CHECK(numbered.classes.empty());  // a number is its own name
}

TEST_CASE("what is wrong with a list is an error with its line") {
  const TemporaryFolder folder;
  const auto error = [&](const std::string& train, const std::string& test = "") {
    write_file(folder / "train.txt", train);
    write_file(folder / "test.txt", test);
    return message_of(
        [&] { read_lists(folder / "train.txt", test.empty() ? fs::path() : folder / "test.txt"); });
  };
  CHECK(contains(error(""), "train.txt: lists no images."));
  CHECK(contains(error("a\tx\nb\n"), "train.txt:2: expected a class behind a tab on every line"));
  CHECK(contains(error("a\nb\tx\n"), "train.txt:2: expected a class behind a tab on every line"));
  CHECK(contains(error("\tx\n"), "train.txt:1: expected the path of an image"));
  CHECK(contains(error("a\tx\n", "b\ty\n"), "test.txt: has the class y, which has no training"));
  CHECK(contains(error("a\tx\n", "b\n"), "test.txt: expected classes in both lists"));
  CHECK(contains(message_of([&] { read_lists(folder.path(), {}); }), "found a folder"));
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(contains(message_of([&] { read_lists(folder / "pipe", {}); }), "found a pipe"));
}
