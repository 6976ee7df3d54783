#include "pictures/export_pictures.hpp"

#include <map>

#include "pictures/frames.hpp"
#include "results/merged/results.hpp"
#include "support/catch.hpp"
#include "unit/pictures/gif_reader.hpp"
#include "unit/pictures/picture_fixtures.hpp"
#include "unit/results/results_fixtures.hpp"

namespace varia::pictures {

namespace {

using namespace results;
using pictures::to_colour;

pictures::Image image_of(const Picture& picture) {
  return {picture.height, picture.width, picture.channels, picture.pixels};
}

Picture untitled(Picture picture) {
  picture.title.clear();
  return picture;
}

/// Two trials, beta 1 and 4. `samples`: a picture at epoch 1 and one at 3. `traversal`: four
/// titled frames at epoch 3. `colour`: one picture. `plane`: a scatter plot at epoch 3, two at the
/// second trial's epoch 3.
struct Fixture {
  TemporaryFolder folder;
  std::string path;
  Fixture() : path(folder / "results.h5") {
    std::vector<PlannedTrial> plan;
    for (const double beta : {1.0, 4.0}) {
      const auto id = "00aa" + std::to_string(static_cast<int>(beta));
      plan.push_back({id, folder / (id + ".h5")});
      TrialFile file(working(plan.back().path), header_of(id, beta));
      for (std::int64_t epoch = 1; epoch <= 3; ++epoch) file.append(record_of(epoch));
      const ViewLayout layout{1, 1, 6, 8, 0};
      file.add_picture("samples", layout, untitled(picture_of(1, 6, 8)));
      file.add_picture("samples", layout, untitled(picture_of(3, 6, 8)));
      for (int frame = 0; frame < 4; ++frame) {
        auto picture = picture_of(3, 6, 8);
        picture.pixels[0] = static_cast<std::uint8_t>(frame);
        picture.title = "Dimension " + std::to_string(frame) + ": 0.4000";
        file.add_picture("traversal", layout, picture);
      }
      file.add_picture("colour", layout, untitled(picture_of(3, 6, 8, 3)));
      file.add_points("plane", points_of(3, 40));
      if (beta == 4) file.add_points("plane", points_of(3, 60));
      file.publish(TrialState::done, "", plan.back().path, true);
    }
    merge(experiment_info(), plan, path);
  }

  std::vector<PictureFile> run(const ExportOptions& options = {}) {
    return export_pictures(open_results(path), folder / "out", options);
  }
  std::string bytes(const std::string& name) { return bytes_of(folder / ("out/" + name)); }
};

std::vector<std::string> paths(const std::vector<PictureFile>& files) {
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.path);
  return names;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("every picture of every view of every trial becomes a file") {
  Fixture fixture;
  const auto files = fixture.run();
  // Trials are named by loss.beta and by the replicate that the fixtures give them.
  Paths expected;
  for (const auto& view : {"colour", "samples", "traversal", "plane"})
    for (const auto& trial : {"loss.beta=1,replicate=2", "loss.beta=4,replicate=2"}) {
      const auto stem = std::string(view) + "/" + trial;
      if (std::string(view) == "samples") {
        expected.push_back(stem + "-epoch001.png");
        expected.push_back(stem + "-epoch003.png");
      } else {
        const bool animated =
            std::string(view) == "traversal" || stem == "plane/loss.beta=4,replicate=2";
        expected.push_back(stem + (animated ? ".gif" : ".png"));
      }
    }
  CHECK(paths(files) == expected);
  Paths there;
  for (const auto& file : files) there.push_back(file.path.substr(file.path.find('/') + 1));
  std::sort(there.begin(), there.end());
  const auto on_disk = fixture.folder.files();
  for (const auto& name : there) CHECK(std::count(on_disk.begin(), on_disk.end(), name) > 0);
  for (const auto& name : on_disk) CHECK_FALSE(contains(name, ".tmp"));
}

TEST_CASE("a picture without a title is exported pixel by pixel") {
  Fixture fixture;
  fixture.run();
  CHECK(pictures::decode_png(fixture.bytes("samples/loss.beta=4,replicate=2-epoch003.png")) ==
        to_colour(image_of(picture_of(3, 6, 8))));
  CHECK(pictures::decode_png(fixture.bytes("colour/loss.beta=4,replicate=2.png")) ==
        image_of(picture_of(3, 6, 8, 3)));
}

TEST_CASE("scale enlarges every pixel to a square") {
  Fixture fixture;
  fixture.run({.views = {"samples"}, .scale = 3});
  CHECK(pictures::decode_png(fixture.bytes("samples/loss.beta=1,replicate=2-epoch001.png")) ==
        enlarge(to_colour(image_of(picture_of(1, 6, 8))), 3));
}

TEST_CASE("an animation has all frames with their titles, and the greys are exact") {
  Fixture fixture;
  fixture.run({.views = {"traversal"}, .trials = {0}, .scale = 10, .frames_per_second = 5});
  const auto gif =
      pictures::GifReader(fixture.bytes("traversal/loss.beta=1,replicate=2.gif")).read();
  REQUIRE(gif.frames.size() == 4);
  CHECK(gif.delays == std::vector<int>(4, 20));
  CHECK(gif.repetitions == 0);
  CHECK(gif.frames[0].height > 60);
  for (std::size_t frame = 0; frame < 4; ++frame) {
    auto picture = image_of(picture_of(3, 6, 8));
    picture.pixels[0] = static_cast<std::uint8_t>(frame);
    const auto large = enlarge(to_colour(picture), 10);
    const auto& whole = gif.frames[frame];
    // Below the title, in the middle of what the title made wider.
    const auto left = (whole.width - large.width) / 2;
    for (std::int64_t y = 0; y < large.height; ++y) {
      const auto* found =
          whole.pixels.data() + 3 * ((whole.height - large.height + y) * whole.width + left);
      const auto* expected = large.pixels.data() + 3 * y * large.width;
      REQUIRE(std::equal(expected, expected + 3 * large.width, found));
    }
  }
}

TEST_CASE("epochs are chosen, and a file keeps its name whichever are") {
  Fixture fixture;
  ExportOptions choice{.views = {"samples"}, .trials = {1}, .epochs = "last"};
  CHECK(paths(fixture.run(choice)) == Paths{"samples/loss.beta=4,replicate=2-epoch003.png"});
  choice.epochs = "1";
  CHECK(paths(fixture.run(choice)) == Paths{"samples/loss.beta=4,replicate=2-epoch001.png"});
  choice.epochs = "2";
  CHECK_THROWS_WITH(fixture.run(choice),
                    Catch::Matchers::ContainsSubstring("There are pictures of: 1, 3"));
  for (const auto& text : {"", "0", "-1", "first", "1x", "99999999999999999999"}) {
    choice.epochs = text;
    CHECK_THROWS_AS(fixture.run(choice), ConfigError);
  }
}

TEST_CASE("a still view is animated over its epochs if that is asked for") {
  Fixture fixture;
  const auto files =
      fixture.run({.views = {"samples", "traversal"}, .trials = {0}, .over_epochs = true});
  CHECK(paths(files) ==
        Paths{"samples/loss.beta=1,replicate=2.gif", "traversal/loss.beta=1,replicate=2.gif"});
  CHECK(files[0].epochs == std::vector<std::int64_t>{1, 3});
  CHECK(pictures::GifReader(fixture.bytes(files[0].path)).read().frames.size() == 2);
}

TEST_CASE("a sheet has a view of all trials below each other under their names") {
  Fixture fixture;
  auto files =
      fixture.run({.views = {"samples", "traversal", "plane"}, .scale = 40, .sheets = true});
  CHECK(paths(files) == Paths{"samples/sheet-epoch001.png", "samples/sheet-epoch003.png",
                              "traversal/sheet.gif", "plane/sheet.gif"});
  CHECK(files[0].trials == std::vector<std::size_t>{0, 1});
  CHECK(files[3].frames == 2);
  CHECK(files[3].height == 2 * 480);
  const auto sheet = pictures::decode_png(fixture.bytes("samples/sheet-epoch003.png"));
  const auto picture = enlarge(to_colour(image_of(picture_of(3, 6, 8))), 40);
  REQUIRE(sheet.width == picture.width);
  REQUIRE(sheet.height % 2 == 0);
  const auto half = static_cast<std::ptrdiff_t>(sheet.pixels.size() / 2);
  const auto size = static_cast<std::ptrdiff_t>(picture.pixels.size());
  REQUIRE(half > size);  // there are names
  for (const auto row_end : {half, 2 * half})
    CHECK(std::equal(picture.pixels.begin(), picture.pixels.end(),
                     sheet.pixels.begin() + row_end - size));
  CHECK_FALSE(std::equal(sheet.pixels.begin(), sheet.pixels.begin() + half - size,
                         sheet.pixels.begin() + half));

  files = fixture.run({.views = {"samples"}, .epochs = "last", .scale = 40, .sheets = true});
  CHECK(paths(files) == Paths{"samples/sheet.png"});
  CHECK(files[0].epochs == std::vector<std::int64_t>{3});
}

TEST_CASE("a sheet of many trials has rows, and is no higher than wide") {
  std::vector<pictures::Frames> cells;
  for (std::uint8_t grey = 1; grey <= 5; ++grey)
    cells.push_back({.count = 1, .height = 10, .width = 20, .frame = [grey](std::size_t) {
                       return pictures::Image{10, 20, 1, std::vector<std::uint8_t>(200, grey)};
                     }});
  const auto sheet = pictures::sheet_of(cells);
  REQUIRE(sheet.height == 30);
  REQUIRE(sheet.width == 40);
  const auto image = sheet.frame(0);
  const auto at = [&](int row, int column) {
    return int{image.pixels[static_cast<std::size_t>((row * 10 + 9) * 40 + column * 20 + 19)]};
  };
  CHECK(std::vector{at(0, 0), at(0, 1), at(1, 0), at(1, 1), at(2, 0), at(2, 1)} ==
        std::vector{1, 2, 3, 4, 5, 255});
  cells.pop_back();
  CHECK(pictures::sheet_of(cells).width == 20);
}

TEST_CASE("a view that is not there is an error that names the nearest") {
  Fixture fixture;
  CHECK_THROWS_WITH(fixture.run({.views = {"sampels"}}),
                    Catch::Matchers::ContainsSubstring("Did you mean 'samples'?"));
}

TEST_CASE("views and scatter plots of one name do not take each other's files") {
  Fixture fixture;
  {
    TrialFile file(working(fixture.folder / "both.h5"), header_of("00bb"));
    file.append(record_of(1));
    file.add_picture("both", {1, 1, 6, 8, 0}, picture_of(1, 6, 8));
    file.add_points("both", points_of(1, 3));
    file.publish(TrialState::done, "", fixture.folder / "both.h5", true);
  }
  merge(experiment_info(), {{"00bb", fixture.folder / "both.h5"}}, fixture.path, /*prune=*/true);
  CHECK(paths(fixture.run()) ==
        Paths{"both/loss.beta=1,replicate=2.png", "both/loss.beta=1,replicate=2-points.png"});
}

TEST_CASE("a folder that cannot be written to is an error that names it") {
  Fixture fixture;
  write_bytes(fixture.folder / "out", "a file");
  const auto message = error_of([&] { fixture.run(); });
  CHECK(contains(message, "cannot be made"));
  CHECK(contains(message, "/out/"));
}

TEST_CASE("a picture that would be too large is an error that names its view and trial") {
  Fixture fixture;
  const auto message = error_of([&] { fixture.run({.views = {"samples"}, .scale = 60000}); });
  CHECK(contains(message, "view samples of trial loss.beta=1"));
  CHECK(contains(message, "cannot be made"));
}

}  // namespace varia::pictures
