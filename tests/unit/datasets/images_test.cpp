#include "images/images_dataset.hpp"

#include <ATen/Functions.h>
#include <sys/stat.h>

#include <random>

#include "fixtures.hpp"
#include "pictures/encode.hpp"
#include "support/catch.hpp"
#include "varia/host/splits.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;
namespace fs = std::filesystem;

namespace {

/// A folder of images, and one for what is kept of them.
class Images {
 public:
  Images() : environment_("VARIA_DATA", (folder_ / "cache").string()) {}

  fs::path root() const { return folder_ / "images"; }
  /// The pixels 0, 1, 2, ... + first.
  void add(const std::string& name, std::int64_t height = 4, std::int64_t width = 5,
           std::int64_t channels = 1, int first = 0) const {
    pictures::Image image{height, width, channels, {}};
    for (std::int64_t i = 0; i < height * width * channels; ++i)
      image.pixels.push_back(static_cast<std::uint8_t>(i + first));
    write(name, pictures::encode_png(image));
  }
  void write(const std::string& name, const std::string& bytes) const {
    fs::create_directories((root() / name).parent_path());
    write_file(root() / name, bytes);
  }
  /// The files of the cache whose names end so.
  std::vector<fs::path> cached(const std::string& ending) const {
    std::vector<fs::path> files;
    if (!fs::exists(folder_ / "cache")) return files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "cache"))
      if (entry.path().string().ends_with(ending)) files.push_back(entry.path());
    return files;
  }

 private:
  TemporaryFolder folder_;
  Environment environment_;
};

/// Tells a file from one that was written in its place; a reader may change other times.
std::string file_written(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return std::to_string(status.st_ino) + " " + std::to_string(status.st_mtim.tv_sec) + " " +
         std::to_string(status.st_mtim.tv_nsec);
}

struct Loaded {
  std::shared_ptr<const Samples> train;
  std::shared_ptr<const Samples> test;
  std::string digest;
};

/// @param options `key: value` as of the experiment
Loaded load(const Images& images, const std::vector<std::pair<std::string, Value>>& options = {}) {
  auto map = Value::map();
  map.set("folder", Value::text(images.root().string()));
  for (const auto& [key, value] : options) map.set(key, value);
  ImagesParams params;
  params.load(map, {nullptr, "dataset images", {"x.yaml", 1, 1}, 0});
  ImagesDataset dataset(params);
  const auto digest = dataset.digest();
  const auto train = dataset.load("train");
  return {train, dataset.load("test"), digest};
}

std::string error_of(const Images& images,
                     const std::vector<std::pair<std::string, Value>>& options = {}) {
  return message_of<Error>([&] { load(images, options); });
}

/// [N, C, H, W] of bytes.
Tensor pixels_of(const Samples& samples) {
  return samples.gather(at::arange(samples.size()), at::kCPU).mul(255).round().to(at::kInt);
}

Value numbers(std::initializer_list<std::int64_t> numbers) {
  auto list = Value::list();
  for (const auto number : numbers) list.push(Value::integer(number));
  return list;
}

Tensor ramp(at::IntArrayRef sizes) {
  return at::arange(c10::multiply_integers(sizes), at::kInt).view(sizes);
}

}  // namespace

TEST_CASE("a folder of images loads as their pixels, grey or in colour") {
  const Images images;
  images.add("a.png");
  images.add("b.png", 4, 5, 1, 7);
  const auto grey = load(images);
  CHECK(grey.train->event() == std::vector<std::int64_t>{1, 4, 5});
  CHECK(pixels_of(*grey.train).equal(at::stack({ramp({1, 4, 5}), ramp({1, 4, 5}) + 7})));
  CHECK_FALSE(grey.train->annotations().labels.defined());
  CHECK(grey.test == nullptr);
  const auto as_colour = load(images, {{"channels", Value::text("3")}});
  CHECK(pixels_of(*as_colour.train).equal(pixels_of(*grey.train).expand({2, 3, 4, 5})));

  images.add("c.png", 4, 5, 3);
  const auto colour = load(images);
  CHECK(colour.train->event() == std::vector<std::int64_t>{3, 4, 5});
  CHECK(pixels_of(*colour.train)[2].equal(ramp({4, 5, 3}).permute({2, 0, 1})));
  CHECK(load(images, {{"channels", Value::text("1")}}).train->event()[0] == 1);
}

TEST_CASE("classes and test images come from the folders, or the test images are a share") {
  const Images images;
  for (int i = 0; i < 10; ++i) images.add("train/a/" + std::to_string(i) + ".png", 4, 5, 1, i);
  images.add("train/b/0.png", 4, 5, 1, 100);
  images.add("test/b/0.png", 4, 5, 1, 200);
  const auto split = load(images);
  CHECK(split.train->size() == 11);
  CHECK(split.train->annotations().labels.slice(0, 0, 3).equal(at::tensor({0, 1, 0}, at::kLong)));
  CHECK(split.test->annotations().labels.equal(at::tensor({1}, at::kLong)));
  CHECK(pixels_of(*split.test)[0][0][0][0].item<int>() == 200);
  CHECK(contains(error_of(images, {{"test", Value::real(0.5)}}), "are those of the folder 'test'"));

  fs::remove_all(images.root() / "test");
  const auto share = load(images, {{"test", Value::real(0.2)}});
  CHECK(share.train->size() == 9);
  CHECK(share.test->size() == 2);
}

TEST_CASE("crop cuts a box, or the largest one in the middle") {
  const Images images;
  images.add("a.png", 4, 7);
  const auto all = ramp({4, 7});
  const auto cut = [&](const Value& crop) {
    return pixels_of(*load(images, {{"crop", crop}}).train).squeeze();
  };
  CHECK(cut(Value::text("center")).equal(all.slice(1, 1, 5)));
  CHECK(cut(numbers({1, 2, 2, 3})).equal(all.slice(0, 1, 3).slice(1, 2, 5)));
  CHECK(contains(error_of(images, {{"crop", numbers({1, 2, 4, 3})}}),
                 "a.png: has 4x7 pixels (height x width), too few for 'crop: [1, 2, 4, 3]'."));
  for (const auto& wrong : {numbers({1, 2, 3}), numbers({0, 0, 0, 1}), numbers({-1, 0, 1, 1}),
                            Value::text("middle"), Value::map()})
    CHECK(contains(error_of(images, {{"crop", wrong}}),
                   "crop: expected none, center, or [top, left, height, width]"));
}

TEST_CASE("crop: center cuts to the proportions of size, which then scales by areas") {
  const Images images;
  images.add("a.png", 4, 9);
  const auto loaded = load(images, {{"crop", Value::text("center")}, {"size", numbers({2, 4})}});
  const auto middle = ramp({4, 9}).slice(1, 0, 8).to(at::kFloat);
  const auto expected = middle.view({2, 2, 4, 2}).mean(at::IntArrayRef{1, 3});
  CHECK((pixels_of(*loaded.train).squeeze() - expected).abs().max().item<double>() <= 0.5);
}

TEST_CASE("images of different sizes need crop or size, and the error names two that differ") {
  const Images images;
  images.add("a.png", 4, 5);
  images.add("b.png", 4, 5);
  images.add("c.png", 6, 5);
  const auto root = images.root().string();
  CHECK(contains(error_of(images), root + "/c.png: has 6x5 pixels (height x width), and " + root +
                                       "/a.png 4x5. Give all images one size by 'size: [height"));
  CHECK(contains(error_of(images, {{"crop", Value::text("center")}}), "6x5"));
  CHECK(load(images, {{"size", numbers({3, 3})}}).train->size() == 3);
  CHECK(load(images, {{"crop", numbers({0, 0, 4, 4})}}).train->size() == 3);
}

TEST_CASE("images are decoded once, and again if the cache is damaged") {
  const Images images;
  images.add("a.png");
  images.add("b.png", 4, 5, 1, 7);
  const auto expected = pixels_of(*load(images).train);
  REQUIRE(images.cached(".pixels").size() == 1);
  const auto cache = images.cached(".pixels").front();
  const auto before = file_written(cache);
  load(images);
  CHECK(file_written(cache) == before);
  CHECK(images.cached(".tmp").empty());

  std::ifstream file(cache, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(file), {}};
  for (const std::size_t place : {0UL, 20UL, 45UL, 60UL, 70UL, whole.size() - 1}) {
    auto damaged = whole;
    damaged[place] = static_cast<char>(damaged[place] ^ 1);
    write_file(cache, damaged);
    CHECK(pixels_of(*load(images).train).equal(expected));
  }
  write_file(cache, whole.substr(0, 70));
  CHECK(pixels_of(*load(images).train).equal(expected));
}

TEST_CASE("the digest follows content, names and classes, and other pixels have another cache") {
  const Images images;
  images.add("a/1.png");
  images.add("b/1.png", 4, 5, 1, 7);
  const auto digest = load(images).digest;
  CHECK(load(images).digest == digest);
  load(images, {{"size", numbers({3, 3})}});
  CHECK(images.cached(".pixels").size() == 2);

  fs::rename(images.root() / "b", images.root() / "c");
  CHECK(load(images).digest != digest);
  fs::rename(images.root() / "c", images.root() / "b");
  CHECK(load(images).digest == digest);
  images.add("b/1.png", 4, 5, 1, 8);
  CHECK(load(images).digest != digest);
}

TEST_CASE("files that are in the index are not read again, those changed just now are") {
  const Images images;
  images.add("a.png");
  const std::vector<ImageFile> files = {{images.root() / "a.png", "a.png"}};
  const auto index = images.root() / "index";
  const auto first = examine(files, index, std::chrono::hours(-1));
  const auto written = file_written(index);
  const auto again = examine(files, index, std::chrono::hours(-1));
  CHECK(file_written(index) == written);
  CHECK(again.front().digest == first.front().digest);
  CHECK(again.front().header == first.front().header);

  images.add("a.png", 4, 5, 1, 1);
  CHECK(examine(files, index, std::chrono::hours(1)).front().digest != first.front().digest);
  const auto rewritten = file_written(index);
  examine(files, index, std::chrono::hours(1));
  CHECK(file_written(index) != rewritten);

  write_file(index, "varia files 1\nrubbish");
  CHECK(examine(files, index).front().header == first.front().header);
}

TEST_CASE("a file that is not an image, is damaged, or too large is an error that names it") {
  const Images images;
  images.add("a.png");
  const auto path = (images.root() / "b.png").string();
  const auto whole = pictures::encode_png({8, 8, 3, std::vector<std::uint8_t>(192, 1)});
  images.write("b.png", "hello");
  CHECK(error_of(images).starts_with(path + ": is not an image"));
  images.write("b.png", "");
  CHECK(error_of(images) == path + ": is empty.");
  images.write("b.png", whole.substr(0, 20));
  CHECK(error_of(images) == path + ": is cut short.");
  auto huge = whole;
  huge.replace(16, 8, std::string("\0\0\xea\x60\0\0\xea\x60", 8));
  images.write("b.png", huge);
  CHECK(error_of(images).starts_with(path + ": says that it has 60000x60000 pixels"));
  images.write("b.png", "");
  fs::resize_file(path, (std::uintmax_t{1} << 28) + 1);
  CHECK(contains(error_of(images), "is larger than the 268435456 bytes"));
  fs::remove(path);
  fs::create_directory(path + ".d");
  CHECK(contains(error_of(images), "has both images (a.png) and folders (b.png.d)"));
}

TEST_CASE("mutated files are errors or images of the right size") {
  const Images images;
  images.add("a.png", 6, 6, 3);
  const auto whole = [&] {
    std::ifstream file(images.root() / "a.png", std::ios::binary);
    return std::string{std::istreambuf_iterator<char>(file), {}};
  }();
  std::mt19937 random(7);
  for (int i = 0; i < 40; ++i) {
    auto bytes = whole;
    for (int k = 0; k < 2; ++k) bytes[random() % bytes.size()] = static_cast<char>(random());
    images.write("b.png", bytes);
    const auto message = error_of(images);
    if (message == "nothing") CHECK(load(images).train->event()[1] == 6);
    if (message != "nothing") CHECK(contains(message, "b.png"));
  }
}

TEST_CASE("of many files that are damaged, the error names the first") {
  const Images images;
  for (int i = 100; i < 400; ++i) images.add(std::to_string(i) + ".png");
  const auto whole = pictures::encode_png({4, 5, 1, std::vector<std::uint8_t>(20, 9)});
  for (const auto* const name : {"250.png", "251.png", "399.png"}) images.write(name, "hello");
  CHECK(contains(error_of(images), "250.png: is not an image"));
  for (const auto* const name : {"250.png", "251.png", "399.png"})
    images.write(name, whole.substr(0, whole.size() - 6));  // found when it is decoded
  CHECK(contains(error_of(images), "250.png: is cut short."));
  CHECK(images.cached(".pixels").empty());
  CHECK(images.cached(".tmp").empty());
}

TEST_CASE("a list names the images of any folders") {
  const Images images;
  images.add("x/a.png");
  images.add("y/z/b.png", 4, 5, 1, 7);
  write_file(images.root() / "train.txt", "y/z/b.png\tdog\nx/a.png\tcat\n");
  write_file(images.root() / "test.txt", "x/a.png\tcat\n");
  auto map = Value::map();
  map.set("list", Value::text((images.root() / "train.txt").string()));
  map.set("test_list", Value::text((images.root() / "test.txt").string()));
  ImagesParams params;
  params.load(map, {nullptr, "dataset images", {"x.yaml", 1, 1}, 0});
  ImagesDataset dataset(params);
  const auto train = dataset.load("train");
  CHECK(pixels_of(*train).equal(at::stack({ramp({1, 4, 5}) + 7, ramp({1, 4, 5})})));
  CHECK(train->annotations().labels.equal(at::tensor({1, 0}, at::kLong)));
  CHECK(pixels_of(*dataset.load("test")).equal(ramp({1, 1, 4, 5})));
}

TEST_CASE("a cache that cannot be written is an error that names VARIA_DATA") {
  const Images images;
  images.add("a.png");
  write_file(images.root().parent_path() / "file", "");
  const Environment data("VARIA_DATA", (images.root().parent_path() / "file").string());
  CHECK(contains(error_of(images), "VARIA_DATA"));
}

TEST_CASE("a folder, or a list, but not both") {
  const Images images;
  images.add("a.png");
  CHECK(contains(error_of(images, {{"list", Value::text("x")}}), "one of the two"));
  CHECK(contains(error_of(images, {{"test_list", Value::text("x")}}), "give 'list' as well"));
  CHECK(contains(error_of(images, {{"size", numbers({3})}}), "expected [height, width]"));
}
